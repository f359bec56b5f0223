-- Fitness, fatigue and form
-- The last days (90) of daily_load.
SELECT date, load, ctl AS fitness, atl AS fatigue, tsb AS form, acute_chronic_ratio, rolling_7d_distance_km
FROM daily_load
ORDER BY date DESC
LIMIT cast(coalesce(nullif(:days, ''), 90) AS INTEGER)
