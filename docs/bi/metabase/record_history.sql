-- How the record over a distance fell: stepped line, x local_date, y elapsed_time_s.
-- Variables: distance (text, default 5K), athlete_id (number, optional).
SELECT local_date, elapsed_time_s, pace_min_per_km, improvement_s
FROM personal_records
WHERE name = {{distance}}
  [[AND athlete_id = {{athlete_id}}]]
ORDER BY local_date, record_index
