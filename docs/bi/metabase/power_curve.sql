-- Power curve of each year: lines, x duration_s (logarithmic), y power_w, series year.
-- Variables: sport_group (text, default ride), athlete_id (number, optional).
SELECT power_curve.duration_s, activity_facts.year, max(power_curve.power_w) AS power_w
FROM power_curve
JOIN activity_facts ON activity_facts.activity_id = power_curve.activity_id
WHERE activity_facts.sport_group = {{sport_group}}
  [[AND athlete_id = {{athlete_id}}]]
GROUP BY power_curve.duration_s, activity_facts.year
ORDER BY power_curve.duration_s, activity_facts.year
