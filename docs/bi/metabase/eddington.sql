-- Eddington numbers and what the next one takes: table.
SELECT sport_group, unit, eddington_number, next_target, days_done, days_needed
FROM eddington
ORDER BY unit, eddington_number DESC
