"""Streams of an activity in, the answer for the keys that were asked out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from tests.strava.account import Streams

STREAM_TYPES: Final = (
    "time",
    "distance",
    "latlng",
    "altitude",
    "velocity_smooth",
    "heartrate",
    "cadence",
    "watts",
    "temp",
    "moving",
    "grade_smooth",
)
_RESOLUTIONS: Final = {"low": 100, "medium": 1_000, "high": 10_000}


def chosen_streams(
    streams: Streams, keys: Sequence[str], *, by_type: bool, resolution: str | None
) -> Any:
    """A mapping with ``key_by_type``, else a list; types that are unknown or absent are left out
    without a word.
    """
    series = "distance" if "distance" in streams else "time"
    most = _RESOLUTIONS.get(resolution or "")
    found: dict[str, dict[str, Any]] = {}
    for key in STREAM_TYPES:
        if key in keys and key in streams:
            data = streams[key]
            found[key] = {
                "data": _thinned(data, most) if most else data,
                "series_type": series,
                "original_size": len(data),
                "resolution": resolution if most else "high",
            }
    return found if by_type else [{"type": key, **stream} for key, stream in found.items()]


def _thinned(data: list[Any], most: int) -> list[Any]:
    if len(data) <= most:
        return data
    return [data[index * (len(data) - 1) // (most - 1)] for index in range(most)]
