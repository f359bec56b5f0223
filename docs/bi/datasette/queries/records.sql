-- Records that stand
-- The best time over each standard distance, and when it was set. Athlete: an athlete_id; empty for all.
SELECT trim(coalesce(athletes.first_name, '') || ' ' || coalesce(athletes.last_name, '')) AS athlete,
  personal_records.sport_group, personal_records.name AS distance, cast(round(elapsed_time_s) AS INTEGER) AS elapsed_time_s,
  round(personal_records.pace_min_per_km, 2) AS pace_min_per_km, round(personal_records.pace_min_per_mi, 2) AS pace_min_per_mi,
  personal_records.local_date, cast(round(improvement_s) AS INTEGER) AS improvement_s,
  record_index, strava_url
FROM personal_records
JOIN activity_facts ON activity_facts.activity_id = personal_records.activity_id
JOIN athletes ON athletes.athlete_id = personal_records.athlete_id
WHERE is_current
  AND (coalesce(:athlete, '') = '' OR personal_records.athlete_id = :athlete)
ORDER BY athlete, personal_records.sport_group, distance_m
