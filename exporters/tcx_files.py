"""Writes one TCX (TrainingCenterDatabase v2) file per activity, with its laps.

ActivityExtension v2 holds speed, power and the cadence of runs.

Points without position are kept. The format has no temperature, and wants whole numbers of heart
rate, cadence and power. A point belongs to the last lap that has begun; without laps the whole
activity is one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final
from xml.sax.saxutils import escape

import numpy as np

from exporters import clock
from exporters.job import Job, Outcome
from exporters.per_activity import Targets
from exporters.tcx_laps import TcxLap, lap_reader
from exporters.tracks import Recorded, decimals, recorded, whole_numbers
from exporters.xml_text import valid_xml_text

_HEAD: Final = """\
<?xml version="1.0" encoding="UTF-8"?>
<TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2"
 xmlns:ax="http://www.garmin.com/xmlschemas/ActivityExtension/v2"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
 xsi:schemaLocation="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2\
 http://www.garmin.com/xmlschemas/TrainingCenterDatabasev2.xsd">
<Activities>
"""
_END: Final = "</Activity>\n</Activities>\n</TrainingCenterDatabase>\n"
_RUNNING: Final = ("Run", "TrailRun", "VirtualRun")
_BIKING: Final = (
    "Ride",
    "VirtualRide",
    "GravelRide",
    "MountainBikeRide",
    "EBikeRide",
    "EMountainBikeRide",
    "Velomobile",
    "Handcycle",
)


def export(job: Job) -> Outcome:
    """Write ``<start>_<title>_<id>.tcx`` for every activity that has points."""
    targets = Targets(job, ".tcx")
    job.progress.begin("TCX files", sum(1 for a in job.activities if a.point_count))
    laps = lap_reader(job)
    files = rows = 0
    for track in recorded(job):
        text = "".join(_file(track, laps(track)))
        targets.write(track.activity.activity_id, text)
        # Points without a time are left out.
        timed = np.isfinite(track.points.column("elapsed_s"))
        files, rows = files + 1, rows + int(timed.sum())
        job.progress.advance()
    left_out = len(job.activities) - files
    notes = (f"{left_out:,} activities have no track, so no TCX file",) if left_out else ()
    return Outcome(files=files, rows=rows, notes=notes)


def _file(track: Recorded, laps: Sequence[TcxLap]) -> Iterator[str]:
    yield _HEAD
    yield f'<Activity Sport="{_sport(track.activity.sport_type)}">\n'
    yield f"<Id>{clock.iso_text(min(lap.start for lap in laps))}</Id>\n"
    points = _points(track)
    for lap, last in zip(laps, _ends(track, laps), strict=True):
        yield lap.head()
        body = "".join(next(points) for _ in range(*last))
        yield f"<Track>\n{body}</Track>\n" if body else ""
        yield lap.tail()
    if track.activity.name:
        yield f"<Notes>{escape(valid_xml_text(track.activity.name))}</Notes>\n"
    yield _END


def _sport(sport_type: str | None) -> str:
    """One of the three sports that TCX knows."""
    if sport_type in _RUNNING:
        return "Running"
    return "Biking" if sport_type in _BIKING else "Other"


def _ends(track: Recorded, laps: Sequence[TcxLap]) -> list[tuple[int, int]]:
    """The points of each lap, as from and up to; points before the first lap belong to it."""
    elapsed = track.points.column("elapsed_s")
    # A point without a time stays with the points before it.
    clocked = np.maximum.accumulate(np.where(np.isfinite(elapsed), elapsed, -np.inf))
    # A lap with a wrong clock, which begins after the next one, gets no points.
    begins = np.maximum.accumulate([(lap.start - track.start).total_seconds() for lap in laps])[1:]
    cuts = [0, *np.searchsorted(clocked, begins).tolist(), len(elapsed)]
    return list(pairwise(cuts))


def _points(track: Recorded) -> Iterator[str]:
    """One line per point; empty for a point without a time, which TCX cannot have."""
    points = track.points
    is_run = _sport(track.activity.sport_type) == "Running"
    columns: Mapping[str, Sequence[Any]] = {
        "time": track.times(),
        "position": _positions(track),
        "altitude": decimals(points.column("altitude_m"), 3),
        "distance": decimals(points.column("distance_m"), 3),
        "heart": whole_numbers(points.column("heartrate_bpm"), 1, 255),
        "cadence": whole_numbers(points.column("cadence_rpm"), 0, 254),
        "speed": decimals(points.column("speed_mps"), 4),
        "power": whole_numbers(points.column("power_w"), 0, 65535),
    }
    for time, position, altitude, distance, heart, cadence, speed, power in zip(
        *columns.values(), strict=True
    ):
        if time is None:
            yield ""
            continue
        yield (
            f"<Trackpoint><Time>{time}</Time>{position}"
            f"{'' if altitude is None else f'<AltitudeMeters>{altitude}</AltitudeMeters>'}"
            f"{'' if distance is None else f'<DistanceMeters>{distance}</DistanceMeters>'}"
            f"{'' if heart is None else f'<HeartRateBpm><Value>{heart}</Value></HeartRateBpm>'}"
            f"{'' if cadence is None or is_run else f'<Cadence>{cadence}</Cadence>'}"
            f"{_extension(speed, cadence if is_run else None, power)}</Trackpoint>\n"
        )


def _positions(track: Recorded) -> list[str]:
    form = (
        "<Position><LatitudeDegrees>{}</LatitudeDegrees>"
        "<LongitudeDegrees>{}</LongitudeDegrees></Position>"
    )
    return [
        "" if lat is None or lon is None else form.format(lat, lon)
        for lat, lon in zip(*(decimals(degrees, 8) for degrees in track.positions()), strict=True)
    ]


def _extension(speed: str | None, cadence: int | None, power: int | None) -> str:
    """The TPX of ActivityExtension v2, its elements in the order of the schema."""
    values = (("Speed", speed), ("RunCadence", cadence), ("Watts", power))
    parts = [f"<ax:{name}>{value}</ax:{name}>" for name, value in values if value is not None]
    return f"<Extensions><ax:TPX>{''.join(parts)}</ax:TPX></Extensions>" if parts else ""
