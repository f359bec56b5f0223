-- Newest routes
-- The lines of the five newest activities of a sport group (run, ride ...; empty for the one with most activities). Athlete: an athlete_id; empty for all.
WITH chosen AS (
  SELECT activity_id, name, local_date, distance_km, strava_url, start_time_utc
  FROM activity_facts
  WHERE latitude IS NOT NULL
    AND sport_group = lower(coalesce(
      nullif(:sport_group, ''),
      (SELECT sport_group FROM activity_facts
       WHERE latitude IS NOT NULL AND (coalesce(:athlete, '') = '' OR athlete_id = :athlete)
       GROUP BY sport_group ORDER BY count(*) DESC, sport_group LIMIT 1)
    ))
    AND (coalesce(:athlete, '') = '' OR athlete_id = :athlete)
  ORDER BY start_time_utc DESC
  LIMIT 5
)
SELECT name, local_date, round(distance_km, 1) AS distance_km, strava_url,
  json_object('type', 'LineString', 'coordinates', json((
    SELECT json_group_array(json_array(round(longitude, 6), round(latitude, 6)))
    FROM (
      SELECT longitude, latitude FROM track_points
      WHERE track_points.activity_id = chosen.activity_id AND latitude IS NOT NULL AND point_index % 10 = 0
      ORDER BY point_index
    )
  ))) AS route
FROM chosen
ORDER BY start_time_utc DESC
