-- Fitness, fatigue and form: lines, x date.
-- Variables: since (date, optional), athlete_id (number, optional): choose one where the database holds several.
SELECT date, ctl AS fitness, atl AS fatigue, tsb AS form, load
FROM daily_load
WHERE 1 = 1
  [[AND date >= {{since}}]]
  [[AND athlete_id = {{athlete_id}}]]
ORDER BY date
