"""Predicts times by the usual rules of thumb, which the model must not be worse than."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np

from ingest.course.model.endurance import best_windows
from ingest.course.model.history import Run
from ingest.transform.grade import PaceFactor, Pieces, strava_factor
from ingest.transform.records import FloatArray

#: Runs of the last months, and a course, to seconds.
Baseline = Callable[[Sequence[Run], Pieces], float]

#: Latest runs whose mean pace is the recent one.
_RECENT_RUNS: Final = 20


def mean_pace(runs: Sequence[Run], pieces: Pieces) -> float:
    """The pace of the latest runs, whatever the climb."""
    latest = runs[-_RECENT_RUNS:]
    pace = sum(run.time_s for run in latest) / sum(run.distance_m for run in latest)
    return pace * float(pieces.border_m[-1])


def _riegel(factor: PaceFactor) -> Baseline:
    """Riegel's formula on the length that ``factor`` gives; the best effort promises the time."""

    def predict(runs: Sequence[Run], pieces: Pieces) -> float:
        flat_m = float(pieces.flat_m(factor)[-1])
        promised = (effort.time_for(flat_m) for effort in best_windows(runs, factor))
        return min(promised, default=mean_pace(runs, pieces))

    return predict


def naismith_factor(grade: FloatArray) -> FloatArray:
    """Naismith's rule for runners: a metre of climb costs as much as 8 metres on the flat."""
    return 1.0 + 8.0 * np.maximum(grade, 0.0)


#: Baselines by name.
BASELINES: Final[Mapping[str, Baseline]] = {
    "mean_pace": mean_pace,
    "riegel_flat": _riegel(np.ones_like),
    "riegel_prior": _riegel(strava_factor),
    "naismith": _riegel(naismith_factor),
}
