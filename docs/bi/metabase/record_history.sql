-- How the record over a distance fell: stepped line, x local_date, y elapsed_time_s.
-- Variables: distance (text, default 5K).
SELECT local_date, elapsed_time_s, pace_min_per_km, improvement_s
FROM personal_records
WHERE name = {{distance}}
ORDER BY local_date, record_index
