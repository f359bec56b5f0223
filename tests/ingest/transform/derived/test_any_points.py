"""Whatever the numbers are, nothing is raised or warned of, and what comes out can be stored."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.transform.derived import Zones, default_zones, derive
from ingest.transform.records import POINT_COLUMNS, FloatArray

_ODD = st.sampled_from(
    [
        np.nan,
        np.inf,
        -np.inf,
        0.0,
        -0.0,
        1e308,
        -1e308,
        1e9,
        5e-324,
        2.3e-308,
        -1.0,
        65535.0,
        180.0,
        90.0,
    ]
)
_NUMBERS = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True),
    st.floats(-500, 5000),
    st.integers(0, 50).map(float),
    _ODD,
)
_START = datetime(2026, 5, 1, 7, tzinfo=UTC)
_SPORTS = st.sampled_from(["Run", "Swim", "Ride", None, "Nonsense"])


@st.composite
def _points(draw: st.DrawFn) -> dict[str, FloatArray]:
    count = draw(st.integers(0, 40))
    names = draw(st.sets(st.sampled_from(POINT_COLUMNS)))
    columns = {
        n: np.array(draw(st.lists(_NUMBERS, min_size=count, max_size=count)), np.float64)
        for n in sorted(names)
    }
    if draw(st.booleans()):
        columns["elapsed_s"] = np.arange(count, dtype=np.float64) * draw(
            st.sampled_from([0.0, 0.25, 1.0, 7.0, 3600.0])
        )
    if draw(st.booleans()):
        columns["distance_m"] = np.arange(count, dtype=np.float64) * draw(
            st.sampled_from([0.0, 3.3, 25.0, 999.0])
        )
    return columns


@settings(max_examples=400, deadline=None)
@given(_points(), _SPORTS, st.sampled_from([_START, None, datetime.max.replace(tzinfo=UTC)]))
def test_any_numbers_give_rows_of_finite_numbers(
    points: dict[str, FloatArray], sport: str | None, start: datetime | None
) -> None:
    found = derive(points, sport_type=sport, zones=default_zones(190, 250), start_time_utc=start)
    json.dumps(asdict(found), allow_nan=False, default=datetime.isoformat)
    for split in found.splits:
        assert split.elapsed_time_s is not None
        assert split.moving_time_s is not None
        assert (
            0 <= split.moving_time_s <= split.elapsed_time_s + 0.002 + split.elapsed_time_s * 1e-9
        )
    for zone in found.zone_times:
        assert zone.time_s >= 0


@settings(max_examples=100, deadline=None)
@given(_points())
def test_the_points_stay_as_they_are(points: dict[str, FloatArray]) -> None:
    before = {name: values.copy() for name, values in points.items()}
    for values in points.values():
        values.flags.writeable = False
    derive(points, sport_type="Run", zones=default_zones(190, 250), start_time_utc=_START)
    for name, values in points.items():
        np.testing.assert_array_equal(values, before[name])


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_the_shortest_tracks_give_what_they_can(count: int) -> None:
    points = {name: np.full(count, 10.0) for name in POINT_COLUMNS}
    found = derive(points, sport_type="Run", zones=Zones(), start_time_utc=None)
    assert (found.splits, found.best_efforts) == ((), ())
    assert (found.route.bounds is None) == (count == 0)
    assert (found.route.polyline is None) == (count < 2)


def test_two_million_points_are_read_whole() -> None:
    count = 2_000_000
    elapsed = np.arange(count, dtype=np.float64)
    points = {
        "elapsed_s": elapsed,
        "distance_m": elapsed * 3.0,
        "latitude": 48 + np.sin(elapsed / 500) * 0.1,
        "longitude": 11 + np.cos(elapsed / 700) * 0.1,
        "altitude_m": 500 + 50 * np.sin(elapsed / 1000),
        "power_w": np.full(count, 200.0),
        "heartrate_bpm": np.full(count, 150.0),
    }
    found = derive(points, sport_type="Ride", zones=default_zones(190, 250), start_time_utc=_START)
    assert len(found.splits) == 6000 + 3729
    assert sum(zone.time_s for zone in found.zone_times if zone.zone_type == "power") == count
    assert {point.power_w for point in found.power_curve} == {200.0}
    assert found.route.polyline is not None
    assert len(found.route.polyline) < 10_000
    assert all(
        a.split_index + 1 == b.split_index for a, b in pairwise(found.splits) if a.unit == b.unit
    )
