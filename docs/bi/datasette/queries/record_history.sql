-- How a record fell
-- Every record over a distance (400m, 1K, 1 mile, 5K, 10K ...), one below the other; empty for 5K. Athlete: an athlete_id; empty for all.
SELECT trim(coalesce(first_name, '') || ' ' || coalesce(last_name, '')) AS athlete,
  personal_records.local_date, cast(round(elapsed_time_s) AS INTEGER) AS elapsed_time_s,
  round(personal_records.pace_min_per_km, 2) AS pace_min_per_km, cast(round(improvement_s) AS INTEGER) AS improvement_s, beaten_date, is_current,
  strava_url
FROM personal_records
JOIN activity_facts ON activity_facts.activity_id = personal_records.activity_id
JOIN athletes ON athletes.athlete_id = personal_records.athlete_id
WHERE lower(personal_records.name) = lower(coalesce(nullif(:distance, ''), '5K'))
  AND (coalesce(:athlete, '') = '' OR personal_records.athlete_id = :athlete)
ORDER BY athlete, personal_records.sport_group, record_index
