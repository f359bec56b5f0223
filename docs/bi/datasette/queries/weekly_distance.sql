-- Weekly distance by sport
-- Sport group: run, ride, swim ...; empty for every one. Athlete: an athlete_id; empty for all.
SELECT period_start AS week_start, sport_group, activity_count, round(distance_km, 1) AS distance_km,
  round(moving_time_h, 1) AS moving_time_h, cast(round(total_elevation_gain_m) AS INTEGER) AS total_elevation_gain_m
FROM period_summary
WHERE period_type = 'week'
  AND (sport_group = lower(:sport_group) OR (coalesce(:sport_group, '') = '' AND sport_group <> 'all'))
  AND (coalesce(:athlete, '') = '' OR athlete_id = :athlete)
ORDER BY period_start DESC, sport_group
