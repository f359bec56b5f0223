"""Writes a plan as GPX for a watch: a waypoint with its time at each kilometre, and the track."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final
from xml.sax.saxutils import escape

import numpy as np

from exporters.report.units import Units, duration, pace
from exporters.xml_text import valid_xml_text
from ingest.course.plan.plan import RacePlan, Row
from ingest.course.plan.words import clock_text
from ingest.transform.records import FloatArray

_HEAD: Final = """\
<?xml version="1.0" encoding="UTF-8"?>
<gpx version="1.1" creator="strava-ingest" xmlns="http://www.topografix.com/GPX/1/1"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
 xsi:schemaLocation="http://www.topografix.com/GPX/1/1 http://www.topografix.com/GPX/1/1/gpx.xsd">
"""


def gpx_text(plan: RacePlan, units: Units) -> str:
    """The plan of a course with positions.

    Waypoints and points have a time if day and hour of the start are known; the time since the
    start stands in the waypoints' names in any case.
    """
    name, start = escape(valid_xml_text(plan.course.name)), plan.start_utc()
    return (
        f"{_HEAD}<metadata><name>{name}</name></metadata>\n"
        f"{''.join(_waypoints(plan, units, start))}"
        f"<trk><name>{name}</name><trkseg>\n{''.join(_points(plan, start))}</trkseg></trk>\n"
        "</gpx>\n"
    )


def _waypoints(plan: RacePlan, units: Units, start: datetime | None) -> Iterator[str]:
    rows = plan.rows(units.metres)
    ends = np.array([row.end_m for row in rows])
    names = [f"{units.distance} {number}" for number in range(1, len(rows))] + ["Finish"]
    elapsed = np.array([row.elapsed_s for row in rows])
    for name, row, inside in zip(names, rows, _inside(plan, ends, elapsed, start), strict=True):
        yield (
            f"<wpt {inside}<name>{name} {duration(row.elapsed_s)}</name>"
            f"<desc>{escape(_words(plan, row, units))}</desc></wpt>\n"
        )


def _words(plan: RacePlan, row: Row, units: Units) -> str:
    paced = pace(units.pace(row.part.distance_m, row.part.time_s))
    climb = f"{units.from_m(row.part.climb_m):.0f} {units.height} of climb"
    words = [f"{paced} min/{units.distance}", climb]
    if plan.wish.start is not None:
        words.append(f"at {clock_text(plan, row.elapsed_s)}")
    return ", ".join(words)


def _points(plan: RacePlan, start: datetime | None) -> Iterator[str]:
    along = plan.course.distance_m[np.isfinite(plan.course.latitude)]
    for inside in _inside(plan, along, plan.elapsed_at(along), start):
        yield f"<trkpt {inside}</trkpt>\n"


def _inside(
    plan: RacePlan, along: FloatArray, elapsed_s: FloatArray, start: datetime | None
) -> Iterator[str]:
    """Position, altitude and time of places along the course, as points of all kinds have them."""
    pieces = plan.course.pieces
    columns = (
        *plan.course.places_at(along),
        np.interp(along, pieces.border_m, pieces.height_m),
        elapsed_s,
    )
    for latitude, longitude, height, elapsed in zip(*(c.tolist() for c in columns), strict=True):
        place = f'lat="{latitude:.7f}" lon="{longitude:.7f}"'
        yield f"{place}><ele>{height:.1f}</ele>{_time(start, elapsed)}"


def _time(start: datetime | None, elapsed_s: float) -> str:
    if start is None:
        return ""
    return f"<time>{start + timedelta(seconds=round(elapsed_s)):%Y-%m-%dT%H:%M:%SZ}</time>"
