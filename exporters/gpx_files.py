"""Writes one GPX 1.1 file per activity.

Sensor values use Garmin's TrackPointExtension v1 (hr, cad, atemp) and PowerExtension v1.

GPX demands a position of every point: points without one are left out, and activities without any
get no file (``tcx`` has them). Positions have eight decimals (a millimetre), altitudes three.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from xml.sax.saxutils import escape

import numpy as np

from exporters import clock
from exporters.job import Job, Outcome
from exporters.per_activity import Targets
from exporters.tracks import Recorded, decimals, recorded, whole_numbers
from exporters.xml_text import valid_xml_text

_HEAD: Final = """\
<?xml version="1.0" encoding="UTF-8"?>
<gpx version="1.1" creator="strava-ingest" xmlns="http://www.topografix.com/GPX/1/1"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
 xmlns:gpxtpx="http://www.garmin.com/xmlschemas/TrackPointExtension/v1"
 xmlns:pwr="http://www.garmin.com/xmlschemas/PowerExtension/v1"
 xsi:schemaLocation="http://www.topografix.com/GPX/1/1 http://www.topografix.com/GPX/1/1/gpx.xsd\
 http://www.garmin.com/xmlschemas/TrackPointExtension/v1 http://www.garmin.com/xmlschemas/TrackPointExtensionv1.xsd\
 http://www.garmin.com/xmlschemas/PowerExtension/v1 http://www.garmin.com/xmlschemas/PowerExtensionv1.xsd">
"""
_TAIL: Final = "</trkseg>\n</trk>\n</gpx>\n"
#: Elements in the order that the schema of TrackPointExtension demands.
_EXTENSIONS: Final = ("atemp", "hr", "cad")


def export(job: Job) -> Outcome:
    """Write ``<start>_<title>_<id>.gpx`` for every activity that has positions."""
    targets = Targets(job, ".gpx")
    job.progress.begin("GPX files", sum(1 for a in job.activities if a.point_count))
    files = rows = 0
    for track in recorded(job):
        lines = list(_points(track))
        if lines:
            targets.write(track.activity.activity_id, "".join([*_about(track), *lines, _TAIL]))
            files, rows = files + 1, rows + len(lines)
        job.progress.advance()
    left_out = len(job.activities) - files
    notes = (f"{left_out:,} activities have no positions, so no GPX file",) if left_out else ()
    return Outcome(files=files, rows=rows, notes=notes)


def _about(track: Recorded) -> Iterator[str]:
    """The head of the file, up to the first point."""
    activity = track.activity
    yield _HEAD
    start = clock.iso_text(activity.start_time_utc or track.start)
    yield f"<metadata><time>{start}</time></metadata>\n<trk>"
    if activity.name:
        yield f"<name>{escape(valid_xml_text(activity.name))}</name>"
    if activity.sport_type:
        yield f"<type>{escape(valid_xml_text(activity.sport_type))}</type>"
    yield "\n<trkseg>\n"


def _points(track: Recorded) -> Iterator[str]:
    """One line per point that has a position."""
    points = track.points
    latitude, longitude = track.positions()
    where = np.flatnonzero(np.isfinite(latitude))
    columns = zip(
        decimals(latitude[where], 8),
        decimals(longitude[where], 8),
        decimals(points.column("altitude_m")[where], 3),
        np.array(track.times(), object)[where].tolist(),
        whole_numbers(points.column("power_w")[where], 0, 65535),
        _extension_texts(track, where),
        strict=True,
    )
    for lat, lon, ele, time, power, extension in columns:
        yield (
            f'<trkpt lat="{lat}" lon="{lon}">'
            f"{'' if ele is None else f'<ele>{ele}</ele>'}"
            f"{'' if time is None else f'<time>{time}</time>'}"
            f"{_extensions(power, extension)}</trkpt>\n"
        )


def _extensions(power: int | None, extension: str) -> str:
    if power is None and not extension:
        return ""
    watts = "" if power is None else f"<pwr:PowerInWatts>{power}</pwr:PowerInWatts>"
    return f"<extensions>{watts}{extension}</extensions>"


def _extension_texts(
    track: Recorded, where: np.ndarray[tuple[int], np.dtype[np.int64]]
) -> list[str]:
    """Temperature, heart rate and cadence of each point, within the bounds of the schema."""
    points = track.points
    values = zip(
        decimals(points.column("temperature_c")[where], 1),
        whole_numbers(points.column("heartrate_bpm")[where], 1, 255),
        whole_numbers(points.column("cadence_rpm")[where], 0, 254),
        strict=True,
    )
    return [_extension(row) for row in values]


def _extension(row: tuple[str | int | None, ...]) -> str:
    parts = [
        f"<gpxtpx:{n}>{v}</gpxtpx:{n}>"
        for n, v in zip(_EXTENSIONS, row, strict=True)
        if v is not None
    ]
    return (
        f"<gpxtpx:TrackPointExtension>{''.join(parts)}</gpxtpx:TrackPointExtension>"
        if parts
        else ""
    )
