"""Predicts each past race from what was known the day before, by the model and by baselines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import sqlalchemy as sa

from ingest.course.model.baselines import BASELINES
from ingest.course.model.history import History, Run, history_of
from ingest.course.model.pace_model import fit, misses_of, recent_runs


@dataclass(frozen=True, slots=True, kw_only=True)
class RaceRow:
    """One race: the time it took, and what was predicted, by ``model`` and each baseline."""

    activity_id: int
    day: date
    distance_m: float
    climb_m: float
    time_s: float
    predicted_s: Mapping[str, float]
    interval_s: tuple[float, float]

    def error(self, name: str) -> float:
        """How far one prediction was off, as a fraction of the time."""
        return abs(self.predicted_s[name] / self.time_s - 1.0)

    @property
    def is_inside(self) -> bool:
        """Whether the model's interval holds the time."""
        return self.interval_s[0] <= self.time_s <= self.interval_s[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """How well past races were predicted; figures are ``None`` without races."""

    rows: Sequence[RaceRow]

    @property
    def races(self) -> int:
        """How many races could be predicted."""
        return len(self.rows)

    @property
    def median_error(self) -> Mapping[str, float | None]:
        """Of ``model`` and each baseline, as fractions."""
        return self._errors(50.0)

    @property
    def p90_error(self) -> Mapping[str, float | None]:
        """Errors that nine races of ten stay below."""
        return self._errors(90.0)

    @property
    def coverage(self) -> float | None:
        """Share of races inside the model's 80 % interval."""
        return float(np.mean([row.is_inside for row in self.rows])) if self.rows else None

    @property
    def wins(self) -> Mapping[str, int]:
        """Of each baseline, the races that the model predicted better."""
        return {
            name: sum(row.error("model") < row.error(name) for row in self.rows)
            for name in BASELINES
        }

    def _errors(self, percentile: float) -> Mapping[str, float | None]:
        return {
            name: float(np.percentile([row.error(name) for row in self.rows], percentile))
            if self.rows
            else None
            for name in ("model", *BASELINES)
        }


def backtest(
    connection: sa.Connection, athlete_id: int, *, sport: str, since: date | None = None
) -> Backtest:
    """Predict each race since a day; runs before that day are known, too."""
    history = history_of(connection, athlete_id, sport=sport)
    return backtest_of(history, since)


def backtest_of(
    history: History, since: date | None = None, misses: Mapping[int, float] | None = None
) -> Backtest:
    """Predict each race of a history since a day; ``misses`` as for ``fit``."""
    if misses is None:
        misses = misses_of(history)
    return Backtest(
        rows=[
            _row(history.before(race.day), race, misses)
            for race in history.races
            if race.activity_id in misses and (since is None or race.day >= since)
        ]
    )


def _row(known: History, race: Run, misses: Mapping[int, float]) -> RaceRow:
    prediction = fit(known, misses).predict(race.pieces)
    runs = recent_runs(known)
    baselines = {name: predict(runs, race.pieces) for name, predict in BASELINES.items()}
    return RaceRow(
        activity_id=race.activity_id,
        day=race.day,
        distance_m=race.distance_m,
        climb_m=float(np.maximum(race.pieces.rise_m, 0.0).sum()),
        time_s=race.time_s,
        predicted_s={"model": prediction.total_s, **baselines},
        interval_s=prediction.interval_s,
    )
