-- Best efforts
-- The twenty fastest stretches over a distance (400m, 1K, 1 mile, 5K, 10K ...); empty for 5K. Athlete: an athlete_id; empty for all.
SELECT activity_facts.local_date, activity_facts.name, cast(round(best_efforts.elapsed_time_s) AS INTEGER) AS elapsed_time_s,
  round(best_efforts.elapsed_time_s / 60.0 * 1000.0 / best_efforts.distance_m, 2) AS pace_min_per_km,
  best_efforts.source, activity_facts.strava_url
FROM best_efforts
JOIN activity_facts ON activity_facts.activity_id = best_efforts.activity_id
WHERE lower(best_efforts.name) = lower(coalesce(nullif(:distance, ''), '5K'))
  AND (coalesce(:athlete, '') = '' OR athlete_id = :athlete)
  -- Strava's word before ours, where there are both.
  AND (best_efforts.source = 'api' OR NOT EXISTS (
    SELECT 1 FROM best_efforts AS theirs
    WHERE theirs.activity_id = best_efforts.activity_id AND theirs.name = best_efforts.name AND theirs.source = 'api'
  ))
ORDER BY best_efforts.elapsed_time_s
LIMIT 20
