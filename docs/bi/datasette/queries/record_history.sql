-- How a record fell
-- Every record over a distance (400m, 1K, 1 mile, 5K, 10K ...), one below the other; empty for 5K.
SELECT local_date, elapsed_time_s, pace_min_per_km, improvement_s, beaten_date, is_current,
  'https://www.strava.com/activities/' || activity_id AS strava_url
FROM personal_records
WHERE name = coalesce(nullif(:distance, ''), '5K')
ORDER BY sport_group, record_index
