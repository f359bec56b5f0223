"""The simplified line and its encoding."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.transform.derived.polyline import encoded, places_of
from ingest.transform.derived.route import MOST_POINTS, simplified
from ingest.transform.positions import EARTH_RADIUS_M, on_plane
from ingest.transform.records import FloatArray
from tests.ingest.transform.derived.tracks import NAN, derived
from tests.strava.synthetic_streams import encoded as encoded_one_by_one


def test_googles_own_example_is_encoded_as_documented() -> None:
    line = encoded(np.array([38.5, 40.7, 43.252]), np.array([-120.2, -120.95, -126.453]))
    assert line == "_p~iF~ps|U_ulLnnqC_mqNvxq`@"


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(-90, 90), st.floats(-180, 180)), min_size=1, max_size=20))
def test_lines_are_encoded_as_the_simulated_strava_does(places: list[tuple[float, float]]) -> None:
    latitude, longitude = np.array(places).T
    assert encoded(latitude, longitude) == encoded_one_by_one(places)


def test_a_straight_line_keeps_few_points() -> None:
    share = np.linspace(0, 1, 1025)
    kept = simplified(*on_plane(48 + share * 0.1, 11 + share * 0.1))
    assert (kept[0], kept[-1]) == (0, 1024)
    assert len(kept) <= 1025 / 2**6 + 2


def test_the_turn_of_a_spur_stays() -> None:
    out = np.arange(0, 1001, 10.0)
    east = np.concatenate((out, out[-2::-1]))
    kept = simplified(east, np.zeros(len(east)))
    assert east[kept].max() >= 990


@pytest.mark.parametrize("seed", range(5))
def test_no_recorded_point_is_ten_metres_from_the_line(seed: int) -> None:
    rng = np.random.default_rng(seed)
    heading = np.cumsum(rng.normal(0, 0.08, 3000))
    east, north = np.cumsum(4 * np.cos(heading)), np.cumsum(4 * np.sin(heading))
    kept = simplified(east, north)
    assert len(kept) <= MOST_POINTS
    assert _furthest(east, north, kept) < 10


def test_a_wild_line_is_made_coarser_until_it_fits() -> None:
    rng = np.random.default_rng(1)
    kept = simplified(rng.uniform(0, 1e6, 20_000), rng.uniform(0, 1e6, 20_000))
    assert len(kept) <= MOST_POINTS
    assert (kept[0], kept[-1]) == (0, 19_999)


@pytest.mark.parametrize(
    ("count", "width_m", "kept", "indexes"),
    [
        (1000, 10.1, 303, 151_679),
        (1000, 5.05, 233, 116_916),
        (1000, 2.02, 65, 32_733),
        (3000, 5.05, 356, 533_637),
        (20_000, 1000.7, 495, 4_938_169),
        (20_000, 200.14, 290, 2_904_368),
    ],
)
def test_the_same_points_of_a_line_are_kept_as_ever(
    count: int, width_m: float, kept: int, indexes: int
) -> None:
    """A change of the passes would draw every route of a database anew."""
    step = np.arange(count, dtype=np.float64)
    period = 101 if count < 20_000 else 10_007
    found = simplified(4 * step, step * step * 7 % period / (period / width_m))
    assert (len(found), int(found.sum())) == (kept, indexes)


def test_positions_that_are_unknown_or_not_on_earth_are_left_out() -> None:
    found = derived(latitude=[48.0, NAN, 200.0, 48.5], longitude=[11.0, 11.0, 11.0, 11.5])
    assert found.route.bounds == (48.0, 11.0, 48.5, 11.5)
    assert found.route.polyline == encoded_one_by_one([(48.0, 11.0), (48.5, 11.5)])


def test_a_single_position_is_a_box_without_a_line() -> None:
    found = derived(latitude=[48.0, NAN], longitude=[11.0, 11.0])
    assert (found.route.polyline, found.route.bounds) == (None, (48.0, 11.0, 48.0, 11.0))


def test_no_positions_have_neither_line_nor_box() -> None:
    assert derived(elapsed_s=[0, 1], latitude=[NAN, NAN], longitude=[NAN, NAN]).route.bounds is None
    assert derived(elapsed_s=[0, 1]).route.polyline is None


def _furthest(east: FloatArray, north: FloatArray, kept: np.ndarray) -> float:
    line = east + 1j * north
    furthest = 0.0
    for begin, end in pairwise(kept):
        chord, off = line[end] - line[begin], line[begin : end + 1] - line[begin]
        share = np.clip((off * chord.conjugate()).real / (abs(chord) ** 2 or 1), 0, 1)
        furthest = max(furthest, float(abs(off - share * chord).max()))
    return furthest


def test_the_shape_is_the_places_after_equal_parts_of_the_way() -> None:
    # Two legs of about 1112 m each, the first with many points.
    latitude = [*np.linspace(48.0, 48.01, 400), 48.02]
    found = derived(latitude=latitude, longitude=[11.0] * 401, elapsed_s=range(401)).route
    assert found.length_m == pytest.approx(0.02 * math.pi / 180 * EARTH_RADIUS_M, abs=0.01)
    assert found.shape is not None
    places = places_of(found.shape)
    assert places[0].tolist() == pytest.approx(np.linspace(48.0, 48.02, 21).tolist(), abs=1e-5)
    assert set(places[1].tolist()) == {11.0}


def test_a_route_below_a_kilometre_has_no_shape() -> None:
    short = derived(latitude=[48.0, 48.0089], longitude=[11.0] * 2, elapsed_s=[0, 300]).route
    long = derived(latitude=[48.0, 48.0091], longitude=[11.0] * 2, elapsed_s=[0, 300]).route
    assert (short.shape is None, long.shape is None) == (True, False)
