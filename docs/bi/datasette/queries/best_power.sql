-- Power curve
-- The highest average power over each duration since a day (2024-01-01; empty for ever) in a sport group (ride). Athlete: an athlete_id; empty for all.
SELECT duration_s, max(power_w) AS power_w, local_date, name, strava_url
FROM power_curve
JOIN activity_facts ON activity_facts.activity_id = power_curve.activity_id
WHERE local_date >= coalesce(:since, '')
  AND sport_group = lower(coalesce(nullif(:sport_group, ''), 'ride'))
  AND (coalesce(:athlete, '') = '' OR athlete_id = :athlete)
GROUP BY duration_s
ORDER BY duration_s
