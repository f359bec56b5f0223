"""Decides which of two tracks of one activity is kept, whichever came first."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from ingest.transform.records import FILES, FloatArray, Recording

#: What tracks are compared by -> the columns of points that must all have a value. A distance that
#: was summed up over positions counts like any other: the API always gives a distance, summed up
#: the same way where the device told none, and a GPX file would otherwise lose to the streams that
#: Strava made from it.
WEIGHED: Final[Mapping[str, tuple[str, ...]]] = {
    "position": ("latitude", "longitude"),
    "heartrate": ("heartrate_bpm",),
    "power": ("power_w",),
    "distance": ("distance_m",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """What decides whether a track is kept.

    ``counts`` is the number of points that have each of ``WEIGHED``.
    """

    is_file: bool
    is_partial: bool
    point_count: int
    counts: Mapping[str, int]

    @property
    def columns(self) -> frozenset[str]:
        """Those of ``WEIGHED`` that at least half of the points have."""
        return frozenset(
            name for name, count in self.counts.items() if count and 2 * count >= self.point_count
        )

    @property
    def rank(self) -> tuple[bool, bool, int, bool]:
        """The higher rank wins: a track with points, whole, with more columns, from a file."""
        return (self.point_count > 0, not self.is_partial, len(self.columns), self.is_file)

    def lacks(self, shown: Collection[str]) -> bool:
        """Whether this track of a file lacks values that the API shows of the activity.

        If the file has no points at all, distance alone is no reason to ask for streams: an
        activity on a treadmill has a distance without having streams.
        """
        lacking = set(shown) - self.columns
        return bool(lacking if self.point_count else lacking - {"distance"})


def worth_of(recording: Recording, source: str) -> Worth:
    """The worth of a recording that was just read or fetched."""
    return Worth(
        is_file=source in FILES,
        is_partial=recording.partial is not None,
        point_count=recording.point_count,
        counts=known_points(recording.points),
    )


def worth_of_row(track: Any) -> Worth:
    """The worth of a row of ``tracks``."""
    return Worth(
        is_file=track.source in FILES,
        is_partial=track.is_partial,
        point_count=track.point_count,
        counts={name: getattr(track, f"{name}_count") or 0 for name in WEIGHED},
    )


def known_points(points: Mapping[str, FloatArray]) -> dict[str, int]:
    """How many points have each of ``WEIGHED``."""
    return {
        name: _count([points.get(column) for column in columns])
        for name, columns in WEIGHED.items()
    }


def _count(columns: list[FloatArray | None]) -> int:
    known = [np.isfinite(values) for values in columns if values is not None]
    return int(np.count_nonzero(np.logical_and.reduce(known))) if len(known) == len(columns) else 0
