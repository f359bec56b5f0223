-- Streaks
-- The longest rows of days and of weeks with an activity, and those that still go on. Athlete: an athlete_id; empty for all.
SELECT sport_group, period_type, length, start_date, end_date, activity_count, is_longest, is_current
FROM streaks
WHERE (is_longest OR is_current)
  AND (coalesce(:athlete, '') = '' OR athlete_id = :athlete)
ORDER BY length DESC
