-- Records that stand: table.
SELECT sport_group, name AS distance, elapsed_time_s, pace_min_per_km, local_date, improvement_s
FROM personal_records
WHERE is_current
ORDER BY sport_group, distance_m
