-- Time in heart-rate zones, by month
-- Hours per month and zone; zones are the account's, else Strava's percentages. Athlete: an athlete_id; empty for all.
SELECT month_start, zone_index, round(sum(time_s) / 3600.0, 1) AS time_h
FROM zone_times
JOIN activity_facts ON activity_facts.activity_id = zone_times.activity_id
WHERE zone_type = 'heartrate'
  AND (coalesce(:athlete, '') = '' OR athlete_id = :athlete)
GROUP BY month_start, zone_index
ORDER BY month_start DESC, zone_index
