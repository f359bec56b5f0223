"""Device files of one export in, what they hold out: in a parser process beside the writer, or in this one when there are few.

Raw arrays cross the border of the process, never rows. Each process opens the archive for itself.
"""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import os
import signal
import threading
import zlib
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final

from ingest.derived import ASSUMED_ZONES, Derived, Told, Zones, derive
from ingest.errors import AbortRun, IngestError, NoSamples, TooLarge
from ingest.merge import sport
from ingest.parsers import parse, parser_version
from ingest.parsers.clocks import Expected
from ingest.parsers.gunzip import gunzip, is_gzip
from ingest.parsers.limits import MAX_POINTS
from ingest.rows import Recording, WantedActivity
from ingest.sources.archive import MAX_MEMBER, Archive, Member, open_archive
from ingest.sources.facts import anchored, clock_corrected, file_fields, split, with_distance_of
from ingest.sources.file_sports import file_sport_type

#: Fewer bytes than this are parsed before a second process has even started.
_WORTH_A_PROCESS: Final = 3 * 1024 * 1024
#: A file that inflates to more goes to a parser process in any case: XML takes six times its bytes while it is parsed.
_PARSED_HERE: Final = 24 * 1024 * 1024
#: A unit of work for the parser process, and how many of them may wait: together they bound memory.
_UNIT_BYTES: Final = 1024 * 1024
_UNIT_FILES: Final = 16
_WAITING: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class FileTask:
    """A device file to read, and the activities whose rows name it, with their athlete's zones."""

    member: Member
    wanted: tuple[WantedActivity, ...]
    #: When the export was made; no device recorded later.
    exported_at: datetime | None = None
    zones: Zones = ASSUMED_ZONES


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityRecording:
    """What a file holds of one activity, the fields of its ``file`` observation, and what follows from its points."""

    activity_id: int
    recording: Recording
    fields: dict[str, Any]
    derived: Derived


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRead:
    """What became of a ``FileTask``: recordings, or the reason why there are none."""

    task: FileTask
    crc32: int | None
    recordings: tuple[ActivityRecording, ...] = ()
    error: IngestError | None = None

    @property
    def file_format(self) -> str | None:
        """The format by content."""
        return self.recordings[0].recording.format if self.recordings else None

    @property
    def version(self) -> int:
        """The version of the parser that read it, or could not."""
        return parser_version(self.file_format)


def read_file(archive: Archive, task: FileTask, limit: int = MAX_MEMBER) -> FileRead:
    """Read one device file of at most ``limit`` inflated bytes; what is wrong with it is part of the answer."""
    origin = archive.origin(task.member.name)
    # No checksum in the ledger means that the archive failed, not the file: a sound copy of the ZIP has the same directory.
    crc32 = None
    try:
        data = archive.read(task.member, limit)
        crc32 = zlib.crc32(data) if task.member.crc32 is None else task.member.crc32
        expected = _expected(task)
        recording = parse(gunzip(data, origin, limit) if is_gzip(data) else data, origin, expected)
        if not (recording.point_count or recording.laps or recording.sessions or recording.sets):
            raise NoSamples(origin, "holds no track points, laps or sessions")
        if recording.point_count > MAX_POINTS:
            raise TooLarge(origin, f"has {recording.point_count:,} points, more than the {MAX_POINTS:,} that are read")
    except IngestError as err:
        return FileRead(task=task, crc32=crc32, error=err)
    except MemoryError:
        return FileRead(task=task, crc32=crc32, error=TooLarge(origin, "needs more memory than this machine gives"))
    parts = split(clock_corrected(recording, expected), [activity.start_time_utc for activity in task.wanted])
    return FileRead(
        task=task,
        crc32=crc32,
        recordings=tuple(
            _for_activity(activity, anchored(part, activity.start_time_utc), task.zones)
            for activity, part in zip(task.wanted, parts, strict=True)
        ),
    )


def _expected(task: FileTask) -> Expected:
    """What the rows that name a file say of its times together: from the first start to the last end."""
    starts = [activity.start_time_utc for activity in task.wanted if activity.start_time_utc is not None]
    begin = min(starts, default=None)
    lasting = [activity.elapsed_time_s for activity in task.wanted]
    if begin is None or len(starts) < len(task.wanted) or not all(lasting):
        return Expected(start=begin, exported_at=task.exported_at)
    ends = [(start - begin).total_seconds() + (s or 0.0) for start, s in zip(starts, lasting, strict=True)]
    return Expected(start=begin, elapsed_s=max(ends), exported_at=task.exported_at)


def _for_activity(activity: WantedActivity, recording: Recording, zones: Zones) -> ActivityRecording:
    # The fold will come to the same sport, unless the API knows better: then figures are derived anew.
    words = {
        "sport_type": activity.sport_type,
        "file_sport_type": file_sport_type(recording),
        "guessed_sport_type": activity.guessed_sport_type,
    }
    sport_type = sport(words).get("sport_type")
    recording = with_distance_of(recording, sport_type)
    derived = derive(
        recording.points,
        sport_type=sport_type,
        zones=zones,
        start_time_utc=recording.start_time_utc,
        told=Told(file_format=recording.format, figures=recording.figures),
        lengths=recording.lengths,
    )
    return ActivityRecording(
        activity_id=activity.activity_id, recording=recording, fields=file_fields(recording, derived), derived=derived
    )


class Readers:
    """The parser processes of a run, started when there is enough to read."""

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Readers:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def read(self, archive: Archive, tasks: Sequence[FileTask]) -> Iterator[FileRead]:
        """Read the files, in the order given.

        Raises:
            AbortRun: a parser process died.
        """
        if self._jobs < 1:
            yield from (read_file(archive, task) for task in tasks)
            return
        if self._pool is None and sum(t.member.size for t in tasks) < _WORTH_A_PROCESS:
            done = 0
            for read in (read_file(archive, task, _PARSED_HERE) for task in tasks):
                if isinstance(read.error, TooLarge):
                    break
                yield read
                done += 1
            tasks = tasks[done:]
            if not tasks:
                return
        if self._pool is None:
            # spawn, not fork: neither the database connection nor the open ZIP may be shared.
            self._pool = ProcessPoolExecutor(
                self._jobs, mp_context=multiprocessing.get_context("spawn"), initializer=_serve
            )
        try:
            yield from self._ordered(self._pool, archive.path, tasks)
        except BrokenProcessPool as err:
            raise AbortRun(
                f"a process that reads device files of {archive.path.name} died (out of memory?); "
                "what was read is stored, run again to go on, with --jobs 0 to read without a second process"
            ) from err

    def _ordered(self, pool: ProcessPoolExecutor, path: Path, tasks: Sequence[FileTask]) -> Iterator[FileRead]:
        units = _units(tasks)
        ahead = self._jobs * _WAITING
        waiting: deque[Future[list[FileRead]]] = deque(pool.submit(_read_unit, path, u) for u in islice(units, ahead))
        while waiting:
            done = waiting.popleft().result()
            waiting.extend(pool.submit(_read_unit, path, unit) for unit in islice(units, 1))
            yield from done


def _units(tasks: Iterable[FileTask]) -> Iterator[list[FileTask]]:
    unit: list[FileTask] = []
    size = 0
    for task in tasks:
        unit.append(task)
        size += task.member.size
        if size >= _UNIT_BYTES or len(unit) >= _UNIT_FILES:
            yield unit
            unit, size = [], 0
    if unit:
        yield unit


_open: dict[Path, Archive] = {}


def _read_unit(path: Path, unit: list[FileTask]) -> list[FileRead]:
    """Runs in a parser process, which keeps the last archive open."""
    if path not in _open:
        while _open:
            _open.popitem()[1].close()
        _open[path] = open_archive(path)
    return [read_file(_open[path], task) for task in unit]


def _serve() -> None:
    """A parser process whose parent was killed would wait for work for ever (its queue never closes); Ctrl-C is the parent's."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_exit_after, args=(parent.sentinel,), daemon=True).start()


def _exit_after(sentinel: int) -> None:
    multiprocessing.connection.wait([sentinel])
    os._exit(1)
