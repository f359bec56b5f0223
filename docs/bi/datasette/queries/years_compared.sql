-- Years compared, month by month
-- Distance per month and year. Sport group: run, ride ..., all; empty for the one with most activities. Athlete: an athlete_id; empty for all.
SELECT cast(strftime('%m', period_start) AS INTEGER) AS month, year, round(distance_km, 1) AS distance_km, round(moving_time_h, 1) AS moving_time_h, activity_count
FROM period_summary
WHERE period_type = 'month' AND sport_group = lower(coalesce(
    nullif(:sport_group, ''),
    (SELECT sport_group FROM activity_facts WHERE coalesce(:athlete, '') = '' OR athlete_id = :athlete
     GROUP BY sport_group ORDER BY count(*) DESC, sport_group LIMIT 1)
  ))
  AND (coalesce(:athlete, '') = '' OR athlete_id = :athlete)
ORDER BY month, year
