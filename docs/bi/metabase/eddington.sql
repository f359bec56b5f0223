-- Eddington numbers and what the next one takes: table.
-- Variables: athlete_id (number, optional).
SELECT trim(coalesce(athletes.first_name, '') || ' ' || coalesce(athletes.last_name, '')) AS athlete,
  sport_group, unit, eddington_number, next_target, days_done, days_needed
FROM eddington
JOIN athletes ON athletes.athlete_id = eddington.athlete_id
WHERE 1 = 1
  [[AND eddington.athlete_id = {{athlete_id}}]]
ORDER BY athlete, unit, eddington_number DESC
