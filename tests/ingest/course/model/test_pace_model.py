"""Predictions follow from an athlete's runs; little data is said to be little."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from ingest.course.model.pace_model import PaceModel, fit, recent_runs
from ingest.course.model.prediction import Prediction
from ingest.errors import UsageError
from ingest.transform.grade import strava_factor
from tests.ingest.course.runners import flat, hills, history, run


def reach(prediction: Prediction) -> float:
    """Log of the factor between the total and both ends of the interval."""
    low, high = prediction.interval_s
    assert math.log(high / prediction.total_s) == pytest.approx(math.log(prediction.total_s / low))
    return math.log(high / prediction.total_s)


def test_without_runs_and_pace_nothing_is_predicted() -> None:
    with pytest.raises(UsageError, match=r"there are no runs .* by --pace"):
        fit(history()).predict(flat(10_000.0))


def test_without_runs_a_pace_is_adjusted_by_the_published_curve() -> None:
    model = fit(history())
    assert model.predict(flat(10_000.0), 300.0).total_s == pytest.approx(3000.0)
    pieces = hills(10_000.0)
    prediction = model.predict(pieces, 300.0)
    assert prediction.piece_s == pytest.approx(30.0 * strava_factor(pieces.grade))
    assert reach(prediction) == pytest.approx(0.083)
    assert prediction.notes == [
        "it rests on no runs, so mostly on published curves",
        "it rests on no races, so that its interval is mostly that of other athletes",
    ]


def test_the_race_of_yesterday_is_run_again() -> None:
    model = fit(history(run(0, flat(10_000.0), 2400.0, is_race=True)))
    prediction = model.predict(flat(10_000.0))
    assert prediction.total_s == pytest.approx(2400.0)
    assert prediction.notes[0].startswith("it rests on 1 run,")


def test_a_pace_replaces_what_efforts_promise_but_not_the_curve() -> None:
    model = fit(history(run(0, flat(10_000.0), 2400.0, is_race=True)))
    assert model.predict(flat(10_000.0), 360.0).total_s == pytest.approx(3600.0)


def test_pieces_share_the_total_by_grade() -> None:
    pieces = hills(5000.0)
    prediction = fit(history(run(0, flat(10_000.0), 2400.0))).predict(pieces)
    share = prediction.piece_s / prediction.total_s
    cost = pieces.length_m * strava_factor(pieces.grade)
    assert share == pytest.approx(cost / cost.sum())
    assert prediction.piece_flat_m == pytest.approx(cost)


@pytest.mark.parametrize(
    ("misses", "expected"),
    [
        # With fewer than five, the usual 0.013, 0.041 and 0.083 count, too: of seven values the
        # one at 0.8 x 8 = 6.4, four tenths of the way from 0.041 on.
        ([0.0] * 4, 0.041 + 0.4 * 0.042),
        ([-0.02] * 4, 0.041 + 0.4 * 0.042),
        # Of 1, 2, 3, 4 and 5 %, the one at 0.8 x 6 = 4.8.
        ([0.01, -0.02, 0.03, -0.04, 0.05], 0.048),
        # Of more, the last twelve.
        ([0.5] * 8 + [0.02] * 12, 0.02),
    ],
)
def test_the_interval_is_made_of_the_latest_misses_and_with_few_of_usual_ones(
    misses: list[float], expected: float
) -> None:
    model = replace(fit(history(run(0, flat(10_000.0), 2400.0))), misses=misses)
    assert reach(model.predict(flat(10_000.0))) == pytest.approx(expected)


@pytest.mark.parametrize(("runs", "notes"), [(9, 2), (10, 1), (13, 1), (14, 0)])
def test_little_data_is_said_to_be_little(runs: int, notes: int) -> None:
    """The tenth run and all after it are races."""
    marks = [n >= 9 for n in range(runs)]
    every = [run(n, flat(6e3), 1500.0, is_race=is_race) for n, is_race in enumerate(marks)]
    assert len(fit(history(*every)).notes) == notes


def test_a_course_far_beyond_all_races_is_said_to_be_so() -> None:
    model = races([2400.0] * 12)
    assert not model.predict(flat(15_000.0)).notes
    assert model.predict(flat(25_000.0)).notes == [
        "it is 2.5 times as far as your longest race, as if on flat ground, so that it may miss by "
        "more than its interval says"
    ]


@pytest.mark.parametrize("is_marked", [True, False])
def test_marked_and_unmarked_races_are_predicted(is_marked: bool) -> None:
    first = run(0, flat(10_000.0), 2400.0)
    race = run(7, flat(10_000.0), 2400.0, is_race=is_marked, is_best=not is_marked)
    # What was known is training, in which 3 % are held back.
    assert fit(history(first, race)).misses == pytest.approx([0.03])


def races(times: list[float], *, is_race: bool = True) -> PaceModel:
    """The model after a flat race of 10 km every 10 days; each is the best of its 90 days, too."""
    runs = [
        run(10 * n, flat(10_000.0), time, is_race=is_race, is_best=True)
        for n, time in enumerate(times)
    ]
    return fit(history(*runs))


def test_races_that_were_predicted_well_narrow_the_interval() -> None:
    even = races([2400.0] * 20)
    assert even.misses == pytest.approx([0.0] * 19)  # nothing was known before the first
    assert reach(even.predict(flat(10_000.0))) < 0.03
    assert not [note for note in even.notes if "races" in note]


def test_races_that_were_predicted_badly_widen_the_interval() -> None:
    odd = races([2400.0, 2900.0] * 10)
    assert reach(odd.predict(flat(10_000.0))) > 0.09


def test_a_marked_race_counts_even_if_it_was_slow_and_an_unmarked_one_does_not() -> None:
    marked, unmarked = (
        races([2400.0, 2600.0], is_race=is_race).predict(flat(10_000.0)).total_s
        for is_race in (True, False)
    )
    assert 2450 < marked < 2550
    assert unmarked == pytest.approx(2400.0)


def test_only_races_of_the_sport_are_its_races() -> None:
    runs = [
        run(n, flat(10_000.0), 2400.0, sport_type=sport, is_race=True)
        for n, sport in enumerate(("Run", "TrailRun", "Run", "TrailRun"))
    ]
    assert [r.activity_id for r in history(*runs, sport="TrailRun").races] == [1, 3]


def test_races_of_both_sports_tell_of_a_trail_race() -> None:
    runs = [
        run(n, flat(10_000.0), 2400.0 if n % 2 else 2900.0, sport_type=sport, is_race=True)
        for n, sport in enumerate(("TrailRun", "Run") * 10)
    ]
    road, trail = (
        fit(history(*runs, sport=sport)).predict(flat(10_000.0)).total_s
        for sport in ("Run", "TrailRun")
    )
    assert road == pytest.approx(2400.0, rel=0.02)
    assert trail == pytest.approx(2900.0, rel=0.02)


def test_short_runs_are_no_races() -> None:
    assert not history(run(0, flat(4900.0), 1200.0, is_race=True)).races


def test_efforts_are_those_of_half_a_year_and_of_before_a_break() -> None:
    known = history(*(run(day, flat(5000.0), 1500.0) for day in (20, 21, 200)))
    assert [r.activity_id for r in recent_runs(known)] == [21, 200]
    after_a_break = history(run(0, flat(5000.0), 1500.0)).before(run(900, flat(1e3), 1.0).day)
    assert [r.activity_id for r in recent_runs(after_a_break)] == [0]
