-- When I train
-- Activities and hours by weekday and hour of the local clock. Sport group empty: every one.
SELECT weekday, weekday_name, hour, count(*) AS activity_count, sum(moving_time_h) AS moving_time_h
FROM activity_facts
WHERE hour IS NOT NULL AND (sport_group = :sport_group OR coalesce(:sport_group, '') = '')
GROUP BY weekday, weekday_name, hour
ORDER BY weekday, hour
