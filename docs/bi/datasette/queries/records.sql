-- Records that stand
-- The best time over each standard distance, and when it was set. Athlete: an athlete_id; empty for all.
SELECT trim(coalesce(athletes.first_name, '') || ' ' || coalesce(athletes.last_name, '')) AS athlete,
  sport_group, personal_records.name AS distance, elapsed_time_s, pace_min_per_km, pace_min_per_mi, local_date, improvement_s,
  record_index, 'https://www.strava.com/activities/' || activity_id AS strava_url
FROM personal_records
JOIN athletes ON athletes.athlete_id = personal_records.athlete_id
WHERE is_current
  AND (coalesce(:athlete, '') = '' OR personal_records.athlete_id = :athlete)
ORDER BY athlete, sport_group, distance_m
