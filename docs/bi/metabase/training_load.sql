-- Fitness, fatigue and form: lines, x date.
-- Variables: since (date, optional).
SELECT date, ctl AS fitness, atl AS fatigue, tsb AS form, load
FROM daily_load
WHERE 1 = 1
  [[AND date >= {{since}}]]
ORDER BY date
