-- Records that stand: table.
-- Variables: athlete_id (number, optional).
SELECT trim(coalesce(athletes.first_name, '') || ' ' || coalesce(athletes.last_name, '')) AS athlete,
  sport_group, personal_records.name AS distance, elapsed_time_s, pace_min_per_km, local_date, improvement_s
FROM personal_records
JOIN athletes ON athletes.athlete_id = personal_records.athlete_id
WHERE is_current
  [[AND personal_records.athlete_id = {{athlete_id}}]]
ORDER BY athlete, sport_group, distance_m
