-- Power curve
-- The highest average power over each duration since a day (2024-01-01; empty for ever) in a sport group (ride, run ...; empty for the one with most power). Athlete: an athlete_id; empty for all.
SELECT duration_s, cast(round(max(power_w)) AS INTEGER) AS power_w, local_date, name, strava_url
FROM power_curve
JOIN activity_facts ON activity_facts.activity_id = power_curve.activity_id
WHERE local_date >= coalesce(:since, '')
  AND sport_group = lower(coalesce(
    nullif(:sport_group, ''),
    (SELECT sport_group FROM power_curve JOIN activity_facts ON activity_facts.activity_id = power_curve.activity_id
     WHERE coalesce(:athlete, '') = '' OR athlete_id = :athlete
     GROUP BY sport_group ORDER BY count(*) DESC, sport_group LIMIT 1)
  ))
  AND (coalesce(:athlete, '') = '' OR athlete_id = :athlete)
GROUP BY duration_s
ORDER BY duration_s
