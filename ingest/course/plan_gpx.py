"""Writes a plan as GPX for a watch: a waypoint with its time at each kilometre, and the track."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final
from xml.sax.saxutils import escape

import numpy as np

from exporters.report.units import Units, duration, pace
from exporters.xml_text import valid_xml_text
from ingest.course.plan import Plan, Row
from ingest.course.words import clock_text

_HEAD: Final = """\
<?xml version="1.0" encoding="UTF-8"?>
<gpx version="1.1" creator="strava-ingest" xmlns="http://www.topografix.com/GPX/1/1"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
 xsi:schemaLocation="http://www.topografix.com/GPX/1/1 http://www.topografix.com/GPX/1/1/gpx.xsd">
"""


def gpx_text(plan: Plan, units: Units) -> str:
    """The plan of a course with positions.

    Waypoints and points have a time if day and hour of the start are known; the time since the
    start stands in the waypoints' names in any case.
    """
    name = escape(valid_xml_text(plan.course.name))
    track = "".join(_points(plan))
    return (
        f"{_HEAD}<metadata><name>{name}</name></metadata>\n"
        f"{''.join(_waypoints(plan, units))}"
        f"<trk><name>{name}</name><trkseg>\n{track}</trkseg></trk>\n</gpx>\n"
    )


def _waypoints(plan: Plan, units: Units) -> Iterator[str]:
    rows = plan.rows(units.metres)
    for number, row in enumerate(rows, start=1):
        is_finish = number == len(rows)
        name = "Finish" if is_finish else f"{units.distance} {number}"
        yield (
            f"<wpt {_place(plan, row.end_m)}>{_height(plan, row.end_m)}"
            f"{_time(plan.utc_at(row.elapsed_s))}<name>{name} {duration(row.elapsed_s)}</name>"
            f"<desc>{escape(_words(plan, row, units))}</desc></wpt>\n"
        )


def _words(plan: Plan, row: Row, units: Units) -> str:
    paced = pace(units.pace(row.part.distance_m, row.part.time_s))
    climb = f"{units.from_m(row.part.climb_m):.0f} {units.height} of climb"
    words = [f"{paced} min/{units.distance}", climb]
    if plan.wish.start is not None:
        words.append(f"at {clock_text(plan, row.elapsed_s)}")
    return ", ".join(words)


def _points(plan: Plan) -> Iterator[str]:
    course = plan.course
    known = np.isfinite(course.latitude) & np.isfinite(course.longitude)
    along = course.distance_m[known]
    columns = (course.latitude[known], course.longitude[known], along, plan.elapsed_at(along))
    for latitude, longitude, metres, elapsed in zip(*(c.tolist() for c in columns), strict=True):
        yield (
            f'<trkpt lat="{latitude:.7f}" lon="{longitude:.7f}">{_height(plan, metres)}'
            f"{_time(plan.utc_at(elapsed))}</trkpt>\n"
        )


def _place(plan: Plan, metres: float) -> str:
    latitude, longitude = plan.course.place_at(metres) or (0.0, 0.0)
    return f'lat="{latitude:.7f}" lon="{longitude:.7f}"'


def _height(plan: Plan, metres: float) -> str:
    pieces = plan.course.pieces
    return f"<ele>{np.interp(metres, pieces.border_m, pieces.height_m):.1f}</ele>"


def _time(moment: datetime | None) -> str:
    return "" if moment is None else f"<time>{moment:%Y-%m-%dT%H:%M:%SZ}</time>"
