-- Power curve of each year: lines, x duration_s (logarithmic), y power_w, series year.
SELECT power_curve.duration_s, activity_facts.year, max(power_curve.power_w) AS power_w
FROM power_curve
JOIN activity_facts ON activity_facts.activity_id = power_curve.activity_id
GROUP BY power_curve.duration_s, activity_facts.year
ORDER BY power_curve.duration_s, activity_facts.year
