-- Pace against climb per kilometre of a run: scatter, x elevation_difference_m, y pace_min_per_km.
-- Variables: athlete_id (number, optional).
SELECT elevation_difference_m, pace_min_per_km, average_heartrate_bpm, local_date
FROM split_pace
WHERE unit = 'km' AND distance_m BETWEEN 950 AND 1050 AND elevation_difference_m IS NOT NULL
  [[AND athlete_id = {{athlete_id}}]]
ORDER BY elevation_difference_m
