"""Predicts how long a course takes one athlete, from that athlete's runs.

The course's length on flat ground, by the athlete's own curve, gives the total time by the
athlete's endurance. By how much predictions of past races missed gives its interval. Grades and
fatigue share the total among the pieces.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np

from ingest.course.model.endurance import (
    Effort,
    Endurance,
    all_out,
    best_windows,
    endurance_of,
    whole_races,
)
from ingest.course.model.grade_curve import GradeCurve, fit_curve
from ingest.course.model.history import History, Run
from ingest.course.model.prediction import Prediction
from ingest.errors import UsageError
from ingest.transform.grade import Pieces

#: Days in which best efforts are looked for.
EFFORT_DAYS: Final = 180
#: Races and runs below which a prediction says that it rests on few.
_FEW_RACES: Final = 5
_FEW_RUNS: Final = 10
#: The athlete's latest misses that tell the interval; the first ones came of little knowledge.
_LATEST_MISSES: Final = 12
#: Misses of other athletes' predictions that count beside few of the athlete's own, in logs of
#: time: three even parts of a normal distribution of 6 %, since models of single athletes miss by
#: 4 to 10 %.
_USUAL_MISSES: Final = (0.013, 0.041, 0.083)
#: Times the longest race beyond which a course is said to be longer than what is known.
_FAR: Final = 1.5
#: Share of races that the interval holds.
_HELD: Final = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class PaceModel:
    """What one athlete's runs tell of pace."""

    sport: str
    #: The last day that it knows of.
    as_of: date
    curve: GradeCurve
    #: ``None`` without runs.
    endurance: Endurance | None = None
    #: Logs of time by prediction of past races, each predicted from what was known before it.
    misses: Sequence[float] = ()
    #: The longest of those races, as if on flat ground; 0 without any.
    longest_m: float = 0.0
    notes: Sequence[str] = ()

    def predict(self, pieces: Pieces, pace_s_per_km: float | None = None) -> Prediction:
        """How long a course takes, without stops.

        ``pace_s_per_km`` on flat ground replaces what the athlete's efforts promise.

        Raises:
            UsageError: there are neither runs nor a pace.
        """
        flat_m = np.diff(pieces.flat_m(self.curve.factor))
        total = self._total_s(float(flat_m.sum()), pace_s_per_km)
        reach = math.exp(_reach(self.misses if pace_s_per_km is None else ()))
        effort_m = self.curve.effort_m(pieces)
        return Prediction(
            pieces=pieces,
            piece_s=effort_m * (total / effort_m.sum()),
            piece_flat_m=flat_m,
            interval_s=(total / reach, total * reach),
            notes=[*self.notes, *self._doubts(float(flat_m.sum()))],
        )

    def _doubts(self, flat_m: float) -> Iterator[str]:
        if 0 < self.longest_m < flat_m / _FAR:
            yield (
                f"it is {flat_m / self.longest_m:.1f} times as far as your longest race, as if on "
                "flat ground, so that it may miss by more than its interval says"
            )

    def _total_s(self, flat_m: float, pace_s_per_km: float | None) -> float:
        if pace_s_per_km is not None:
            return flat_m / 1000.0 * pace_s_per_km
        if self.endurance is None:
            raise UsageError(
                "there are no runs with distances in the time that is looked at, to predict from; "
                "look further back with --since, import some, or give your pace "
                "on flat ground by --pace"
            )
        return self.endurance.time_for(flat_m, self.sport)


def fit(history: History, misses: Mapping[int, float] | None = None) -> PaceModel:
    """The model of an athlete as of the last day of the history.

    ``misses`` are those of races by activity, if they were computed before.
    """
    if misses is None:
        misses = misses_of(history)
    races = [race for race in history.races if race.activity_id in misses]
    own = [misses[race.activity_id] for race in races]
    curve, endurance = _fit(history)
    return PaceModel(
        sport=history.sport,
        as_of=history.as_of,
        curve=curve,
        endurance=endurance,
        misses=own,
        longest_m=max((float(r.pieces.flat_m(curve.factor)[-1]) for r in races), default=0.0),
        notes=_notes(len(history.runs), len(own)),
    )


def misses_of(history: History) -> dict[int, float]:
    """Logs of time by prediction of each run that is or may be a race, by activity.

    Each is predicted from what was known the day before.
    """
    misses = {}
    for run in history.runs:
        if not (run.is_race or run.is_best):
            continue
        curve, endurance = _fit(history.before(run.day))
        if endurance is not None:
            flat_m = float(run.pieces.flat_m(curve.factor)[-1])
            predicted = endurance.time_for(flat_m, run.sport_type)
            misses[run.activity_id] = math.log(run.time_s / predicted)
    return misses


def _fit(history: History) -> tuple[GradeCurve, Endurance | None]:
    curve = fit_curve(run.equations for run in history.runs)
    efforts = _efforts(history, curve)
    return curve, endurance_of(efforts) if efforts else None


def _efforts(history: History, curve: GradeCurve) -> Sequence[Effort]:
    """Marked races and the best of recent training; of unmarked races only those all out."""
    races = whole_races(history.every_race, curve.factor)
    known = {race.run.activity_id for race in races}
    others = [run for run in recent_runs(history) if run.activity_id not in known]
    training = best_windows(others, curve.factor)
    if any(race.run.is_race for race in races):
        return [*races, *all_out(training)]
    return all_out([*races, *training])


def recent_runs(history: History) -> Sequence[Run]:
    """The runs of the last months; after a break, those before it."""
    if not history.runs:
        return ()
    first = min(history.as_of, history.runs[-1].day) - timedelta(days=EFFORT_DAYS)
    return [run for run in history.runs if run.day > first]


def _notes(runs: int, races: int) -> Sequence[str]:
    """What is to be said of how much a prediction rests on."""
    notes = []
    if runs < _FEW_RUNS:
        notes.append(f"it rests on {_counted(runs, 'run')}, so mostly on published curves")
    if races < _FEW_RACES:
        notes.append(
            f"it rests on {_counted(races, 'race')}, so that its interval is mostly that of other "
            "athletes"
        )
    return notes


def _counted(count: int, what: str) -> str:
    return f"{count or 'no'} {what}{'' if count == 1 else 's'}"


def _reach(misses: Sequence[float]) -> float:
    """Log of the factor that 80 % of predictions are within, by this athlete's latest races; with
    few of them, by other athletes', too.

    Weibull's quantile is the one that the next of as many values stays below in 80 % of cases.
    """
    own = [abs(miss) for miss in misses[-_LATEST_MISSES:]]
    every = own if len(own) >= _FEW_RACES else [*own, *_USUAL_MISSES]
    return float(np.quantile(every, _HELD, method="weibull"))
