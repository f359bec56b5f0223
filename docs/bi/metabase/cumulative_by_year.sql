-- Distance since 1 January, years laid over each other: lines, x day_of_year, y distance_km, series year.
-- Variables: sport_group (text, default all), athlete_id (number, optional).
SELECT day_of_year, year, sum(distance_km) AS distance_km
FROM year_to_date
WHERE sport_group = {{sport_group}}
  [[AND athlete_id = {{athlete_id}}]]
GROUP BY day_of_year, year
ORDER BY day_of_year, year
