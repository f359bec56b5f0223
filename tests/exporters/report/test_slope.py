"""What climb costs is told from enough splits of plausible runs, and only if they agree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from exporters.report.slope import RunSplit, pace_slope


def splits(runs: int, each: int, *, cost: float = 0.9, luck: float = 0.01) -> Iterator[RunSplit]:
    """Splits of a runner who needs 0.3 s per metre, and more with the grade."""
    rng = np.random.default_rng(1)
    for run in range(runs):
        day = rng.normal(0, luck)
        for _ in range(each):
            rise = rng.normal(0, 20)
            pace = 0.3 + cost * rise / 1000 + day + rng.normal(0, 0.005)
            yield RunSplit(
                activity_id=run, distance_m=1000.0, rise_m=rise, seconds=max(pace, 0.15) * 1000
            )


def test_the_slope_is_that_of_the_runner() -> None:
    found = pace_slope(list(splits(40, 10)))
    assert found
    assert found.slope == pytest.approx(0.9, abs=4 * found.standard_error)
    assert found.flat == pytest.approx(0.3, abs=0.01)
    assert 0 < found.standard_error < 0.1


def test_the_standard_error_is_as_wide_as_slopes_of_other_samples() -> None:
    every = list(splits(4000, 10))
    parts = [every[at : at + 400] for at in range(0, len(every), 400)]
    found = [
        pace_slope([replace(one, activity_id=n // 10) for n, one in enumerate(part)])
        for part in parts
    ]
    slopes = [one.slope for one in found if one]
    errors = [one.standard_error for one in found if one]
    assert len(slopes) == 100
    assert np.mean(errors) == pytest.approx(np.std(slopes), rel=0.2)


@pytest.mark.parametrize(
    ("runs", "each", "is_told"), [(20, 10, True), (19, 10, False), (9, 40, False), (10, 20, True)]
)
def test_few_splits_or_runs_tell_nothing(runs: int, each: int, is_told: bool) -> None:
    assert (pace_slope(list(splits(runs, each))) is not None) == is_told


def test_what_nobody_runs_does_not_count() -> None:
    good = list(splits(30, 10))
    ride = [replace(one, seconds=100.0) for one in splits(30, 10)]
    cliff = [replace(one, rise_m=600.0) for one in good]
    assert pace_slope([*good, *ride, *cliff]) == pace_slope(good)
    assert pace_slope(ride) is None


@pytest.mark.parametrize("cost", [-0.9, 0.0, 0.02])
def test_a_slope_that_its_error_drowns_or_that_cannot_be_is_not_told(cost: float) -> None:
    assert pace_slope(list(splits(40, 10, cost=cost, luck=0.05))) is None


def test_flat_runs_tell_nothing() -> None:
    assert pace_slope([replace(one, rise_m=0.0) for one in splits(40, 10)]) is None
