-- Weekly distance by sport
-- Sport group: run, ride, swim ...; empty for every one.
SELECT period_start AS week_start, sport_group, activity_count, distance_km, moving_time_h, total_elevation_gain_m
FROM period_summary
WHERE period_type = 'week'
  AND (sport_group = :sport_group OR (coalesce(:sport_group, '') = '' AND sport_group <> 'all'))
ORDER BY period_start DESC, sport_group
