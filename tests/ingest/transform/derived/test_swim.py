"""Pool swims whose lengths are known: metres between walls, and rests that are rests."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from ingest.transform.derived import Derived, Zones, derive
from ingest.transform.derived.swim import agree
from ingest.transform.derived.swim import swim as swum
from ingest.transform.records import LengthRow
from tests.ingest.transform.derived.tracks import START, points


def lengths(*swum: tuple[int, int, bool]) -> list[LengthRow]:
    return [
        LengthRow(
            length_index=i,
            start_time_utc=START + timedelta(seconds=begin),
            elapsed_time_s=seconds,
            is_active=active,
        )
        for i, (begin, seconds, active) in enumerate(swum)
    ]


def swim(distance: list[float], elapsed: list[float], rows: list[LengthRow]) -> Derived:
    track = points(elapsed_s=elapsed, distance_m=distance)
    return derive(track, sport_type="Swim", zones=Zones(), start_time_utc=START, lengths=rows)


def test_a_rest_at_the_wall_is_no_moving_time_however_short() -> None:
    # 40 lengths of 25 m in 20 s each, after every second one ten seconds at the wall.
    rows = [(30 * (i // 2) + 20 * (i % 2) * 1 + (i // 2) * 20, 20, True) for i in range(40)]
    ends = [begin + seconds for begin, seconds, _ in rows]
    found = swim([0, *[25.0 * (i + 1) for i in range(40)]], [0, *ends], lengths(*rows))
    (kilometre,) = [split for split in found.splits if split.unit == "km"]
    assert kilometre.moving_time_s == pytest.approx(800)
    assert kilometre.elapsed_time_s == ends[-1]


def test_metres_without_lengths_make_the_device_s_distance_count() -> None:
    # A drill: 500 m on the device's word, and one length swum before it.
    found = swim([0, 25, 525], [0, 20, 620], lengths((0, 20, True)))
    (split,) = [split for split in found.splits if split.unit == "km"]
    assert split.distance_m == 525


def test_lengths_of_a_distance_that_grows_by_the_second_agree_with_it() -> None:
    elapsed = np.arange(0.0, 401.0)
    rows = lengths(*((20 * i, 20, True) for i in range(20)))
    found = swim((elapsed * 1.25).tolist(), elapsed.tolist(), rows)
    (split,) = [split for split in found.splits if split.unit == "km"]
    assert (split.distance_m, split.moving_time_s) == (500, 400)


TWO_LENGTHS = np.array([[0.0, 20.0], [30.0, 50.0]])


def test_metres_grow_within_a_length_and_time_stands_between_lengths() -> None:
    elapsed = np.arange(0.0, 51.0, 10.0)
    metres, moving = swum(TWO_LENGTHS, elapsed, np.array([0.0, 50.0]))
    assert metres.tolist() == [0, 12.5, 25, 25, 37.5, 50]
    assert moving.tolist() == [0, 10, 20, 20, 30, 40]
    # A track that begins within a length counts from there.
    metres, moving = swum(TWO_LENGTHS, elapsed[1:], np.array([0.0, 50.0]))
    assert metres.tolist() == [0, 12.5, 12.5, 25, 37.5]
    assert moving.tolist() == [0, 10, 10, 20, 30]


@pytest.mark.parametrize(
    ("elapsed", "distance", "agrees"),
    [
        ([0, 20, 50], [0, 25, 50], True),
        # The metres of a length appear one second, and two seconds, after the wall.
        ([0, 20, 21, 50, 51], [0, 0, 25, 25, 50], True),
        ([0, 21, 22, 51, 52], [0, 0, 25, 25, 50], False),
        # Before the first length the swimmer waits.
        ([-30, -20, 0, 20, 50], [0, 0, 0, 25, 50], True),
        ([0, 20, 50], [0, 0, 0], False),
        # A drill at the end: its metres have no length.
        ([0, 20, 50, 90], [0, 25, 50, 150], False),
    ],
)
def test_lengths_agree_with_a_distance_that_has_as_many_by_the_second_of_each_wall(
    elapsed: list[float], distance: list[float], agrees: bool
) -> None:
    assert agree(TWO_LENGTHS, np.array(elapsed, float), np.array(distance, float)) is agrees


def test_no_length_agrees_with_nothing() -> None:
    assert not agree(np.empty((0, 2)), np.array([0.0, 1.0]), np.array([0.0, 25.0]))
