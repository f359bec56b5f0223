-- Fitness, fatigue and form
-- The last days (90) of daily_load. Athlete: an athlete_id; empty for who did most.
SELECT date, cast(round(load) AS INTEGER) AS load, round(ctl, 1) AS fitness, round(atl, 1) AS fatigue, round(tsb, 1) AS form,
  round(acute_chronic_ratio, 2) AS acute_chronic_ratio, round(rolling_7d_distance_km, 1) AS rolling_7d_distance_km
FROM daily_load
WHERE athlete_id = coalesce(
  cast(nullif(:athlete, '') AS INTEGER),
  (SELECT athlete_id FROM activity_facts GROUP BY athlete_id ORDER BY count(*) DESC, athlete_id LIMIT 1)
)
ORDER BY date DESC
-- What is no number counts as none.
LIMIT coalesce(nullif(cast(:days AS INTEGER), 0), 90)
