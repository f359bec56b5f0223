"""The fastest lengths in a row of a swim in a pool."""

from __future__ import annotations

from exporters.report.rows import PoolSwim
from exporters.report.swimming import best_swims


def swim(activity_id: int, seconds: list[float], pool_m: float = 25.0) -> PoolSwim:
    """Negative seconds are a rest."""
    return PoolSwim(
        activity_id=activity_id,
        pool_m=pool_m,
        seconds=tuple(map(abs, seconds)),
        is_swum=tuple(one > 0 for one in seconds),
        strokes=0,
    )


def bests(*swims: PoolSwim) -> dict[str, tuple[float, int]]:
    return {one.name: (one.seconds, one.activity_id) for one in best_swims(swims)}


def test_lengths_in_a_row_count_and_so_do_rests_between_them() -> None:
    found = bests(swim(1, [30, 28, -20, 26, 27, 29]))
    assert found == {"50 m": (53, 1), "100 m": (28 + 20 + 26 + 27 + 29, 1)}


def test_the_earlier_of_equal_ones_counts_and_the_fastest_of_all() -> None:
    assert bests(swim(1, [30, 30]), swim(2, [30, 30]), swim(3, [29, 30]), swim(4, [29, 30])) == {
        "50 m": (59, 3)
    }


def test_pools_that_do_not_fit_a_distance_have_none() -> None:
    assert bests(swim(1, [40] * 3, pool_m=33.33)) == {"100 m": (120, 1)}
    assert bests(swim(1, [60], pool_m=50)) == {"50 m": (60, 1)}


def test_yards_are_yards() -> None:
    assert bests(swim(1, [20] * 4, pool_m=22.86)) == {"50 yd": (40, 1), "100 yd": (80, 1)}


def test_what_nobody_swims_is_an_error_of_the_device() -> None:
    assert bests(swim(1, [9, 9, 30])) == {"50 m": (39, 1)}
