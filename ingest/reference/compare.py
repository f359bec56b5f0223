"""Compares a recording with the columns of a reference library, and words the differences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from ingest.transform.parsers.fit_same_time import merged
from ingest.transform.positions import cleaned
from ingest.transform.records import POINT_COLUMNS, FloatArray, Recording

REL_TOL: Final = 1e-6
#: A millisecond: our times are seconds since the start, theirs are datetimes with microseconds.
TIME_TOL_S: Final = 1e-3
#: Columns that may be in another unit than the file's, or the way along positions.
_CONVERTED: Final = ("distance_m", "speed_mps")
#: Columns of FIT points that other messages than records fill.
_FILLED: Final = ("heartrate_bpm", "distance_m")


def differences(recording: Recording, reference: Mapping[str, FloatArray]) -> Iterator[str]:
    """Compare point by point; columns that the reference does not give are left out.

    Points without a time are no points to us unless their neighbours have one, so such rows of the
    reference do not count. Neither do points whose clock was wrong, nor distances and speeds of
    which we say that we did not take them as they are, nor what FIT tells beside its records.
    """
    if recording.format == "fit":
        reference = _merged(reference)
        recording = _of_records(recording, reference)
    reference = _cleaned(_without_stray(recording, reference))
    timed = ~np.isnan(reference["time"])
    count = int(timed.sum())
    if count != recording.point_count:
        if recording.point_count != len(timed):
            yield f"{recording.point_count:,} points, the reference has {count:,}"
            return
        timed = np.ones(len(timed), dtype=bool)
    if not count:
        return
    if recording.start_time_utc is not None and not recording.naive_time:
        ours = recording.points["elapsed_s"] + recording.start_time_utc.timestamp()
        yield from _column("time", ours, reference["time"][timed], 0.0, TIME_TOL_S)
    missing = np.full(recording.point_count, np.nan)
    own = {
        "elapsed_s",
        *(_CONVERTED if recording.corrections or recording.distance_is_haversine else ()),
    }
    for name in POINT_COLUMNS:
        if name in reference and name not in own:
            ours, theirs = recording.points.get(name, missing), reference[name][timed]
            if recording.format == "fit" and name in _FILLED:
                ours = np.where(np.isnan(theirs), np.nan, ours)
            yield from _column(name, ours, theirs, REL_TOL, 1e-9)


def _merged(reference: Mapping[str, FloatArray]) -> Mapping[str, FloatArray]:
    """With records of one time as one point, as we have them."""
    columns = {
        name: values for name, values in reference.items() if name not in ("time", "elapsed_s")
    }
    moments, columns = merged(reference["time"], columns)
    return {"time": moments, **columns}


def _of_records(recording: Recording, reference: Mapping[str, FloatArray]) -> Recording:
    """Without the point that stands for no record: the beginning of a swim."""
    if recording.start_time_utc is None or recording.point_count <= len(reference["time"]):
        return recording
    kept = np.isin(_moments(recording), np.round(reference["time"], 3))
    return replace(
        recording, points={name: values[kept] for name, values in recording.points.items()}
    )


def _moments(recording: Recording) -> FloatArray:
    """Times of the points in seconds since 1970, to the millisecond."""
    start = recording.start_time_utc
    assert start is not None
    return np.asarray(np.round(recording.points["elapsed_s"] + start.timestamp(), 3))


def _without_stray(
    recording: Recording, reference: Mapping[str, FloatArray]
) -> Mapping[str, FloatArray]:
    """Without the points that a wrong clock cost us."""
    if recording.partial is None or recording.start_time_utc is None:
        return reference
    kept = np.isnan(reference["time"]) | np.isin(
        np.round(reference["time"], 3), _moments(recording)
    )
    return {name: values[kept] for name, values in reference.items()}


def _cleaned(reference: Mapping[str, FloatArray]) -> Mapping[str, FloatArray]:
    """With 0/0 for no position and longitudes as angles, as we have them;
    half a position is none.
    """
    if not {"latitude", "longitude"} <= set(reference):
        return reference
    latitude, longitude = cleaned(reference["latitude"], reference["longitude"])
    return {**reference, "latitude": latitude, "longitude": longitude}


def _column(
    name: str, ours: FloatArray, theirs: FloatArray, relative: float, absolute: float
) -> Iterator[str]:
    known = ~np.isnan(theirs) if name == "time" else np.ones(len(theirs), dtype=bool)
    wrong = np.flatnonzero(
        known & ~np.isclose(ours, theirs, rtol=relative, atol=absolute, equal_nan=True)
    )
    if len(wrong):
        first = int(wrong[0])
        yield (
            f"{name} differs in {len(wrong):,} points, first in point {first}: "
            f"{ours[first]:.9g}, the reference has {theirs[first]:.9g}"
        )
