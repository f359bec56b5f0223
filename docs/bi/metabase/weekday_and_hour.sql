-- When I train: pivot table, rows hour, columns weekday, values activity_count.
SELECT weekday, weekday_name, hour, count(*) AS activity_count, sum(moving_time_h) AS moving_time_h
FROM activity_facts
WHERE hour IS NOT NULL
GROUP BY weekday, weekday_name, hour
ORDER BY weekday, hour
