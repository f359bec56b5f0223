"""Runs as histories hold them, made of heights and paces."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np

from ingest.course.model.history import History, Run
from ingest.transform.grade import Pieces, strava_factor
from ingest.transform.records import FloatArray

FIRST = date(2026, 1, 1)


def flat(length_m: float) -> Pieces:
    """A flat course in pieces of 100 m."""
    border = np.linspace(0.0, length_m, round(length_m / 100) + 1)
    return Pieces(border_m=border, height_m=np.zeros(len(border)))


def hills(length_m: float, seed: int = 0, steepness: float = 0.1) -> Pieces:
    """A course whose pieces have all grades up to about 2.5 times the steepness."""
    border = np.linspace(0.0, length_m, round(length_m / 100) + 1)
    rises = np.random.default_rng(seed).normal(0.0, 100.0 * steepness, len(border) - 1)
    return Pieces(border_m=border, height_m=np.concatenate(([0.0], np.cumsum(rises))))


def run(
    day: int,
    pieces: Pieces,
    seconds: float | FloatArray,
    *,
    sport_type: str = "Run",
    is_race: bool = False,
    is_best: bool = False,
) -> Run:
    """A run on a day, in so many seconds altogether or for each piece; evenly by effort."""
    cost = pieces.length_m * strava_factor(pieces.grade)
    each = cost * (seconds / cost.sum()) if isinstance(seconds, float) else seconds
    until = np.concatenate(([0.0], np.cumsum(each)))
    return Run(
        activity_id=day,
        sport_type=sport_type,
        day=FIRST + timedelta(days=day),
        pieces=pieces,
        moving_s=until,
        elapsed_s=until,
        is_race=is_race,
        is_best=is_best,
    )


def history(*runs: Run, sport: str = "Run") -> History:
    """A history as of the last of its runs."""
    return History(sport=sport, runs=runs, as_of=runs[-1].day if runs else FIRST)


def seconds_of(pieces: Pieces, factor: Callable[[FloatArray], FloatArray]) -> FloatArray:
    """Seconds of each piece at 5 min/km on flat ground."""
    return pieces.length_m * factor(pieces.grade) * 0.3
