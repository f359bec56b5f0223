"""Defines what a prediction says: the total with an interval, and each kilometre."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Kilometre:
    """One kilometre of a course; the last one may be shorter."""

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
        return self.time_s / 60 / (self.distance_m / 1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """How long a course takes."""

    total_s: float
    #: Lowest and highest total of the 80 % interval.
    interval_s: tuple[float, float]
    kilometres: Sequence[Kilometre]
    #: What is to be said of it, such as that there was too little data.
    notes: Sequence[str] = ()
