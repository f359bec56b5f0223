-- Years compared, month by month
-- Distance per month and year. Sport group: run, ride ...; empty for all together.
SELECT cast(strftime('%m', period_start) AS INTEGER) AS month, year, distance_km, moving_time_h, activity_count
FROM period_summary
WHERE period_type = 'month' AND sport_group = coalesce(nullif(:sport_group, ''), 'all')
ORDER BY month, year
