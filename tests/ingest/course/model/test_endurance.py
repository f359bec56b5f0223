"""Times by distance follow from races and training, computed by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ingest.course.model.endurance import Effort, all_out, best_windows, endurance_of
from ingest.transform.grade import Pieces
from tests.ingest.course.runners import flat, run


def effort(
    flat_m: float, time_s: float, *, day: int = 0, is_race: bool = True, sport: str = "Run"
) -> Effort:
    """An effort on flat ground."""
    whole = run(day, flat(flat_m), time_s, sport_type=sport)
    return Effort(run=whole, flat_m=flat_m, time_s=time_s, is_race=is_race)


def test_one_race_is_run_again_as_fast_and_other_distances_by_riegel() -> None:
    found = endurance_of([effort(10_000.0, 2400.0)])
    assert found.time_for(10_000.0) == pytest.approx(2400.0)
    assert found.time_for(20_000.0) == pytest.approx(2400.0 * 2**1.06)


def test_training_alone_promises_races_that_are_3_percent_faster() -> None:
    found = endurance_of([effort(10_000.0, 2400.0, is_race=False)])
    assert found.time_for(10_000.0) == pytest.approx(2400.0 * math.exp(-0.03))


def test_two_races_move_the_exponent_but_not_all_the_way() -> None:
    # Both show 1.16. The regression has 2 log(2)^2 = 0.961 of evidence against 0.03^2 / 0.04^2 =
    # 0.5625 of what is usual.
    found = endurance_of([effort(5000.0, 1200.0), effort(20_000.0, 1200.0 * 4**1.16)])
    assert found.exponent == pytest.approx(1.06 + 0.1 * 0.961 / (0.961 + 0.5625), abs=1e-4)


def test_a_race_of_long_ago_counts_less() -> None:
    old, new = effort(10_000.0, 2600.0, day=0), effort(10_000.0, 2400.0, day=365)
    at = math.log(endurance_of([old, new]).time_for(10_000.0) / 2400.0) / math.log(2600 / 2400)
    assert at == pytest.approx(0.0009 / (0.0009 + 0.0009 + 0.0036 * 365 / 365.25), abs=1e-3)


def test_training_counts_less_than_races_and_is_held_back() -> None:
    # Training says 0.1 - 0.03, with a variance of 0.05^2 of its own and 0.05^2 among athletes.
    efforts = [effort(10_000.0, 2400.0), effort(10_000.0, 2400.0 * math.exp(0.1), is_race=False)]
    level = math.log(endurance_of(efforts).middle_s / 2400.0)
    assert level == pytest.approx(0.07 / 0.005 / (1 / 0.005 + 1 / 0.0009), abs=1e-6)


def test_a_slow_race_on_a_trail_is_mostly_the_trail_s_fault() -> None:
    slow = effort(10_000.0, 2400.0 * math.exp(0.1), sport="TrailRun")
    found = endurance_of([effort(10_000.0, 2400.0), slow])
    level = 0.1 / 0.0073 / (1 / 0.0073 + 1 / 0.0009)
    assert math.log(found.middle_s / 2400.0) == pytest.approx(level, abs=1e-6)
    assert found.trail == pytest.approx(0.1 * 0.0064 / (0.0064 + 0.0018), abs=1e-6)


def test_many_races_on_trails_say_what_trails_cost() -> None:
    found = endurance_of(
        [effort(10_000.0, 2400.0), effort(10_000.0, 2600.0, sport="TrailRun")] * 20
    )
    assert found.time_for(10_000.0) == pytest.approx(2400.0, rel=0.01)
    assert found.time_for(10_000.0, "TrailRun") == pytest.approx(2600.0, rel=0.01)


def test_efforts_that_others_beat_were_not_all_out() -> None:
    best = effort(10_000.0, 2400.0)
    easy = effort(20_000.0, 2400.0 * 2**1.16)
    slower_and_shorter = effort(5000.0, 1201.0)
    long = effort(20_000.0, 2400.0 * 2**1.14)
    assert all_out([best, easy, slower_and_shorter]) == [best]
    assert all_out([best, long]) == [best, long]


def test_a_fast_stretch_inside_a_run_is_its_best_effort() -> None:
    pieces = flat(10_000.0)
    seconds = np.full(100, 36.0)
    seconds[20:70] = 24.0
    (found,) = best_windows([run(0, pieces, seconds)], np.ones_like)
    assert found.flat_m == 5000.0
    assert found.time_s == pytest.approx(1200.0)


@pytest.mark.parametrize(
    "length", [3000.0, 5000.0, 7500.0, 10_000.0, 15_000.0, 21_097.0, 30_000.0, 42_195.0]
)
def test_efforts_of_all_usual_lengths_are_looked_for(length: float) -> None:
    border = np.linspace(0.0, 2 * length, 201)
    seconds = np.repeat([0.2, 0.4], 100) * length / 100
    pieces = Pieces(border_m=border, height_m=np.zeros(201))
    (found,) = best_windows([run(0, pieces, seconds)], np.ones_like)
    assert found.flat_m == length
    assert found.time_s == pytest.approx(0.2 * length)


def test_an_even_run_is_its_best_effort_as_a_whole() -> None:
    (found,) = best_windows([run(0, flat(12_000.0), 3600.0)], np.ones_like)
    assert found.flat_m == 12_000.0
    assert found.time_s == pytest.approx(3600.0)


def test_hills_count_by_their_length_on_flat_ground() -> None:
    (found,) = best_windows([run(0, flat(8000.0), 3000.0)], lambda grade: np.full_like(grade, 1.5))
    assert found.flat_m == pytest.approx(12_000.0)


def test_what_nobody_runs_is_no_effort() -> None:
    fastest = 5 * 145.0
    assert not best_windows([run(0, flat(5000.0), fastest - 0.1)], np.ones_like)
    assert best_windows([run(0, flat(5000.0), fastest + 0.1)], np.ones_like)
