-- Fitness, fatigue and form: lines, x date.
-- Variables: since (date, optional), athlete_id (number, optional: who did most).
SELECT date, ctl AS fitness, atl AS fatigue, tsb AS form, load
FROM daily_load
WHERE athlete_id = coalesce(
  [[{{athlete_id}},]]
  (SELECT athlete_id FROM activity_facts GROUP BY athlete_id ORDER BY count(*) DESC, athlete_id LIMIT 1),
  NULL -- coalesce takes two at least
)
  [[AND date >= {{since}}]]
ORDER BY date
