-- Fitness, fatigue and form
-- The last days (90) of daily_load. Athlete: an athlete_id; empty for all.
SELECT date, load, ctl AS fitness, atl AS fatigue, tsb AS form, acute_chronic_ratio, rolling_7d_distance_km
FROM daily_load
WHERE (coalesce(:athlete, '') = '' OR athlete_id = :athlete)
ORDER BY date DESC
-- What is no number counts as none.
LIMIT coalesce(nullif(cast(:days AS INTEGER), 0), 90)
