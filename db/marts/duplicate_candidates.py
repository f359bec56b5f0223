"""Finds pairs of activities that may be one, recorded twice, as by a watch and a bike computer."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from db.local_day import START
from db.marts.mart import Conditions, Mart, rounded, select
from db.marts.scope import Scope
from db.marts.sports import sport_group
from db.models import Activity, DuplicateCandidate, Track

_LEAST_OVERLAP: Final = 0.8
_NEAR_M: Final = 100.0
_M_PER_DEGREE: Final = 111_195.0
#: The clock of an activity that lasts over 30 days was wrong.
_LONGEST_S: Final = 30 * 86_400
#: Days that one may begin before another that it overlaps, and two for the zones of their days.
_REACH_DAYS: Final = 32
_LAST_DAY: Final = dt.date.max.toordinal()
_NAMED: Final = ("name", "sport_type", "start_time_utc", "distance_m", "device_name")


def _rows(_: sa.Connection, scope: Scope) -> sa.Select[Any]:
    pair = _pairs(scope).subquery()
    one, other = aliased(Activity), aliased(Activity)
    track, other_track = aliased(Track), aliased(Track)
    is_same_device = track.device_serial_number == other_track.device_serial_number
    is_same_route = sa.and_(_is_near(one, other, "start"), _is_near(one, other, "end"))
    columns: dict[str, Any] = dict(pair.c)
    columns |= {name: getattr(one, name) for name in _NAMED}
    columns |= {f"other_{name}": getattr(other, name) for name in _NAMED}
    columns |= {
        "is_same_device": is_same_device,
        "is_same_route": is_same_route,
        "certainty": sa.case(
            (sa.or_(is_same_device, is_same_route), "high"),
            (sa.not_(is_same_route), "low"),
            else_="medium",
        ),
    }
    return (
        select(columns)
        .select_from(pair)
        .join(one, one.activity_id == pair.c.activity_id)
        .join(other, other.activity_id == pair.c.other_activity_id)
        .outerjoin(track, track.activity_id == pair.c.activity_id)
        .outerjoin(other_track, other_track.activity_id == pair.c.other_activity_id)
    )


def _held(scope: Scope) -> Conditions:
    mine = scope.of(DuplicateCandidate.athlete_id)
    days = (DuplicateCandidate.local_date, DuplicateCandidate.other_local_date)
    return [*mine, *_on_days(scope, *days)]


def _pairs(scope: Scope) -> sa.Select[Any]:
    """The pairs, of which at least one activity is on a day of the scope."""
    crowd = _crowds(scope).cte("crowds")
    one, other = crowd.alias("one"), crowd.alias("other")
    overlap_s = _smaller(one.c.end_s, other.c.end_s) - other.c.start_s
    shorter_s = _smaller(one.c.elapsed_time_s, other.c.elapsed_time_s)
    columns = {
        "activity_id": one.c.activity_id,
        "other_activity_id": other.c.activity_id,
        "athlete_id": one.c.athlete_id,
        "local_date": one.c.local_date,
        "other_local_date": other.c.local_date,
        "elapsed_time_s": one.c.elapsed_time_s,
        "other_elapsed_time_s": other.c.elapsed_time_s,
        "overlap_s": rounded(overlap_s),
        "overlap_fraction": rounded(overlap_s / shorter_s),
    }
    return (
        select(columns)
        .select_from(one)
        .join(
            other,
            sa.and_(other.c.athlete_id == one.c.athlete_id, other.c.crowd == one.c.crowd),
        )
        .where(
            one.c.place < other.c.place,
            sa.or_(
                one.c.sport_group == other.c.sport_group,
                one.c.sport_type.is_(None),
                other.c.sport_type.is_(None),
            ),
            overlap_s >= shorter_s * _LEAST_OVERLAP,
            *_on_days(scope, one.c.local_date, other.c.local_date),
        )
    )


def _crowds(scope: Scope) -> sa.Select[Any]:
    """The activities that overlap another one in time, by crowds.

    Those of a crowd overlap, perhaps by way of others; those of different crowds never do. Only
    activities of a crowd are compared, since to compare each with all would take time by the square
    of their number.
    """
    timed = _timed(scope).subquery()
    in_turn: dict[str, Any] = {
        "partition_by": timed.c.athlete_id,
        "order_by": (timed.c.start_s, timed.c.activity_id),
    }
    placed = sa.select(
        timed,
        sa.func.max(timed.c.end_s).over(**in_turn, rows=(None, -1)).label("end_before"),
        sa.func.lead(timed.c.start_s).over(**in_turn).label("next_start"),
        sa.func.row_number().over(**in_turn).label("place"),
    ).subquery()
    overlaps_before = placed.c.end_before > placed.c.start_s
    overlaps_after = placed.c.next_start < placed.c.end_s
    # Windows are computed after WHERE, which keeps the first of each crowd: it overlaps the next.
    number = sa.func.sum(sa.case((overlaps_before, 0), else_=1)).over(
        partition_by=placed.c.athlete_id, order_by=placed.c.place, rows=(None, 0)
    )
    crowded = (
        sa.select(placed, number.label("crowd"))
        .where(sa.or_(overlaps_before, overlaps_after))
        .subquery()
    )
    # All rows differ; but SQLite makes an index for the pairs only where rows are grouped.
    return sa.select(crowded).group_by(*crowded.c)


def _timed(scope: Scope) -> sa.Select[Any]:
    """The activities whose time is known."""
    start_s = sa.cast(sa.extract("epoch", Activity.start_time_utc), sa.BigInteger)
    elapsed_s = sa.func.coalesce(Activity.elapsed_time_s, Activity.moving_time_s)
    columns = {
        "activity_id": Activity.activity_id,
        "athlete_id": Activity.athlete_id,
        "sport_type": Activity.sport_type,
        "sport_group": sport_group(Activity.sport_type),
        "local_date": sa.func.date(START, type_=sa.Date()),
        "start_s": start_s,
        "elapsed_time_s": elapsed_s,
        "end_s": start_s + elapsed_s,
    }
    return select(columns).where(
        *scope.of(Activity.athlete_id),
        Activity.vanished_at.is_(None),
        Activity.start_time_utc.is_not(None),
        elapsed_s > 0,
        elapsed_s <= _LONGEST_S,
        *_about(scope),
    )


def _about(scope: Scope) -> Conditions:
    """Between the times outside of which nothing overlaps an activity on a day of the scope."""
    if scope.days is None:
        return []
    if not scope.days:
        return [sa.false()]
    ends = (min(scope.days).toordinal() - _REACH_DAYS, max(scope.days).toordinal() + _REACH_DAYS)
    first, last = (dt.date.fromordinal(min(max(end, 1), _LAST_DAY)) for end in ends)
    midnight = dt.time(tzinfo=dt.UTC)
    start = Activity.start_time_utc
    return [
        start >= dt.datetime.combine(first, midnight),
        start < dt.datetime.combine(last, midnight),
    ]


def _on_days(scope: Scope, day: Any, other_day: Any) -> Conditions:
    if scope.days is None:
        return []
    days = sorted(scope.days)
    return [sa.or_(day.in_(days), other_day.in_(days))]


def _smaller(one: Any, other: Any) -> sa.ColumnElement[Any]:
    return sa.case((one < other, one), else_=other)


def _is_near(one: Any, other: Any, end: str) -> Any:
    """Whether activities start, or end, within 100 m; unknown without a position.

    The cosine is Bhaskara's, good to 0.2 %: some builds of SQLite have none.
    """
    lat, lon = getattr(one, f"{end}_latitude"), getattr(one, f"{end}_longitude")
    other_lat, other_lon = getattr(other, f"{end}_latitude"), getattr(other, f"{end}_longitude")
    apart = sa.func.abs(lon - other_lon)
    east = _smaller(apart, 360.0 - apart) * (32400.0 - 4 * lat * lat) / (32400.0 + lat * lat)
    north = lat - other_lat
    return (north * north + east * east) <= (_NEAR_M / _M_PER_DEGREE) ** 2


DUPLICATE_CANDIDATES: Final = Mart(model=DuplicateCandidate, rows=_rows, held=_held)
