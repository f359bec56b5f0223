"""Nothing is drawn near usual starts, wherever they lie, and what is hidden does not tell where."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporters.report.hiding import hiding_around

LATITUDES = st.floats(-75, 75)
LONGITUDES = st.floats(-180, 180)
BEARINGS = st.floats(0, 2 * math.pi)


def moved(place: tuple[float, float], metres: float, bearing: float) -> tuple[float, float]:
    north = metres * math.cos(bearing) / 111_195
    east = metres * math.sin(bearing) / 111_195 / math.cos(math.radians(place[0]))
    return place[0] + north, place[1] + east


def metres_between(place: tuple[float, float], others: np.ndarray) -> np.ndarray:
    north = (others[:, 0] - place[0]) * 111_195
    apart = (others[:, 1] - place[1] + 180) % 360 - 180
    return np.hypot(north, apart * 111_195 * math.cos(math.radians(place[0])))


def through(home: tuple[float, float], bearing: float) -> np.ndarray:
    """A straight route from far away over a place to far away, with three points only."""
    ends = [moved(home, 9000, bearing), home, moved(home, 9000, bearing + math.pi)]
    return np.array(ends)


@given(LATITUDES, LONGITUDES, BEARINGS, st.integers(50, 2000))
def test_nothing_is_left_near_a_usual_start(
    latitude: float, longitude: float, bearing: float, metres: int
) -> None:
    home = (latitude, longitude)
    hiding = hiding_around([home] * 5, metres, 5)
    route = through(home, bearing)
    pieces = hiding.cut(route)
    assert len(pieces) == 2
    left = np.concatenate(pieces)
    assert metres_between(home, left).min() >= 0.99 * metres
    # Far away nothing is lost: at most the square, its margin and the way to a corner.
    assert metres_between(home, left).min() <= 3.2 * metres + 20
    assert metres_between(home, left).max() > 8900


@given(LATITUDES, LONGITUDES, BEARINGS)
def test_a_line_is_cut_that_has_no_point_near_the_start(
    latitude: float, longitude: float, bearing: float
) -> None:
    home = (latitude, longitude)
    hiding = hiding_around([home] * 3, 400, 3)
    both = through(home, bearing)[[0, 2]]
    assert metres_between(home, np.concatenate(hiding.cut(both))).min() >= 0.98 * 400


def test_homes_of_the_same_square_hide_the_same() -> None:
    north = 500 / 111_195
    east = north / math.cos(math.radians(52))
    corner = math.floor(52 / north) * north, math.floor(13 / east) * east
    homes = [
        (corner[0] + north * up, corner[1] + east * right)
        for up in (0.01, 0.5, 0.99)
        for right in (0.01, 0.5, 0.99)
    ]
    assert len({hiding_around([home] * 3, 500, 3).boxes for home in homes}) == 1
    beyond = (corner[0] + north * 1.01, corner[1])
    assert hiding_around([beyond] * 3, 500, 3) != hiding_around([homes[0]] * 3, 500, 3)


def test_few_starts_are_no_home() -> None:
    far = [(40.0 + n / 10, 5.0) for n in range(900)]
    for count, is_hidden in ((2, False), (9, False), (10, True)):
        hiding = hiding_around([*far, *[(52.0, 13.0)] * count], 500, 1000)
        assert bool(hiding.boxes) == is_hidden, count
    assert hiding_around([(52.0, 13.0)] * 3, 500, 20).boxes
    assert not hiding_around([], 500, 0).boxes


def test_starts_on_both_sides_of_a_border_belong_together() -> None:
    side = 500 / 111_195
    border = math.floor(52 / side) * side
    ends = [(border + n * 2e-4, 13.0) for n in (-1.0, 1.0, 0.5)]
    hiding = hiding_around(ends, 500, 3)
    assert hiding.boxes
    for end in ends:
        left = np.concatenate(hiding.cut(through(end, 1.0)))
        assert metres_between(end, left).min() >= 0.99 * 500


def test_a_route_elsewhere_stays_as_it_is() -> None:
    hiding = hiding_around([(52.0, 13.0)] * 3, 500, 3)
    route = np.array([(48.0, 2.0), (48.1, 2.1)])
    (piece,) = hiding.cut(route)
    assert piece is route


def test_a_route_inside_is_gone() -> None:
    hiding = hiding_around([(52.0, 13.0)] * 3, 500, 3)
    assert hiding.cut(np.array([(52.0, 13.0), (52.001, 13.001)])) == []


@pytest.mark.parametrize("longitude", [179.9999, -179.9999, 180.0])
def test_a_home_on_the_date_line(longitude: float) -> None:
    home = (10.0, longitude)
    hiding = hiding_around([home] * 3, 500, 3)
    route = through(home, math.pi / 2)  # its longitudes go on beyond 180
    assert metres_between(home, np.concatenate(hiding.cut(route))).min() >= 0.99 * 500
