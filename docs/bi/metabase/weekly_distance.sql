-- Weekly distance by sport: stacked bars, x week_start, y distance_km, series sport_group.
-- Variables: sport_group (text, optional), since (date, optional), athlete_id (number, optional).
SELECT period_start AS week_start, sport_group, sum(distance_km) AS distance_km
FROM period_summary
WHERE period_type = 'week' AND sport_group <> 'all'
  [[AND sport_group = {{sport_group}}]]
  [[AND period_start >= {{since}}]]
  [[AND athlete_id = {{athlete_id}}]]
GROUP BY period_start, sport_group
ORDER BY period_start, sport_group
