-- Activities near a position
-- Starts within km (5) of a latitude and longitude; where these are empty, of the newest start. Athlete: an athlete_id; empty for all.
WITH newest AS (
  SELECT latitude, longitude FROM activity_facts WHERE latitude IS NOT NULL
    AND (coalesce(:athlete, '') = '' OR athlete_id = :athlete)
  ORDER BY start_time_utc DESC LIMIT 1
),
wanted AS (
  SELECT
    cast(coalesce(nullif(:latitude, ''), latitude) AS REAL) AS latitude,
    cast(coalesce(nullif(:longitude, ''), longitude) AS REAL) AS longitude,
    cast(coalesce(nullif(:km, ''), 5) AS REAL) / 111.195 AS degrees
  FROM newest
),
-- The cosine by its series: SQLite need not be built with mathematical functions.
scaled AS (
  SELECT latitude, longitude, degrees, 1 - x / 2 + x * x / 24 - x * x * x / 720 AS cosine
  FROM (SELECT *, (latitude * 0.0174532925199433) * (latitude * 0.0174532925199433) AS x FROM wanted)
)
SELECT activity_facts.activity_id, activity_facts.name, sport_group, local_date, round(distance_km, 1) AS distance_km,
  activity_facts.latitude, activity_facts.longitude, strava_url
FROM activity_facts
CROSS JOIN scaled
WHERE activity_facts.latitude BETWEEN scaled.latitude - degrees AND scaled.latitude + degrees
  AND (activity_facts.latitude - scaled.latitude) * (activity_facts.latitude - scaled.latitude)
    + (activity_facts.longitude - scaled.longitude) * (activity_facts.longitude - scaled.longitude) * cosine * cosine
    <= degrees * degrees
  AND (coalesce(:athlete, '') = '' OR athlete_id = :athlete)
ORDER BY start_time_utc DESC
