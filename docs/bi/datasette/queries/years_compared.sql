-- Years compared, month by month
-- Distance per month and year. Sport group: run, ride ...; empty for all together. Athlete: an athlete_id; empty for all.
SELECT cast(strftime('%m', period_start) AS INTEGER) AS month, year, distance_km, moving_time_h, activity_count
FROM period_summary
WHERE period_type = 'month' AND sport_group = lower(coalesce(nullif(:sport_group, ''), 'all'))
  AND (coalesce(:athlete, '') = '' OR athlete_id = :athlete)
ORDER BY month, year
