-- Where activities start: pin map, latitude and longitude.
-- Variables: sport_group (text, optional), athlete_id (number, optional).
SELECT latitude, longitude, name, sport_group, local_date, distance_km
FROM activity_facts
WHERE latitude IS NOT NULL
  [[AND sport_group = {{sport_group}}]]
  [[AND athlete_id = {{athlete_id}}]]
ORDER BY local_date
