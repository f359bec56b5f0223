-- Pace against climb
-- Kilometres of runs between 950 and 1050 m with their climb; set min_m and max_m for others. Athlete: an athlete_id; empty for all.
SELECT elevation_difference_m, grade_pct, pace_min_per_km, average_heartrate_bpm, distance_m, sport_type, local_date, activity_id
FROM split_pace
WHERE unit = 'km' AND elevation_difference_m IS NOT NULL
  AND distance_m BETWEEN cast(coalesce(nullif(:min_m, ''), 950) AS REAL) AND cast(coalesce(nullif(:max_m, ''), 1050) AS REAL)
  AND (coalesce(:athlete, '') = '' OR athlete_id = :athlete)
ORDER BY elevation_difference_m
