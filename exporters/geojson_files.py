"""Writes tracks as GeoJSON (RFC 7946): each activity a line with its properties.

All go into one collection, or each into a file of its own.

A line has longitude, latitude and, where all its points have one, altitude. Positions have six
decimals (a decimetre). A route across the antimeridian is several lines. Activities without two
positions have no geometry in the collection and no file of their own.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np

from db.points import FloatArray, Points
from exporters.files import prepare, refuse_existing, whole_file
from exporters.job import Job, Outcome
from exporters.json_values import flat_rows_with_points
from exporters.per_activity import Targets
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
    target = job.file(_NAME)
    refuse_existing([target], job.overwrite)
    prepare(target.parent)
    rows = without = 0
    with (
        whole_file(target) as partial,
        partial.open("w", encoding="utf-8", newline="\n") as file,
    ):
        file.write('{"type": "FeatureCollection", "features": [')
        for _, feature in _features(job):
            file.write(",\n" if rows else "\n")
            file.write(_dump(feature))
            rows += 1
            without += feature["geometry"] is None
        file.write("\n]}\n")
    return Outcome(files=1, rows=rows, notes=_note(without, "so no geometry"), out=target)


def _one_each(job: Job) -> Outcome:
    targets = Targets(job, ".geojson", one_file="leave out --per-activity for one file")
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
    """Every activity by start."""
    for activity, row, points in flat_rows_with_points(job):
        geometry = None
        if points is not None:
            geometry = geometry_of(points)
            job.progress.advance()
        properties = {name: row[name] for name in _PROPERTIES}
        yield (
            activity,
            {
                "type": "Feature",
                "id": activity.activity_id,
                "geometry": geometry,
                "properties": properties,
            },
        )


def geometry_of(points: Points) -> dict[str, Any] | None:
    """The route; ``None`` for less than two positions."""
    latitude, longitude = points.positions()
    altitude = points.column("altitude_m")
    placed = np.isfinite(latitude)
    if placed.sum() < 2:
        return None
    columns = [longitude[placed], latitude[placed]]
    if np.isfinite(altitude[placed]).all():
        columns.append(altitude[placed])
    lines = [_rounded(line) for line in _cut(np.column_stack(columns))]
    if len(lines) == 1:
        return {"type": "LineString", "coordinates": lines[0]}
    return {"type": "MultiLineString", "coordinates": lines}


def _rounded(line: FloatArray) -> list[list[float]]:
    degrees, metres = np.round(line[:, :2], 6), np.round(line[:, 2:], 1)
    coordinates: list[list[float]] = np.hstack([degrees, metres]).tolist()
    return coordinates


def _cut(line: FloatArray) -> list[FloatArray]:
    """Cut a line into pieces that do not cross the antimeridian (section 3.1.9 of the RFC).

    Otherwise programs would draw it around the whole earth.
    """
    crossings = np.flatnonzero(np.abs(np.diff(line[:, 0])) > 180) + 1
    pieces = np.split(line, crossings)
    for number, at in enumerate(crossings):
        ends, begins = _at_antimeridian(line[at - 1], line[at])
        pieces[number] = np.vstack([pieces[number], ends])
        pieces[number + 1] = np.vstack([begins, pieces[number + 1]])
    return pieces


def _at_antimeridian(before: FloatArray, after: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The place of the crossing between two points, once on each side."""
    edge = math.copysign(180.0, before[0])
    to_edge, from_edge = edge - before[0], after[0] + edge
    share = to_edge / (to_edge + from_edge) if to_edge + from_edge else 0.0
    ends = before + share * (after - before)
    begins = ends.copy()
    ends[0], begins[0] = edge, -edge
    return ends, begins
