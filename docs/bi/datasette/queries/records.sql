-- Records that stand
-- The best time over each standard distance, and when it was set. Athlete: an athlete_id; empty for all.
SELECT trim(coalesce(athletes.first_name, '') || ' ' || coalesce(athletes.last_name, '')) AS athlete,
  personal_records.sport_group, personal_records.name AS distance, elapsed_time_s, personal_records.pace_min_per_km,
  personal_records.pace_min_per_mi, personal_records.local_date, improvement_s,
  record_index, strava_url
FROM personal_records
JOIN activity_facts ON activity_facts.activity_id = personal_records.activity_id
JOIN athletes ON athletes.athlete_id = personal_records.athlete_id
WHERE is_current
  AND (coalesce(:athlete, '') = '' OR personal_records.athlete_id = :athlete)
ORDER BY athlete, personal_records.sport_group, distance_m
