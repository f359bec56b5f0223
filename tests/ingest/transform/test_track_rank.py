"""Which of two tracks of one activity stays is one total order, whoever came first."""

from __future__ import annotations

from itertools import pairwise, permutations

import numpy as np
import pytest

from ingest.transform.records import Recording
from ingest.transform.track_rank import Worth, known_points, worth_of


def track(
    source: str = "file", *, points: int = 8, partial: str | None = None, **counts: int
) -> Worth:
    """A track whose columns have values in so many of their first points."""
    column = {
        "position": ("latitude", "longitude"),
        "heartrate": ("heartrate_bpm",),
        "power": ("power_w",),
    }
    values = {"elapsed_s": np.arange(points, dtype=float)}
    for name, count in counts.items():
        for each in column.get(name, ("distance_m",)):
            values[each] = np.where(np.arange(points) < count, 7.0, np.nan)
    return worth_of(
        Recording(format="fit", points=values if points else {}, partial=partial), source
    )


IN_ORDER = [
    track(points=0),
    track("api", partial="cut", heartrate=8, power=8, distance=8),
    track(partial="cut", heartrate=8, power=8, position=8),
    track("api", heartrate=8),
    track(power=8),
    track("api", position=8, distance=8),
    track(heartrate=8, power=5),
]


@pytest.mark.parametrize(("poorer", "richer"), list(pairwise(IN_ORDER)))
def test_whole_comes_before_columns_and_those_before_the_device(
    poorer: Worth, richer: Worth
) -> None:
    assert poorer.rank < richer.rank


def test_the_order_is_total() -> None:
    for one, other in permutations([*IN_ORDER, track("api", points=3, distance=3)], 2):
        if one.is_file != other.is_file:
            assert one.rank != other.rank


def test_a_column_counts_from_half_of_the_points_on() -> None:
    assert track(points=8, heartrate=4, power=3).columns == {"heartrate"}
    assert track(points=7, heartrate=4, power=3).columns == {"heartrate"}


def test_a_position_takes_both_angles() -> None:
    nan = np.nan
    points = {"latitude": np.array([1.0, nan, 3.0]), "longitude": np.array([nan, 2.0, 3.0])}
    assert known_points(points)["position"] == 1
    assert known_points({"latitude": points["latitude"]})["position"] == 0


def test_what_is_shown_and_not_in_half_of_the_points_is_lacking() -> None:
    swim = track(distance=8, heartrate=3)
    assert swim.lacks({"heartrate"})
    assert not swim.lacks({"distance"})
    assert not swim.lacks(set())


def test_a_distance_alone_is_not_lacking_where_there_are_no_points() -> None:
    assert track(heartrate=8).lacks({"distance"})
    assert not track(points=0).lacks({"distance"})
    assert track(points=0).lacks({"distance", "heartrate"})
