-- What was done on each day, rest days too: bars or a calendar, x date, y moving_time_h.
-- Variables: year (number, optional), athlete_id (number, optional).
SELECT dates.date, dates.iso_week, dates.weekday, dates.weekday_name, count(activity_facts.activity_id) AS activity_count,
  coalesce(sum(activity_facts.moving_time_h), 0) AS moving_time_h
FROM dates
LEFT JOIN activity_facts ON activity_facts.local_date = dates.date
  [[AND athlete_id = {{athlete_id}}]]
WHERE 1 = 1
  [[AND dates.year = {{year}}]]
GROUP BY dates.date, dates.iso_week, dates.weekday, dates.weekday_name
ORDER BY dates.date
