-- Gear mileage
-- Bikes and shoes by distance; with_components = 1 shows chains and tyres, too. Athlete: an athlete_id; empty for all.
SELECT gear_name, gear_type, component_type, brand, model, activity_count, round(distance_km, 1) AS distance_km,
  round(distance_mi, 1) AS distance_mi, round(moving_time_h, 1) AS moving_time_h,
  first_used_date, last_used_date
FROM gear_mileage
WHERE (part = 'gear' OR :with_components = '1')
  AND (coalesce(:athlete, '') = '' OR athlete_id = :athlete)
ORDER BY gear_type, gear_name, part_index
