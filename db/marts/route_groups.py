"""Fills ``route_groups``: which activities took the same route, and how fast each was."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

import sqlalchemy as sa

from db.marts.mart import Conditions, Mart
from db.marts.same_routes import Routes, first_of_each
from db.marts.scope import Scope
from db.models import ActivityFact, RouteGroup, Track

_AS_THEY_ARE: Final = (
    "activity_id",
    "athlete_id",
    "sport_group",
    "name",
    "local_date",
    "distance_km",
    "moving_time_s",
    "pace_min_per_km",
    "average_speed_kmh",
    "average_heartrate_bpm",
)


def _rows(connection: sa.Connection, scope: Scope) -> list[dict[str, Any]]:
    """The rows of whole athletes: an activity may be the first of a route on any day."""
    every = connection.execute(_shaped(scope)).all()
    rows: list[dict[str, Any]] = []
    for _, some in groupby(every, key=itemgetter(1, 2)):  # the athlete and the sport group
        of_sport = list(some)
        routes = Routes.of(
            [row.route_shape for row in of_sport], [row.route_length_m for row in of_sport]
        )
        groups = defaultdict[int, list[Any]](list)
        for row, first in zip(of_sport, first_of_each(routes), strict=True):
            groups[first].append(row)
        for group in groups.values():
            if len(group) > 1:
                rows += _of_route(group)
    return rows


def _shaped(scope: Scope) -> sa.Select[Any]:
    """Activities of known shape, those of an athlete and sport together, the oldest first."""
    columns = (getattr(ActivityFact, name) for name in _AS_THEY_ARE)
    return (
        sa.select(*columns, Track.route_shape, Track.route_length_m)
        .join(Track, Track.activity_id == ActivityFact.activity_id)
        .where(
            Track.route_shape.is_not(None),
            Track.route_length_m > 0,
            *scope.of(ActivityFact.athlete_id),
        )
        .order_by(
            ActivityFact.athlete_id,
            ActivityFact.sport_group,
            ActivityFact.start_time_utc.is_(None),
            ActivityFact.start_time_utc,
            ActivityFact.activity_id,
        )
    )


def _of_route(group: Sequence[Any]) -> list[dict[str, Any]]:
    timed = [place for place, row in enumerate(group) if row.moving_time_s]
    timed.sort(key=lambda place: (group[place].moving_time_s, place))
    ranks = {place: rank for rank, place in enumerate(timed, 1)}
    return [
        {
            **dict(zip(_AS_THEY_ARE, row, strict=False)),  # its first columns
            "route_id": group[0].activity_id,
            "route_name": group[0].name,
            "activity_count": len(group),
            "visit_index": place + 1,
            "route_length_km": row.route_length_m / 1000.0,
            "time_rank": ranks.get(place),
            "is_fastest": ranks.get(place) == 1,
        }
        for place, row in enumerate(group)
    ]


def _held(scope: Scope) -> Conditions:
    return scope.of(RouteGroup.athlete_id)


ROUTE_GROUPS: Final = Mart(model=RouteGroup, rows=_rows, held=_held)
