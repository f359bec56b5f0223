"""Activities on the same route, computed by hand and by comparing each with all before it."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta

import pytest

from db.marts.same_routes import Routes, first_of_each
from db.models import RouteGroup
from tests.db.marts.conftest import Database
from tests.db.marts.routes import M_PER_DEGREE, Place, add_route, line, shape

GROUPS = (RouteGroup.route_id, RouteGroup.activity_id)


def ridden(
    database: Database,
    number: int,
    places: Sequence[Place] | str,
    length_m: float,
    *,
    day: int | None = None,
    **columns: object,
) -> None:
    start = datetime(2026, 1, 1, 8) + timedelta(days=number if day is None else day)
    database.activity(number, start.isoformat(), **columns)
    add_route(database, number, places if isinstance(places, str) else shape(places), length_m)


def test_the_same_way_is_a_route_and_another_way_is_none(database: Database) -> None:
    ridden(database, 1, line(5000), 5000)
    ridden(database, 2, line(5020, shift_m=80), 5020)
    ridden(database, 3, line(5000, bend_m=400), 5000)  # another way to the same end
    ridden(database, 4, list(reversed(line(5000))), 5000)  # the way back
    ridden(database, 5, line(5160), 5160)  # longer by more than 3 %
    ridden(database, 6, line(5000), 5000, sport_type="Ride")
    database.refresh()
    assert database.rows(*GROUPS) == [(1, 1), (1, 2)]


def test_a_start_too_far_away_is_another_route(database: Database) -> None:
    for number, shift in ((1, 0.0), (2, 140.0), (3, 160.0), (4, -140.0)):
        ridden(database, number, line(5000, shift_m=shift), 5000)
    database.refresh()
    # The third is near the second, which is not the first of its route.
    assert database.rows(*GROUPS) == [(1, 1), (1, 2), (1, 4)]


def test_the_fastest_is_told(database: Database) -> None:
    for number, time_s in ((1, 1500.0), (2, None), (3, 1400.0), (4, 1400.0)):
        ridden(
            database,
            number,
            line(5000),
            5000 + number,
            name=f"Loop {number}",
            moving_time_s=time_s,
            distance_m=5000.0,
        )
    database.refresh()
    columns = (
        RouteGroup.visit_index,
        RouteGroup.activity_id,
        RouteGroup.time_rank,
        RouteGroup.is_fastest,
    )
    assert database.rows(*columns) == [
        (1, 1, 3, False),
        (2, 2, None, False),
        (3, 3, 1, True),
        (4, 4, 2, False),
    ]
    row = database.one(RouteGroup, activity_id=3)
    assert (row.route_id, row.route_name, row.name, row.activity_count) == (
        1,
        "Loop 1",
        "Loop 3",
        4,
    )
    assert (row.local_date, row.route_length_km, row.pace_min_per_km) == (
        date(2026, 1, 4),
        5.003,
        pytest.approx(14 / 3, abs=1e-6),
    )


def test_the_oldest_is_the_first_whatever_its_number(database: Database) -> None:
    ridden(database, 5, line(5000), 5000, day=3)
    ridden(database, 7, line(5000), 5000, day=2)
    ridden(database, 1, line(5000), 5000, start_time_utc=None, start_time_local=None)
    database.refresh()
    assert database.rows(RouteGroup.visit_index, RouteGroup.activity_id) == [(1, 7), (2, 5), (3, 1)]
    assert {route for (route,) in database.rows(RouteGroup.route_id)} == {7}


def test_a_route_done_once_is_none(database: Database) -> None:
    ridden(database, 1, line(5000), 5000)
    ridden(database, 2, shape(line(5000), at=(48.0, 8.0)), 5000)
    database.refresh()
    assert database.rows(RouteGroup.activity_id) == []


def _ways(dice: random.Random, count: int, home: Place) -> tuple[list[str], list[float]]:
    """Ways from one place, each a bit beside one of a few that were drawn before."""
    drawn = [
        (dice.uniform(1000, 8000), dice.uniform(-900, 900), dice.uniform(-400, 400))
        for _ in range(12)
    ]
    shapes, lengths = [], []
    for _ in range(count):
        length, bend, shift = (each * dice.uniform(0.98, 1.02) for each in dice.choice(drawn))
        beside = dice.uniform(-60, 60)
        shapes.append(shape(line(length, bend_m=bend, shift_m=shift + beside), home))
        lengths.append(length)
    return shapes, lengths


@pytest.mark.parametrize(
    "home",
    [(47.0, 8.0), (-33.9, -70.6), (0.0, 0.0), (69.6, 18.9), (82.9, 25.0), (-82.9, -179.9)],
)
def test_cells_of_middles_and_lengths_hide_no_route(home: Place) -> None:
    shapes, lengths = _ways(random.Random(3), 300, home)
    routes = Routes.of(shapes, lengths)
    assert first_of_each(routes) == _slowly(routes)


def _slowly(routes: Routes) -> list[int]:
    """Each compared with all first ones, one place after the other."""
    firsts: list[int] = []
    for index, places in enumerate(routes.places):
        east = math.cos(math.radians(places[0][0]))
        found = []
        for first in sorted({one for at, one in enumerate(firsts) if at == one}):
            apart = [
                M_PER_DEGREE * math.hypot(one[0] - other[0], (one[1] - other[1]) * east)
                for one, other in zip(places, routes.places[first], strict=True)
            ]
            longer = max(routes.length_m[first], routes.length_m[index])
            if (
                abs(routes.length_m[first] - routes.length_m[index]) <= 0.03 * longer
                and max(apart[0], apart[-1]) <= 150
                and max(apart) <= 100 + 0.02 * longer
            ):
                found.append((max(apart), first))
        firsts.append(min(found)[1] if found else index)
    return firsts
