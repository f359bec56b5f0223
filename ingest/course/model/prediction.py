"""Defines what a prediction says: the total with an interval, and the time for each piece."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ingest.transform.grade import Pieces
from ingest.transform.records import FloatArray

KM: Final = 1000.0
#: Share of a unit below which the rest of a course counts to the unit before it.
_LEAST_REST: Final = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Kilometre:
    """One kilometre (or mile) of a course; the last one may be shorter."""

    distance_m: float
    #: Rises only, over pieces of about 100 m.
    climb_m: float
    descent_m: float
    #: Distance on flat ground that costs as much.
    flat_m: float
    time_s: float

    @property
    def pace_min_per_km(self) -> float:
        """Minutes per kilometre."""
        return self.time_s / 60 / (self.distance_m / KM)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """How long a course takes.

    ``piece_s`` has the seconds for each of the pieces, and ``piece_flat_m`` the distance on flat
    ground that costs as much.
    """

    pieces: Pieces
    piece_s: FloatArray
    piece_flat_m: FloatArray
    #: Lowest and highest total of the 80 % interval.
    interval_s: tuple[float, float]
    #: What is to be said of it, such as that there was too little data.
    notes: Sequence[str] = ()

    @property
    def total_s(self) -> float:
        """Seconds for the whole course."""
        return float(self.piece_s.sum())

    @property
    def kilometres(self) -> Sequence[Kilometre]:
        """Each kilometre."""
        return parts(self.pieces, self.piece_s, self.piece_flat_m, KM)


def parts(
    pieces: Pieces, piece_s: FloatArray, piece_flat_m: FloatArray, unit_m: float
) -> Sequence[Kilometre]:
    """The course in parts of ``unit_m`` metres (a kilometre or a mile), whose sums are those of the
    pieces.
    """
    total = float(pieces.border_m[-1])
    whole = max(1, int(total / unit_m + (1 - _LEAST_REST)))
    ends = np.minimum(np.arange(whole + 1) * unit_m, total)
    ends[-1] = total

    def shared(values: FloatArray) -> list[float]:
        sums = np.concatenate(([0.0], np.cumsum(values)))
        found: list[float] = np.diff(np.interp(ends, pieces.border_m, sums)).tolist()
        return found

    columns = (
        np.diff(ends).tolist(),
        shared(np.maximum(pieces.rise_m, 0.0)),
        shared(np.maximum(-pieces.rise_m, 0.0)),
        shared(piece_flat_m),
        shared(piece_s),
    )
    names = ("distance_m", "climb_m", "descent_m", "flat_m", "time_s")
    return [Kilometre(**dict(zip(names, row, strict=True))) for row in zip(*columns, strict=True)]
