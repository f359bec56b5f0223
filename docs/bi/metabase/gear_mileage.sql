-- Use of bikes and shoes: bars, x gear_name, y distance_km.
-- Variables: gear_type (text, optional: bike or shoe), athlete_id (number, optional).
SELECT gear_name, gear_type, distance_km, moving_time_h, activity_count, first_used_date, last_used_date
FROM gear_mileage
WHERE part = 'gear'
  [[AND gear_type = {{gear_type}}]]
  [[AND athlete_id = {{athlete_id}}]]
ORDER BY distance_km DESC
