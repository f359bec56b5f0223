-- Pace against climb
-- Kilometres of runs between 950 and 1050 m with their climb; set min_m and max_m for others. Athlete: an athlete_id; empty for all.
SELECT round(elevation_difference_m, 1) AS elevation_difference_m, round(grade_pct, 2) AS grade_pct,
  round(pace_min_per_km, 2) AS pace_min_per_km, cast(round(average_heartrate_bpm) AS INTEGER) AS average_heartrate_bpm,
  cast(round(distance_m) AS INTEGER) AS distance_m, sport_type, local_date, activity_id
FROM split_pace
WHERE unit = 'km' AND elevation_difference_m IS NOT NULL
  AND distance_m BETWEEN cast(coalesce(nullif(:min_m, ''), 950) AS REAL) AND cast(coalesce(nullif(:max_m, ''), 1050) AS REAL)
  AND (coalesce(:athlete, '') = '' OR athlete_id = :athlete)
ORDER BY split_pace.elevation_difference_m
