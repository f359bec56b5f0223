"""Past races are predicted from what was known the day before, and from nothing else."""

from __future__ import annotations

import math
from datetime import timedelta

import numpy as np
import pytest

from ingest.course.model.backtest import Backtest, RaceRow, backtest_of
from ingest.course.model.baselines import BASELINES
from ingest.course.model.history import Run
from ingest.transform.grade import Pieces
from tests.ingest.course.runners import FIRST, flat, hills, history, run


def season(*, odd: int | None = None) -> list[Run]:
    """Training every other day and a race every tenth; race number ``odd`` took twice as long."""
    dice = np.random.default_rng(3)
    runs = []
    for day in range(0, 100, 2):
        is_race = day % 10 == 0
        time = 2500.0 * float(np.exp(dice.normal(0, 0.05))) * (1.0 if is_race else 1.25)
        if odd is not None and day == 10 * odd:
            time *= 2.0
        runs.append(run(day, hills(9000.0, day, 0.04), time, is_race=is_race))
    return runs


def test_neither_a_race_nor_what_comes_later_tells_of_it() -> None:
    before, after = (backtest_of(history(*season(odd=odd))).rows for odd in (None, 6))
    assert [row.day for row in before] == [row.day for row in after]
    at = [row.day for row in before].index(FIRST + timedelta(days=60))
    assert before[:at] == after[:at]
    assert before[at].predicted_s == after[at].predicted_s
    assert before[at].interval_s == after[at].interval_s
    assert before[at].time_s != after[at].time_s
    assert before[at + 1].predicted_s != after[at + 1].predicted_s


def test_another_run_of_the_same_day_is_not_known() -> None:
    race = run(10, flat(10_000.0), 2400.0, is_race=True)
    known = history(run(0, flat(10_000.0), 3000.0), run(10, flat(5000.0), 900.0), race)
    (row,) = backtest_of(known).rows
    assert row.predicted_s["model"] == pytest.approx(3000.0 * math.exp(-0.03))


def test_only_races_since_a_day_are_predicted_but_from_all_runs() -> None:
    since = FIRST + timedelta(days=60)
    every, some = (backtest_of(history(*season()), day).rows for day in (None, since))
    assert some == [row for row in every if row.day >= since]


def test_baselines_are_rules_of_thumb() -> None:
    runs = [run(0, flat(10_000.0), 3000.0), run(1, flat(5000.0), 1800.0)]
    border = np.linspace(0.0, 10_000.0, 101)
    uphill = Pieces(border_m=border, height_m=border * 0.05)
    found = {name: predict(runs, uphill) for name, predict in BASELINES.items()}
    percent = 1 + 5 * 0.0326567 + 25 * 0.00205357 - 125 * 3.98957e-6 - 625 * 5.29444e-7
    assert found == pytest.approx(
        {
            "mean_pace": 4800.0 / 15_000 * 10_000,
            "riegel_flat": 3000.0,
            "riegel_prior": 3000.0 * percent**1.06,
            "naismith": 3000.0 * 1.4**1.06,
        }
    )


def test_the_recent_pace_is_that_of_20_runs() -> None:
    runs = [run(day, flat(1000.0), 300.0 + 21.0 * (day in (0, 1))) for day in range(21)]
    assert BASELINES["mean_pace"](runs, flat(1000.0)) == pytest.approx(300.0 + 21 / 20)


def test_by_naismith_s_rule_descents_cost_nothing() -> None:
    border = np.linspace(0.0, 5000.0, 51)
    downhill = Pieces(border_m=border, height_m=border * -0.05)
    found = BASELINES["naismith"]([run(0, flat(5000.0), 1500.0)], downhill)
    assert found == pytest.approx(1500.0)


def test_a_row_says_how_far_and_how_steep_the_race_was() -> None:
    border = np.linspace(0.0, 5000.0, 51)
    up_and_down = Pieces(border_m=border, height_m=50.0 - np.abs(np.arange(51) - 25.0) * 2)
    race = run(1, up_and_down, 1500.0, is_race=True)
    (found,) = backtest_of(history(run(0, flat(5000.0), 1500.0), race)).rows
    assert (found.distance_m, found.climb_m) == (5000.0, 50.0)
    assert found.time_s == pytest.approx(1500.0)


def row(predicted: float, mean_pace: float, interval: tuple[float, float]) -> RaceRow:
    """A race of 1000 s."""
    names = dict.fromkeys(BASELINES, 1100.0)
    return RaceRow(
        activity_id=1,
        day=FIRST,
        distance_m=5000.0,
        climb_m=0.0,
        time_s=1000.0,
        predicted_s={"model": predicted, **names, "mean_pace": mean_pace},
        interval_s=interval,
    )


def test_errors_are_shares_of_the_time() -> None:
    found = Backtest(
        rows=[
            row(1010.0, 1005.0, (900.0, 1100.0)),
            row(970.0, 1030.0, (1000.001, 1100.0)),
            row(1050.0, 1300.0, (1000.0, 1000.0)),
        ]
    )
    assert found.races == 3
    assert found.median_error["model"] == pytest.approx(0.03)
    assert found.median_error["mean_pace"] == pytest.approx(0.03)
    assert found.p90_error["model"] == pytest.approx(0.046)
    assert found.coverage == pytest.approx(2 / 3)
    assert found.wins == {"mean_pace": 1, "riegel_flat": 3, "riegel_prior": 3, "naismith": 3}


def test_without_races_there_are_no_errors() -> None:
    found = backtest_of(history(run(0, flat(10_000.0), 3000.0)))
    assert (found.races, found.coverage) == (0, None)
    assert set(found.median_error.values()) == {None}
