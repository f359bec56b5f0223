"""Reads the API's streams of an activity as a ``Recording``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import numpy as np

from ingest.transform.api_json.values import json_number, mappings, pair
from ingest.transform.positions import cleaned
from ingest.transform.records import NO_FIGURES, DeviceFigures, FloatArray, Recording

#: The API's name of a stream -> our column. ``latlng`` gives two columns and ``moving`` the pauses;
#: ``grade_smooth`` is left out, since it follows from the others.
_COLUMNS: Final[Mapping[str, str]] = {
    "time": "elapsed_s",
    "altitude": "altitude_m",
    "distance": "distance_m",
    "velocity_smooth": "speed_mps",
    "heartrate": "heartrate_bpm",
    "cadence": "cadence_rpm",
    "watts": "power_w",
    "temp": "temperature_c",
}
#: Streams to ask for.
KEYS: Final = (*_COLUMNS, "latlng", "moving")


def recording(raw: Any, start: datetime | None) -> Recording | None:
    """The points of an activity that started at ``start``; ``None`` without a stream of times.

    ``raw`` is keyed by type, as ``key_by_type`` asks for, or a list, as Strava answers without it.
    """
    data = _data(raw)
    elapsed = _numbers(data.get("time", []))
    if not len(elapsed) or np.isnan(elapsed).any():
        return None
    columns = _columns(data)
    odd = sorted(name for name, values in columns.items() if len(values) != len(elapsed))
    points = {name: v for name, v in columns.items() if name not in odd and not np.isnan(v).all()}
    return Recording(
        format="streams",
        start_time_utc=start,
        points={**points, "elapsed_s": elapsed},
        figures=_figures(elapsed, data.get("moving")),
        partial=f"not as long as the stream of times, left out: {', '.join(odd)}" if odd else None,
    )


def _figures(elapsed: FloatArray, moving: list[Any] | None) -> DeviceFigures:
    """Pauses from the ``moving`` stream: the time that Strava does not count as moving.

    A value of the stream is about the step that leads to its point.
    """
    if (
        moving is None
        or len(moving) != len(elapsed)
        or not all(isinstance(value, bool) for value in moving)
    ):
        return NO_FIGURES
    edges = np.diff(
        np.concatenate(([True], np.array(moving[1:], np.bool_), [True])).astype(np.int8)
    )
    begins, ends = elapsed[np.flatnonzero(edges == -1)], elapsed[np.flatnonzero(edges == 1)]
    return DeviceFigures(
        pauses=tuple(zip(begins.tolist(), ends.tolist(), strict=True)), has_moving_stream=True
    )


def _data(raw: Any) -> Mapping[str, list[Any]]:
    streams = (
        raw if isinstance(raw, dict) else {str(each.get("type")): each for each in mappings(raw)}
    )
    found = {
        name: stream.get("data") for name, stream in streams.items() if isinstance(stream, dict)
    }
    return {name: values for name, values in found.items() if isinstance(values, list)}


def _columns(data: Mapping[str, list[Any]]) -> dict[str, FloatArray]:
    columns = {
        column: _numbers(data[name])
        for name, column in _COLUMNS.items()
        if name in data and name != "time"
    }
    if data.get("latlng"):
        pairs = [pair(value) for value in data["latlng"]]
        columns["latitude"], columns["longitude"] = cleaned(
            *(np.array(x, np.float64) for x in zip(*pairs, strict=True))
        )
    return columns


def _numbers(values: list[Any]) -> FloatArray:
    """Numbers, NaN for ``null`` and for values that are no number."""
    return np.array(
        [np.nan if (read := json_number(value)) is None else read for value in values], np.float64
    )
