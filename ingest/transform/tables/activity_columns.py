"""Maps the columns of activities.csv to ``activities``: their names, and how cells are read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from ingest.transform.tables import cells
from ingest.transform.tables.dates import parse_date
from ingest.transform.tables.sport_labels import guessed_sport_type
from ingest.transform.tables.sports import sport_type

Convert = Callable[[str], Any]

#: Columns whose empty cell means that the text was cleared; it erases the earlier value.
TEXTS: Final = {
    "activity_name": "name",
    "activity_description": "description",
    "activity_private_note": "private_note",
    "activity_gear": "gear_name",
}

#: Columns that stand twice in the header and whose second one counts, which is the plain number. Of
#: all others the first one counts.
SECOND_FIRST: Final = frozenset({"elapsed_time"})

#: Columns that code of their own reads. The columns type, start_time and sport_type are always
#: empty and in none of these lists; if they hold anything, it is kept as unknown.
READ_APART: Final = frozenset({"activity_id", "filename", "media", "distance"})

#: Column -> ((name in ``activities``, converter), ...).
FIELDS: Final[dict[str, tuple[tuple[str, Convert], ...]]] = {
    "activity_date": (("start_time_utc", parse_date),),
    "activity_type": (
        ("activity_type_label", cells.trimmed),
        ("sport_type", sport_type),
        ("guessed_sport_type", guessed_sport_type),
    ),
    "elapsed_time": (("elapsed_time_s", cells.parse_number),),
    "max_heart_rate": (("max_heartrate_bpm", cells.parse_number),),
    "relative_effort": (("relative_effort", cells.parse_number),),
    "commute": (("is_commute", cells.parse_flag),),
    "athlete_weight": (("athlete_weight_kg", cells.parse_number),),
    "bike_weight": (("bike_weight_kg", cells.parse_number),),
    "moving_time": (("moving_time_s", cells.parse_number),),
    "max_speed": (("max_speed_mps", cells.parse_number),),
    "average_speed": (("average_speed_mps", cells.parse_number),),
    "elevation_gain": (("total_elevation_gain_m", cells.parse_number),),
    "elevation_loss": (("elevation_loss_m", cells.parse_number),),
    "elevation_low": (("elev_low_m", cells.elevation),),
    "elevation_high": (("elev_high_m", cells.parse_number),),
    "max_grade": (("max_grade_pct", cells.parse_number),),
    "average_grade": (("average_grade_pct", cells.parse_number),),
    "average_positive_grade": (("average_positive_grade_pct", cells.parse_number),),
    "average_negative_grade": (("average_negative_grade_pct", cells.parse_number),),
    "max_cadence": (("max_cadence_rpm", cells.parse_number),),
    "average_cadence": (("average_cadence_rpm", cells.parse_number),),
    "average_heart_rate": (("average_heartrate_bpm", cells.parse_number),),
    "max_watts": (("max_power_w", cells.parse_number),),
    "average_watts": (("average_power_w", cells.parse_number),),
    "calories": (("calories_kcal", cells.parse_number),),
    "max_temperature": (("max_temperature_c", cells.parse_number),),
    "average_temperature": (("average_temperature_c", cells.parse_number),),
    "total_work": (("total_work_j", cells.parse_number),),
    "number_of_runs": (("number_of_runs", cells.parse_whole),),
    "uphill_time": (("uphill_time_s", cells.parse_number),),
    "downhill_time": (("downhill_time_s", cells.parse_number),),
    "other_time": (("other_time_s", cells.parse_number),),
    "perceived_exertion": (("perceived_exertion", cells.parse_number),),
    "weighted_average_power": (("weighted_average_power_w", cells.parse_number),),
    "power_count": (("power_count", cells.parse_whole),),
    "prefer_perceived_exertion": (("prefer_perceived_exertion", cells.parse_flag),),
    "perceived_relative_effort": (("perceived_relative_effort", cells.parse_number),),
    "total_weight_lifted": (("total_weight_lifted_kg", cells.parse_number),),
    "from_upload": (("is_manual", cells.negated),),
    "grade_adjusted_distance": (("grade_adjusted_distance_m", cells.parse_number),),
    "weather_observation_time": (("weather_observation_time_utc", cells.epoch),),
    "weather_condition": (("weather_condition_code", cells.parse_whole),),
    "weather_temperature": (("weather_temperature_c", cells.parse_number),),
    "apparent_temperature": (("weather_apparent_temperature_c", cells.parse_number),),
    "dewpoint": (("weather_dewpoint_c", cells.parse_number),),
    "humidity": (("weather_humidity", cells.parse_number),),
    "weather_pressure": (("weather_pressure_hpa", cells.parse_number),),
    "wind_speed": (("weather_wind_speed_mps", cells.parse_number),),
    "wind_gust": (("weather_wind_gust_mps", cells.parse_number),),
    "wind_bearing": (("weather_wind_bearing_deg", cells.parse_number),),
    "precipitation_intensity": (("weather_precipitation_intensity_mmph", cells.parse_number),),
    "sunrise_time": (("weather_sunrise_time_utc", cells.epoch),),
    "sunset_time": (("weather_sunset_time_utc", cells.epoch),),
    "moon_phase": (("weather_moon_phase", cells.parse_number),),
    "bike": (("export_bike_id", cells.parse_id),),
    "gear": (("export_gear_id", cells.parse_id),),
    "precipitation_probability": (("weather_precipitation_probability", cells.parse_number),),
    "precipitation_type": (("weather_precipitation_type_code", cells.parse_whole),),
    "cloud_cover": (("weather_cloud_cover", cells.parse_number),),
    "weather_visibility": (("weather_visibility_m", cells.parse_number),),
    "uv_index": (("weather_uv_index", cells.parse_number),),
    "weather_ozone": (("weather_ozone_du", cells.parse_number),),
    "jump_count": (("jump_count", cells.parse_whole),),
    "total_grit": (("total_grit", cells.parse_number),),
    "average_flow": (("average_flow", cells.parse_number),),
    "flagged": (("is_flagged", cells.positive), ("flag_code", cells.parse_whole)),
    "average_elapsed_speed": (("average_elapsed_speed_mps", cells.parse_number),),
    "dirt_distance": (("dirt_distance_m", cells.parse_number),),
    "newly_explored_distance": (("newly_explored_distance_m", cells.parse_number),),
    "newly_explored_dirt_distance": (("newly_explored_dirt_distance_m", cells.parse_number),),
    "activity_count": (("activity_count", cells.parse_whole),),
    "total_steps": (("total_steps", cells.parse_whole),),
    "carbon_saved": (("carbon_saved_kg", cells.parse_number),),
    "pool_length": (("pool_length_m", cells.parse_number),),
    "training_load": (("training_load", cells.parse_number),),
    "intensity": (("intensity_pct", cells.parse_number),),
    "average_grade_adjusted_pace": (
        ("average_grade_adjusted_speed_mps", cells.parse_number),
    ),  # m/s, whatever its name
    "timer_time": (("timer_time_s", cells.parse_number),),
    "total_cycles": (("total_cycles", cells.parse_whole),),
    "recovery": (("is_recovery", cells.parse_flag),),
    "with_pet": (("is_with_pet", cells.parse_flag),),
    "competition": (("is_competition", cells.parse_flag),),
    "long_run": (("is_long_run", cells.parse_flag),),
    "for_a_cause": (("is_for_a_cause", cells.parse_flag),),
    "with_kid": (("is_with_kid", cells.parse_flag),),
    "downhill_distance": (("downhill_distance_m", cells.parse_number),),
    "total_sets": (("total_sets", cells.parse_whole),),
    "total_reps": (("total_reps", cells.parse_whole),),
}
