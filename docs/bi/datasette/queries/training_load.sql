-- Fitness, fatigue and form
-- The last days (90) of daily_load. Athlete: an athlete_id; empty for who did most.
SELECT date, load, ctl AS fitness, atl AS fatigue, tsb AS form, acute_chronic_ratio, rolling_7d_distance_km
FROM daily_load
WHERE athlete_id = coalesce(
  cast(nullif(:athlete, '') AS INTEGER),
  (SELECT athlete_id FROM activity_facts GROUP BY athlete_id ORDER BY count(*) DESC, athlete_id LIMIT 1)
)
ORDER BY date DESC
-- What is no number counts as none.
LIMIT coalesce(nullif(cast(:days AS INTEGER), 0), 90)
