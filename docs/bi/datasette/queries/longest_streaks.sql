-- Streaks
-- The longest rows of days and of weeks with an activity, and those that still go on.
SELECT sport_group, period_type, length, start_date, end_date, activity_count, is_longest, is_current
FROM streaks
WHERE is_longest OR is_current
ORDER BY length DESC
