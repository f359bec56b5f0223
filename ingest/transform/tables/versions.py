"""Lists the sequences of columns that activities.csv has had, by their number.

They serve headers whose words are unknown. Columns were only ever inserted, never moved; the newest
ones come right before the last one, ``media``. A name that stands twice is two columns: first as
the web site shows the value, later as a plain number.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

_WORDS = """
    activity_id activity_date activity_name activity_type activity_description elapsed_time distance
    max_heart_rate relative_effort commute activity_private_note activity_gear filename
    athlete_weight bike_weight elapsed_time moving_time distance max_speed average_speed
    elevation_gain elevation_loss elevation_low elevation_high max_grade average_grade
    average_positive_grade average_negative_grade max_cadence average_cadence max_heart_rate
    average_heart_rate max_watts average_watts calories max_temperature average_temperature
    relative_effort total_work number_of_runs uphill_time downhill_time other_time
    perceived_exertion type start_time weighted_average_power power_count prefer_perceived_exertion
    perceived_relative_effort commute total_weight_lifted from_upload grade_adjusted_distance
    weather_observation_time weather_condition weather_temperature apparent_temperature dewpoint
    humidity weather_pressure wind_speed wind_gust wind_bearing precipitation_intensity sunrise_time
    sunset_time moon_phase bike gear precipitation_probability precipitation_type cloud_cover
    weather_visibility uv_index weather_ozone jump_count total_grit average_flow flagged
    average_elapsed_speed dirt_distance newly_explored_distance newly_explored_dirt_distance
    activity_count total_steps carbon_saved pool_length training_load intensity
    average_grade_adjusted_pace timer_time total_cycles recovery with_pet competition long_run
    for_a_cause with_kid downhill_distance total_sets total_reps media
"""
_WORDS_10 = """
    activity_id activity_date activity_name activity_type activity_description elapsed_time distance
    commute activity_gear filename
"""


def _without(columns: tuple[str, ...], gone: str, once: Iterable[str] = ()) -> tuple[str, ...]:
    """The columns without those of ``gone``, and without the first of each of ``once``."""
    firsts = {columns.index(name) for name in once}
    return tuple(
        name
        for index, name in enumerate(columns)
        if name not in gone.split() and index not in firsts
    )


def _renamed(columns: tuple[str, ...]) -> tuple[str, ...]:
    """The columns before December 2023, when the empty Activity Count was named Sport Type."""
    return tuple("sport_type" if name == "activity_count" else name for name in columns)


def _swapped(columns: tuple[str, ...]) -> tuple[str, ...]:
    """The columns of Dutch exports of 2020, with average and highest cadence in the other order."""
    other = {"max_cadence": "average_cadence", "average_cadence": "max_cadence"}
    return tuple(other.get(name, name) for name in columns)


#: The columns of today's exports.
NEWEST: Final = tuple(_WORDS.split())
_101: Final = _without(NEWEST, "total_sets total_reps")
_99: Final = _without(_101, "with_kid downhill_distance")
_94: Final = _without(_99, "recovery with_pet competition long_run for_a_cause")
_92: Final = _without(_94, "timer_time total_cycles")
_87: Final = _without(
    _92, "carbon_saved pool_length training_load intensity average_grade_adjusted_pace"
)
_84: Final = _renamed(_without(_87, "activity_private_note total_steps media"))
_80: Final = _without(
    _84, "newly_explored_distance newly_explored_dirt_distance sport_type", once=["max_heart_rate"]
)
_79: Final = _without(_80, "dirt_distance")
_78: Final = _without(_79, "average_elapsed_speed")
_77: Final = _without(_78, "flagged")
_72: Final = _without(_77, "type start_time jump_count total_grit average_flow")
_10: Final = tuple(_WORDS_10.split())

#: Number of columns -> sequences, the most likely first.
VERSIONS: Final = {
    10: (_10,),
    72: (_72, _swapped(_72)),
    77: (_77,),
    78: (_78,),
    79: (_79,),
    80: (_80,),
    84: (_84,),
    87: (_87, _renamed(_87)),
    92: (_92,),
    94: (_94,),
    99: (_99,),
    101: (_101,),
    len(NEWEST): (NEWEST,),
}


def sequences(count: int) -> tuple[tuple[str | None, ...], ...]:
    """The sequences that a header of ``count`` columns may have; ``None`` marks a newer column."""
    if count <= len(NEWEST):
        return VERSIONS.get(count, ())
    return ((*NEWEST[:-1], *(None,) * (count - len(NEWEST)), NEWEST[-1]),)
