-- Route of an activity on the map
-- Up to a thousand points of one activity; empty for the newest that has positions.
WITH wanted AS (
  SELECT coalesce(
    cast(nullif(:activity_id, '') AS INTEGER),
    (SELECT activity_id FROM activity_facts WHERE latitude IS NOT NULL ORDER BY start_time_utc DESC LIMIT 1)
  ) AS activity_id
)
SELECT point_index, elapsed_s, latitude, longitude, altitude_m, heartrate_bpm
FROM track_points
WHERE activity_id = (SELECT activity_id FROM wanted) AND latitude IS NOT NULL
  AND point_index % (1 + (SELECT max(point_index) FROM track_points WHERE activity_id = (SELECT activity_id FROM wanted)) / 1000) = 0
ORDER BY point_index
