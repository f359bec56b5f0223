"""Fills ``activity_facts``: one wide row per activity, in friendly units."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

from db.local_day import START
from db.marts.mart import (
    M_PER_FT,
    M_PER_MI,
    S_PER_H,
    Conditions,
    Mart,
    pace_per,
    per,
    preferring,
    rounded,
    select,
)
from db.marts.scope import Scope
from db.marts.sports import sport_group
from db.models import Activity, ActivityFact, ActivityPlace, Athlete, Date, Decoupling, Gear, Split

#: Strava's workout_type of a race, of runs and of rides.
_RACES: Final = (1, 11)
_SPEED: Final = sa.func.coalesce(
    Activity.average_speed_mps, per(Activity.distance_m, Activity.moving_time_s)
)

_DAY: Final = sa.func.date(START)
_CALENDAR: Final = (
    "year",
    "quarter",
    "month",
    "iso_year",
    "iso_week",
    "day_of_year",
    "weekday",
    "weekday_name",
    "is_weekend",
    "week_start",
    "month_start",
    "year_start",
)
_AS_THEY_ARE: Final = (
    "activity_id",
    "athlete_id",
    "name",
    "sport_type",
    "start_time_utc",
    "timezone_name",
    "moving_time_s",
    "total_elevation_gain_m",
    "elev_high_m",
    "elev_low_m",
    "average_heartrate_bpm",
    "max_heartrate_bpm",
    "average_cadence_rpm",
    "average_power_w",
    "weighted_average_power_w",
    "max_power_w",
    "calories_kcal",
    "relative_effort",
    "training_load",
    "intensity_pct",
    "perceived_exertion",
    "total_steps",
    "average_temperature_c",
    "gear_id",
    "weather_temperature_c",
    "weather_apparent_temperature_c",
    "weather_wind_bearing_deg",
    "weather_precipitation_intensity_mmph",
    "weather_uv_index",
    "end_latitude",
    "end_longitude",
    "device_name",
    "kudos_count",
    "achievement_count",
    "athlete_count",
    "known_from",
    "has_track",
    "is_commute",
    "is_trainer",
    "is_manual",
    "is_private",
    "is_flagged",
    "is_long_run",
)


def _rows(_: sa.Connection, scope: Scope) -> sa.Select[Any]:
    flat = _flat(scope)
    columns = {name: getattr(Activity, name) for name in _AS_THEY_ARE}
    columns |= {name: getattr(Date, name) for name in _CALENDAR}
    columns |= _names() | _times() | _distances(flat) | _weather()
    return (
        select(columns)
        .select_from(Activity)
        .join(Athlete, Athlete.athlete_id == Activity.athlete_id)
        .outerjoin(Gear, Gear.gear_id == Activity.gear_id)
        .outerjoin(Date, Date.date == _DAY)
        .outerjoin(Decoupling, Decoupling.activity_id == Activity.activity_id)
        .outerjoin(ActivityPlace, _is_place())
        .outerjoin(flat, flat.c.activity_id == Activity.activity_id)
        .where(Activity.vanished_at.is_(None), *scope.of(Activity.athlete_id, _DAY))
    )


def _flat(scope: Scope) -> sa.Subquery:
    """Of each activity, the speed on flat ground that costs the same effort, from its
    kilometres.
    """
    query = sa.select(
        Split.activity_id,
        per(
            sa.func.sum(Split.average_grade_adjusted_speed_mps * Split.moving_time_s),
            sa.func.sum(Split.moving_time_s),
        ).label("speed_mps"),
    ).where(
        Split.unit == "km",
        Split.average_grade_adjusted_speed_mps.is_not(None),
        preferring("computed", Split, "unit"),
    )
    if own := scope.of(Activity.athlete_id, _DAY):
        query = query.where(Split.activity_id.in_(sa.select(Activity.activity_id).where(*own)))
    return query.group_by(Split.activity_id).subquery()


def _reach(connection: sa.Connection, scope: Scope) -> Scope:
    """The days, too, on which the athlete or a piece of gear has another name than in the facts."""
    if scope.days is None:
        return scope
    renamed = (
        sa.select(ActivityFact.start_time_local)
        .join(Athlete, Athlete.athlete_id == ActivityFact.athlete_id)
        .outerjoin(Gear, Gear.gear_id == ActivityFact.gear_id)
        .where(
            *scope.of(ActivityFact.athlete_id),
            sa.or_(
                ActivityFact.athlete_name.is_distinct_from(_athlete_name()),
                ActivityFact.gear_name.is_distinct_from(Gear.name),
                ActivityFact.gear_type.is_distinct_from(Gear.gear_type),
            ),
        )
    )
    return scope.on([start and start.date() for start in connection.scalars(renamed)])


def _held(scope: Scope) -> Conditions:
    return scope.of(ActivityFact.athlete_id, sa.func.date(ActivityFact.start_time_local))


def _athlete_name() -> sa.ColumnElement[Any]:
    words = sa.func.coalesce(Athlete.first_name, "") + " " + sa.func.coalesce(Athlete.last_name, "")
    return sa.func.nullif(sa.func.trim(words), "")


def _names() -> dict[str, Any]:
    return {
        "athlete_name": _athlete_name(),
        "sport_group": sport_group(Activity.sport_type),
        "gear_name": Gear.name,
        "gear_type": Gear.gear_type,
        "is_race": _is_race(),
        "is_virtual": Activity.sport_type.like("Virtual%"),
        "latitude": Activity.start_latitude,
        "longitude": Activity.start_longitude,
        "country": ActivityPlace.country,
        "region": ActivityPlace.region,
        "city": ActivityPlace.city,
        "decoupling_pct": Decoupling.decoupling_pct,
        "strava_url": _strava_url(),
    }


def _is_place() -> sa.ColumnElement[bool]:
    """Whether a place is that of the start as it is now."""
    return sa.and_(
        ActivityPlace.activity_id == Activity.activity_id,
        ActivityPlace.latitude == Activity.start_latitude,
        ActivityPlace.longitude == Activity.start_longitude,
    )


def _strava_url() -> sa.ColumnElement[Any]:
    """The page of an activity; those with negative, provisional ids have none."""
    number = sa.cast(Activity.activity_id, sa.String)
    url = sa.literal("https://www.strava.com/activities/") + number
    return sa.case((Activity.activity_id > 0, url))


def _is_race() -> sa.ColumnElement[Any]:
    """Whether an activity is a race; unknown if nothing tells.

    Older exports have no column for it. The API tells it; whether the API has spoken shows in
    ``is_private``, which it alone tells.
    """
    told = (Activity.workout_type, Activity.is_competition, Activity.is_private)
    return sa.case(
        (sa.or_(Activity.workout_type.in_(_RACES), Activity.is_competition.is_(True)), sa.true()),
        (sa.or_(*(column.is_not(None) for column in told)), sa.false()),
    )


def _times() -> dict[str, Any]:
    return {
        "start_time_local": START,
        "local_date": Date.date,
        "hour": sa.cast(sa.extract("hour", START), sa.Integer),
        "moving_time_h": Activity.moving_time_s / S_PER_H,
        "elapsed_time_h": Activity.elapsed_time_s / S_PER_H,
    }


def _distances(flat: sa.Subquery) -> dict[str, Any]:
    distance, moving = Activity.distance_m, Activity.moving_time_s
    adjusted = sa.func.coalesce(
        Activity.average_grade_adjusted_speed_mps,
        per(Activity.grade_adjusted_distance_m, moving),
        rounded(flat.c.speed_mps),
    )
    is_run = sport_group(Activity.sport_type) == "run"
    is_swim = sport_group(Activity.sport_type) == "swim"
    return {
        "distance_km": distance / 1000.0,
        "distance_mi": distance / M_PER_MI,
        "total_elevation_gain_ft": Activity.total_elevation_gain_m / M_PER_FT,
        "climb_m_per_km": per(Activity.total_elevation_gain_m * 1000.0, distance),
        "average_speed_kmh": _SPEED * 3.6,
        "average_speed_mph": _SPEED * S_PER_H / M_PER_MI,
        "max_speed_kmh": Activity.max_speed_mps * 3.6,
        "max_speed_mph": Activity.max_speed_mps * S_PER_H / M_PER_MI,
        "pace_min_per_km": pace_per(moving, distance, 1000.0),
        "pace_min_per_mi": pace_per(moving, distance, M_PER_MI),
        "grade_adjusted_pace_min_per_km": sa.case((is_run, pace_per(1.0, adjusted, 1000.0))),
        "grade_adjusted_pace_min_per_mi": sa.case((is_run, pace_per(1.0, adjusted, M_PER_MI))),
        "pace_min_per_100m": sa.case((is_swim, pace_per(moving, distance, 100.0))),
        "total_work_kj": Activity.total_work_j / 1000.0,
    }


def _weather() -> dict[str, Any]:
    wind = Activity.weather_wind_speed_mps
    return {
        "average_temperature_f": _fahrenheit(Activity.average_temperature_c),
        "weather_temperature_f": _fahrenheit(Activity.weather_temperature_c),
        "weather_apparent_temperature_f": _fahrenheit(Activity.weather_apparent_temperature_c),
        "weather_humidity_pct": Activity.weather_humidity * 100.0,
        "weather_cloud_cover_pct": Activity.weather_cloud_cover * 100.0,
        "weather_wind_speed_kmh": wind * 3.6,
        "weather_wind_speed_mph": wind * S_PER_H / M_PER_MI,
    }


def _fahrenheit(celsius: Any) -> Any:
    return celsius * 1.8 + 32.0


ACTIVITY_FACTS: Final = Mart(model=ActivityFact, rows=_rows, held=_held, reach=_reach)
