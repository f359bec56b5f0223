-- Records that stand
-- The best time over each standard distance, and when it was set.
SELECT sport_group, personal_records.name AS distance, elapsed_time_s, pace_min_per_km, pace_min_per_mi, local_date, improvement_s,
  record_index, 'https://www.strava.com/activities/' || activity_id AS strava_url
FROM personal_records
WHERE is_current
ORDER BY sport_group, distance_m
