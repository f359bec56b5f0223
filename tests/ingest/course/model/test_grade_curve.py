"""The curve of an athlete is found from runs, and is the published one where they tell nothing."""

from __future__ import annotations

import numpy as np
import pytest

from ingest.course.model.grade_curve import KNOTS, SUPPORTED, GradeCurve, fit_curve
from ingest.transform.grade import Pieces, strava_factor
from ingest.transform.records import FloatArray
from tests.ingest.course.runners import flat, hills, run, seconds_of

GRADES = np.array([-0.2, -0.12, -0.06, 0.0, 0.06, 0.12, 0.2])


def careful(grade: FloatArray) -> FloatArray:
    """Somebody who is 20 % slower than usual downhill from 12 % on, and as usual uphill."""
    slower: FloatArray = np.exp(np.interp(grade, [-0.12, 0.0], [np.log(1.2), 0.0]))
    return strava_factor(grade) * slower


def fitted(runs: int, noise: float = 0.0) -> GradeCurve:
    """The curve of so many hilly runs of 10 km."""
    dice, found = np.random.default_rng(1), []
    for day in range(runs):
        pieces = hills(10_000.0, day)
        wrong = np.exp(noise * dice.normal(size=len(pieces.grade)))
        found.append(run(day, pieces, seconds_of(pieces, careful) * wrong).equations)
    return fit_curve(found)


def test_nothing_told_is_the_published_curve() -> None:
    curve = fit_curve([])
    assert curve.factor(GRADES).tolist() == strava_factor(GRADES).tolist()
    assert curve.fatigue == (0.0, 0.0)
    assert not curve.support_m.any()


def test_a_known_curve_is_found_again() -> None:
    assert fitted(60, noise=0.1).factor(GRADES) == pytest.approx(careful(GRADES), rel=0.03)


def test_the_more_runs_the_further_from_the_published_curve() -> None:
    at = KNOTS.tolist().index(-0.12)
    found = [float(fitted(runs).deviation[at]) for runs in (0, 1, 3, 30)]
    assert found == sorted(found)
    assert found[0] == 0.0
    assert found[1] > 0.02
    assert found[3] == pytest.approx(np.log(1.2), rel=0.1)


def test_grades_that_were_never_run_follow_their_neighbours_and_fall_back() -> None:
    pieces = hills(10_000.0, steepness=0.02)  # nothing steeper than 6 %
    curve = fit_curve([run(day, pieces, seconds_of(pieces, careful)).equations for day in range(5)])
    near, far = (curve.deviation[KNOTS.tolist().index(grade)] for grade in (-0.06, -0.3))
    # Each of three knots lies between its neighbour, by 1 / 0.08^2, and 0, by 1 / 0.15^2.
    own, step, share = 1 / 0.15**2, 1 / 0.08**2, 0.0
    expected = near
    for beyond in (0, 1, 2):
        share = step / (own + step * (1 if beyond == 0 else 2 - share))
        expected *= share
    assert near > 0
    assert far == pytest.approx(expected)


def test_it_does_not_matter_how_fast_a_run_was() -> None:
    pieces = hills(10_000.0)
    seconds = seconds_of(pieces, careful)
    slow, fast = (fit_curve([run(0, pieces, seconds * by).equations]) for by in (1.5, 0.9))
    assert slow.deviation == pytest.approx(fast.deviation)


def test_rests_do_not_count() -> None:
    pieces = hills(10_000.0)
    seconds = seconds_of(pieces, careful)
    rested = seconds.copy()
    rested[50] *= 10.0
    found, undisturbed = (fit_curve([run(0, pieces, each).equations]) for each in (rested, seconds))
    assert found.deviation == pytest.approx(undisturbed.deviation, abs=0.01)


def test_a_run_of_few_pieces_tells_nothing() -> None:
    for length, is_told in ((900.0, False), (1000.0, True)):
        pieces = hills(length)
        curve = fit_curve([run(0, pieces, seconds_of(pieces, careful)).equations])
        assert curve.deviation.any() == is_told
        assert curve.support_m.any() == is_told


def test_fatigue_is_found_and_slows_the_end_of_a_course() -> None:
    pieces = flat(20_000.0)
    tired = seconds_of(pieces, strava_factor) * np.exp(0.05 * pieces.border_m[1:] / 10_000.0)
    curve = fit_curve([run(day, pieces, tired).equations for day in range(30)])
    assert curve.fatigue[0] == pytest.approx(0.05, rel=0.1)
    effort = curve.effort_m(pieces)
    assert effort[-1] / effort[0] == pytest.approx(np.exp(curve.fatigue[0] * 1.99), rel=1e-3)


def test_who_gets_faster_is_not_taken_to_do_so_in_races() -> None:
    pieces = flat(20_000.0)
    faster = seconds_of(pieces, strava_factor) * np.exp(-0.05 * pieces.border_m[1:] / 10_000.0)
    assert fit_curve([run(0, pieces, faster).equations]).fatigue == (0.0, 0.0)


def test_climbing_tires_apart_from_distance() -> None:
    border = np.linspace(0.0, 20_000.0, 201)
    runs = []
    for day in range(40):  # up 100 m/km, then flat, or flat and then up
        rise = np.repeat([0.1, 0.0] if day % 2 else [0.0, 0.1], 100) * 100.0
        climb = np.cumsum(rise)
        pieces = Pieces(border_m=border, height_m=np.concatenate(([0.0], climb)))
        tired = np.exp(0.06 * (climb - rise / 2) / 1000.0)
        runs.append(run(day, pieces, seconds_of(pieces, strava_factor) * tired).equations)
    assert fit_curve(runs).fatigue == pytest.approx((0.0, 0.06), abs=0.006)


def test_one_run_tells_little_of_fatigue() -> None:
    pieces = flat(10_000.0)
    tired = seconds_of(pieces, strava_factor) * np.exp(0.05 * pieces.border_m[1:] / 10_000.0)
    # 100 pieces count as 20 of variance 0.05^2; the variance of their distances is 1 / 12.
    evidence = 20 / 0.05**2 * (1 - 1 / 100**2) / 12
    found = fit_curve([run(0, pieces, tired).equations]).fatigue[0]
    assert found == pytest.approx(0.05 * evidence / (evidence + 1 / 0.03**2), rel=1e-3)


def test_support_is_counted_at_each_per_cent() -> None:
    assert (100 * SUPPORTED).round(9).tolist() == list(range(-30, 31))
    curve = fit_curve([run(0, flat(5000.0), 1500.0).equations])
    assert curve.support_m[SUPPORTED == 0.0] == [5000.0]
    assert curve.support_m.sum() == 5000.0
