-- Route of an activity
-- Its line on a map, of up to a thousand points; empty for the newest that has positions.
WITH wanted AS (
  SELECT coalesce(
    cast(nullif(:activity_id, '') AS INTEGER),
    (SELECT activity_id FROM activity_facts WHERE latitude IS NOT NULL ORDER BY start_time_utc DESC LIMIT 1)
  ) AS activity_id
),
points AS (
  SELECT longitude, latitude
  FROM track_points
  WHERE activity_id = (SELECT activity_id FROM wanted) AND latitude IS NOT NULL
    AND point_index % (1 + (SELECT max(point_index) FROM track_points WHERE activity_id = (SELECT activity_id FROM wanted)) / 1000) = 0
  ORDER BY point_index
)
SELECT name, local_date, round(distance_km, 1) AS distance_km, strava_url,
  json_object('type', 'LineString', 'coordinates', json((SELECT json_group_array(json_array(round(longitude, 6), round(latitude, 6))) FROM points)))
    AS route
FROM activity_facts
WHERE activity_id = (SELECT activity_id FROM wanted)
