"""Builds the whole demo export: plans, tracks and tables, one activity at a time."""

from __future__ import annotations

import functools
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np

from ingest.demo.archive import ArchiveWriter, new_archive
from ingest.demo.athlete import Plan, plan
from ingest.demo.csv_writer import HEADER, activity_line
from ingest.demo.fit_writer import fit_bytes
from ingest.demo.gpx_writer import gpx_bytes, route_gpx
from ingest.demo.indoors import machine_track, pool_track
from ingest.demo.oddities import Fault, Oddities, oddities
from ingest.demo.other_tables import other_tables
from ingest.demo.outdoors import outdoor_track
from ingest.demo.pictures import picture
from ingest.demo.season import Season, season
from ingest.demo.tcx_writer import tcx_bytes
from ingest.demo.track import DemoTrack

FORMATS: Final = ("fit", "gpx", "tcx")
#: Default moment at which Strava made the first export.
UNTIL: Final = datetime(2026, 10, 31, tzinfo=UTC)
_WRITERS: Final[dict[str, Callable[[Plan, DemoTrack], bytes]]] = {
    "fit": fit_bytes,
    "gpx": gpx_bytes,
    "tcx": tcx_bytes,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoSummary:
    """Counts of what was written.

    ``points`` counts trackpoints of whole files, not those left in a truncated one.
    """

    activities: int
    files: int
    points: int
    path: Path


@dataclass(slots=True)
class _Done:
    """What accumulates while activities go into the archive."""

    #: Start and line of activities.csv.
    lines: list[tuple[datetime, str]]
    strength: list[Plan]
    media: list[str]
    files: int = 0
    points: int = 0


def build_export(
    path: Path,
    *,
    activities: int = 240,
    years: int = 3,
    seed: int = 1,
    formats: Sequence[str] = FORMATS,
    newer: int = 0,
    until: datetime = UNTIL,
    progress: Callable[[int], None] | None = None,
) -> DemoSummary:
    """Write the account export of an athlete who does not exist.

    The same arguments give the same bytes. ``newer`` makes the export that the same athlete asks
    for 31 days later: it has ``newer`` more activities, two renamed, one with other gear, one
    deleted.

    Raises:
        ValueError: an argument is out of range.
    """
    if activities < 1 or years < 1 or newer < 0 or not formats or not set(formats) <= set(FORMATS):
        raise ValueError(
            f"activities and years from 1, newer from 0, formats of {', '.join(FORMATS)}"
        )
    calendar = season(activities=activities, newer=newer, years=years, until=until)
    planned = functools.partial(plan, calendar, seed=seed, formats=tuple(formats))
    odd = oddities(activities, later=newer > 0, plan=planned)
    done = _Done(lines=[], strength=[], media=[])
    with new_archive(path, calendar.exported) as archive:
        for name in ("activities", "clubs", "media", "routes"):
            archive.folder(name)
        for count, one in enumerate(map(planned, range(activities + newer)), 1):
            _add_activity(archive, one, odd, done)
            if progress is not None:
                progress(count)
        for name, content in _rest(calendar, done):
            archive.add(name, content)
    return DemoSummary(activities=len(done.lines), files=done.files, points=done.points, path=path)


def _add_activity(archive: ArchiveWriter, planned: Plan, odd: Oddities, done: _Done) -> None:
    one = odd.applied(planned)
    if one is None:
        return
    fault, track, filename = odd.faults.get(one.index), None, one.filename
    if filename is not None and one.format is not None:
        track = synthesize(one)
        if fault is Fault.ERROR:
            filename = fault.value
        elif fault is not Fault.MISSING:
            archive.add(filename, _content(one, track, fault))
            done.files += 1
            done.points += 0 if fault else track.count
    for name in one.media:
        archive.add(name, picture(name))
    done.media += one.media
    done.lines.append((one.start, activity_line(one, track, filename)))
    if one.kind.key == "strength":
        done.strength.append(one)


def synthesize(one: Plan) -> DemoTrack:
    """The track of a plan that has a file."""
    rng = np.random.default_rng(one.noise)
    if one.kind.key == "swim":
        return pool_track(one, rng)
    if one.kind.key in ("virtual", "trainer", "rowing"):
        return machine_track(one, rng)
    return outdoor_track(one, rng)


def _content(one: Plan, track: DemoTrack, fault: Fault | None) -> bytes:
    """The bytes of a file, packed unless a telephone wrote it."""
    if one.format is None:
        raise ValueError("an activity without a format has no file")
    data = b"" if fault is Fault.EMPTY else _WRITERS[one.format](one, track)
    if fault is Fault.TRUNCATED:
        data = data[: len(data) * 3 // 5]
    return data if one.by_phone else _gzip(data)


def _gzip(data: bytes) -> bytes:
    # Not gzip.compress, whose header differs between versions of Python.
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    return packer.compress(data) + packer.flush()


def _rest(calendar: Season, done: _Done) -> Iterator[tuple[str, bytes]]:
    newest_first = sorted(done.lines, key=lambda entry: entry[0], reverse=True)
    yield "activities.csv", (HEADER + "\n" + "".join(line for _, line in newest_first)).encode()
    yield from other_tables(calendar, done.strength, done.media).items()
    yield "routes/1.gpx", route_gpx()
