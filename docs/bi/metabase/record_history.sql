-- How the record over a distance fell: stepped line, x local_date, y elapsed_time_s.
-- Variables: distance (text, default 5K), athlete_id (number, optional: who did most).
SELECT local_date, elapsed_time_s, pace_min_per_km, improvement_s
FROM personal_records
WHERE name = {{distance}}
  AND athlete_id = coalesce(
    [[{{athlete_id}},]]
    (SELECT athlete_id FROM activity_facts GROUP BY athlete_id ORDER BY count(*) DESC, athlete_id LIMIT 1),
    NULL -- coalesce takes two at least
  )
ORDER BY local_date, record_index
