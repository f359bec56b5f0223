-- How a record fell
-- Every record over a distance (400m, 1K, 1 mile, 5K, 10K ...), one below the other; empty for 5K. Athlete: an athlete_id; empty for all.
SELECT local_date, elapsed_time_s, pace_min_per_km, improvement_s, beaten_date, is_current,
  'https://www.strava.com/activities/' || activity_id AS strava_url
FROM personal_records
WHERE lower(name) = lower(coalesce(nullif(:distance, ''), '5K'))
  AND (coalesce(:athlete, '') = '' OR athlete_id = :athlete)
ORDER BY athlete_id, sport_group, record_index
