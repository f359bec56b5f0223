"""Tracks in, GeoJSON (RFC 7946) out: each activity a line with its properties; one collection, or one file per activity.

A line has longitude, latitude and, where all its points have one, altitude. Positions have six decimals (a decimetre). Activities
without two positions have no geometry in the collection and no file of their own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np

from exporters.files import prepare, refuse_existing, whole_file
from exporters.job import Job, Outcome
from exporters.json_values import flat_rows
from exporters.per_activity import Targets
from exporters.points import Points, read_points
from exporters.selection import Chosen

_NAME: Final = "activities.geojson"
_PROPERTIES: Final = (
    "activity_id",
    "name",
    "sport_type",
    "start_time_utc",
    "start_time_local",
    "distance_m",
    "moving_time_s",
    "elapsed_time_s",
    "total_elevation_gain_m",
    "average_speed_mps",
    "average_heartrate_bpm",
    "average_power_w",
    "gear_name",
    "is_commute",
)


def export(job: Job, *, per_activity: bool = False) -> Outcome:
    """Write one FeatureCollection, or a Feature per activity."""
    routed = [activity for activity in job.activities if activity.point_count]
    job.progress.begin("routes", len(routed))
    return _one_each(job) if per_activity else _collection(job)


def _collection(job: Job) -> Outcome:
    refuse_existing([job.out / _NAME], job.overwrite)
    prepare(job.out)
    rows = without = 0
    with whole_file(job.out / _NAME) as partial, partial.open("w", encoding="utf-8", newline="\n") as file:
        file.write('{"type": "FeatureCollection", "features": [')
        for _, feature in _features(job):
            file.write(",\n" if rows else "\n")
            file.write(_dump(feature))
            rows += 1
            without += feature["geometry"] is None
        file.write("\n]}\n")
    return Outcome(files=1, rows=rows, notes=_note(without, "so no geometry"))


def _one_each(job: Job) -> Outcome:
    targets = Targets(job, ".geojson")
    files = 0
    for activity, feature in _features(job):
        if feature["geometry"] is not None:
            targets.write(activity.activity_id, _dump(feature) + "\n")
            files += 1
    return Outcome(files=files, rows=files, notes=_note(len(job.activities) - files, "so no file"))


def _note(without: int, so: str) -> tuple[str, ...]:
    return (f"{without:,} activities have no route, {so}",) if without else ()


def _dump(feature: Mapping[str, Any]) -> str:
    return json.dumps(feature, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _features(job: Job) -> Iterator[tuple[Chosen, dict[str, Any]]]:
    """Every activity by start; both the rows and the points come in that order."""
    tracks = read_points(job.connection, job.activities)
    points = next(tracks, None)
    for activity, row in zip(job.activities, flat_rows(job), strict=True):
        geometry = None
        if points is not None and points.activity_id == activity.activity_id:
            geometry, points = _line(points), next(tracks, None)
            job.progress.advance()
        properties = {name: row[name] for name in _PROPERTIES}
        yield activity, {"type": "Feature", "id": activity.activity_id, "geometry": geometry, "properties": properties}


def _line(points: Points) -> dict[str, Any] | None:
    longitude, latitude, altitude = (points.column(name) for name in ("longitude", "latitude", "altitude_m"))
    placed = np.isfinite(longitude) & np.isfinite(latitude)
    if placed.sum() < 2:
        return None
    columns = [np.round(longitude[placed], 6), np.round(latitude[placed], 6)]
    if np.isfinite(altitude[placed]).all():
        columns.append(np.round(altitude[placed], 1))
    return {"type": "LineString", "coordinates": np.column_stack(columns).tolist()}
