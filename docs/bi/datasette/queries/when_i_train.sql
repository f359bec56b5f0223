-- When I train
-- Activities and hours by weekday and hour of the local clock. Sport group empty: every one. Athlete: an athlete_id; empty for all.
SELECT weekday, weekday_name, hour, count(*) AS activity_count, round(sum(moving_time_h), 1) AS moving_time_h
FROM activity_facts
WHERE hour IS NOT NULL AND (sport_group = lower(:sport_group) OR coalesce(:sport_group, '') = '')
  AND (coalesce(:athlete, '') = '' OR athlete_id = :athlete)
GROUP BY weekday, weekday_name, hour
ORDER BY weekday, hour
