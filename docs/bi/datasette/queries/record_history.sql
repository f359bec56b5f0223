-- How a record fell
-- Every record over a distance (400m, 1K, 1 mile, 5K, 10K ...), one below the other; empty for 5K. Athlete: an athlete_id; empty for all.
SELECT trim(coalesce(first_name, '') || ' ' || coalesce(last_name, '')) AS athlete,
  local_date, elapsed_time_s, pace_min_per_km, improvement_s, beaten_date, is_current,
  'https://www.strava.com/activities/' || activity_id AS strava_url
FROM personal_records
JOIN athletes ON athletes.athlete_id = personal_records.athlete_id
WHERE lower(name) = lower(coalesce(nullif(:distance, ''), '5K'))
  AND (coalesce(:athlete, '') = '' OR personal_records.athlete_id = :athlete)
ORDER BY athlete, sport_group, record_index
