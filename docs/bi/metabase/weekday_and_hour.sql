-- When I train: pivot table, rows hour, columns weekday, values activity_count.
-- Variables: athlete_id (number, optional).
SELECT weekday, weekday_name, hour, count(*) AS activity_count, sum(moving_time_h) AS moving_time_h
FROM activity_facts
WHERE hour IS NOT NULL
  [[AND athlete_id = {{athlete_id}}]]
GROUP BY weekday, weekday_name, hour
ORDER BY weekday, hour
