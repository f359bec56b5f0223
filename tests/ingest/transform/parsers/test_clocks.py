"""Which times of a file are right, by the others and by its row; and clocks
that are wrong throughout.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from ingest.transform.parsers.clocks import ROLL_OVER, Expected, usable, whole_clock

START = datetime(2024, 5, 1, 6, 0, tzinfo=UTC)
T = START.timestamp()
HOUR = 3600.0
WEEKS = ROLL_OVER.total_seconds()


def kept(*stretches: tuple[float, int], **expected: object) -> list[int]:
    """How many points of each stretch (seconds after ``START``, count of points a second apart) are
    usable.
    """
    times = np.concatenate([T + begin + np.arange(count) for begin, count in stretches])
    found = usable(times, Expected(**expected))  # type: ignore[arg-type]
    ends = np.cumsum([count for _, count in stretches])
    return [int(part.sum()) for part in np.split(found, ends[:-1])]


def row(elapsed_s: float | None, start: datetime = START) -> dict[str, object]:
    return {"start": start, "elapsed_s": elapsed_s}


@pytest.mark.parametrize("stray", [-T, -WEEKS, WEEKS, -8 * HOUR, 5 * HOUR, 40 * 86400.0])
@pytest.mark.parametrize("known", [{}, row(620.0), row(None), row(1024 * 7 * 86400.0)])
def test_a_few_stray_points_at_any_place_cost_themselves_alone(
    stray: float, known: dict[str, object]
) -> None:
    assert kept((stray, 4), (0, 600), **known) == [0, 600]
    assert kept((0, 600), (stray, 4), **known) == [600, 0]
    assert kept((0, 300), (stray, 4), (304, 300), **known) == [300, 0, 300]


def test_a_clock_that_went_back_some_minutes_for_a_few_points_is_stray() -> None:
    assert kept((0, 900), (200, 5), (905, 300)) == [900, 0, 300]


def test_a_clock_that_was_put_right_by_seconds_is_not_stray() -> None:
    assert kept((0, 300), (270, 300)) == [300, 300]


def test_more_than_half_of_the_points_may_be_stray_where_the_row_knows() -> None:
    assert kept((0, 400), (7 * HOUR, 800), **row(1200.0)) == [400, 0]
    assert kept((-WEEKS, 800), (800, 400), **row(1200.0)) == [0, 400]


def test_a_pause_of_hours_is_one_with_many_points_on_both_sides() -> None:
    assert kept((0, 400), (14 * HOUR, 800)) == [400, 800]
    assert kept((0, 400), (14 * HOUR, 800), (30 * HOUR, 300), **row(30 * HOUR + 300)) == [
        400,
        800,
        300,
    ]


def test_a_few_points_after_hours_are_a_pause_where_the_row_lasts_as_long() -> None:
    assert kept((0, 600), (5 * HOUR, 3), **row(5 * HOUR + 2)) == [600, 3]
    assert kept((0, 600), (5 * HOUR, 3), **row(599.0)) == [600, 0]
    assert kept((0, 600), (5 * HOUR, 3)) == [600, 0]


def test_a_long_drive_before_a_pause_stays_where_no_row_is_known() -> None:
    assert kept((0, 800), (2 * HOUR, 17_000)) == [800, 17_000]


def test_a_file_that_is_off_throughout_loses_no_pause() -> None:
    assert kept((2 * HOUR, 600), (3 * HOUR, 600), (-WEEKS, 3), **row(HOUR + 600)) == [600, 600, 0]


def test_tracks_that_were_recorded_at_the_same_time_all_stay() -> None:
    assert kept((0, 600), (30, 500)) == [600, 500]


def test_times_that_are_all_impossible_are_judged_by_one_another() -> None:
    assert kept((-T, 300), (-T + 12 * HOUR, 2), **row(300.0)) == [300, 0]


def test_a_row_of_the_last_century_makes_its_times_possible() -> None:
    start = datetime(1998, 7, 4, tzinfo=UTC)
    assert kept((start.timestamp() - T, 60), **row(60.0, start)) == [60]
    assert whole_clock(start, Expected(start=start)) is None


def test_a_clock_that_changes_all_the_time_is_judged_by_the_middle() -> None:
    times = T + np.arange(900.0)
    times[::2] += 30 * 86400.0
    times[0] = T
    assert 400 <= usable(times).sum() <= 451


@pytest.mark.parametrize(
    ("off", "words"),
    [
        (START - datetime(1980, 1, 6, tzinfo=UTC), "too early for any device"),
        (ROLL_OVER, "wrong by 1,024 weeks"),
        (-ROLL_OVER + timedelta(minutes=4), "after the export"),
        (timedelta(days=-400), "after the export"),
    ],
)
def test_a_whole_clock_that_cannot_be_right_is_told(off: timedelta, words: str) -> None:
    reason = whole_clock(START - off, Expected(start=START, exported_at=START + timedelta(days=90)))
    assert reason is not None
    assert words in reason


@pytest.mark.parametrize(
    "off",
    [timedelta(hours=7), timedelta(days=-30), timedelta(days=365), ROLL_OVER + timedelta(hours=2)],
)
def test_any_other_difference_is_left_as_it_is(off: timedelta) -> None:
    assert (
        whole_clock(START - off, Expected(start=START, exported_at=START + timedelta(days=90)))
        is None
    )


def test_an_archive_whose_dates_mean_nothing_does_not_make_starts_impossible() -> None:
    expected = Expected(start=START, exported_at=datetime(1980, 1, 1, tzinfo=UTC))
    assert usable(T + np.arange(9.0), expected).all()
    assert whole_clock(START + timedelta(hours=30), expected) is None
