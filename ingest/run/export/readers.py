"""Reads device files in parser processes, as many as the database keeps busy.

A file that ends its process, or is not read within its deadline, costs only itself.
"""

from __future__ import annotations

import time
import zlib
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Final

from db.batches import batches
from db.export_bytes import MAX_MEMBER
from ingest.errors import AbortRun, CorruptFile, IngestError, TooLarge, TooSlow
from ingest.extract.archive import Archive
from ingest.run.export.file_reader import FileRead, FileTask, read_file
from ingest.run.export.parser_process import ParserProcess, load_ahead

#: Bytes and files of a unit, which a parser process gets at once, and the number of units waiting
#: for each process: together they bound memory.
_UNIT_BYTES: Final = 1024 * 1024
_UNIT_FILES: Final = 16
_WAITING: Final = 4
#: Seconds of waiting after which another process is started: XML takes longer to read than to
#: write. For FIT, which does not, one process is enough.
_PATIENCE_S: Final = 0.3
#: Seconds that a file may take, and further ones for each MiB of its member. The slowest real
#: files, gzipped TCX, take five seconds per MiB here; small machines are ten times slower.
_DEADLINE_S: Final = 60.0
_DEADLINE_S_PER_MIB: Final = 60.0

#: Files that may be given up before the export is.
_MOST_SLOW: Final = 20


def deadline_of(task: FileTask) -> float:
    """How many seconds a file may take."""
    # What claims to be larger is refused when it is read; a claim of terabytes would be no time
    # that the system can wait.
    return _DEADLINE_S + _DEADLINE_S_PER_MIB * min(task.member.size, MAX_MEMBER) / 2**20


def within(reads: Iterable[FileRead], limit: int, name: str) -> Iterator[FileRead]:
    """Pass on what is read of an export until it is more than anyone's is.

    Raises:
        TooLarge: its files inflate to more than ``limit`` bytes together.
        TooSlow: more than ``_MOST_SLOW`` of them were given up.
    """
    inflated = slow = 0
    for read in reads:
        inflated += read.inflated_bytes
        slow += isinstance(read.error, TooSlow)
        if inflated > limit:
            raise TooLarge(
                name,
                f"its device files have more than {limit / 1e9:,.0f} GB when unpacked; if this is "
                "your own export, raise STRAVA_MAX_EXPORT_GB and run again, which goes on where "
                "this run stopped",
            )
        if slow > _MOST_SLOW:
            raise TooSlow(
                name,
                f"more than {_MOST_SLOW} device files could not be read within their time limits; "
                "run again to go on with the others, or with --jobs 0 to read without time limits",
            )
        yield read


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sent:
    """A unit, the process that has it, and the answer to come."""

    unit: list[FileTask]
    process: ParserProcess
    answer: Future[list[FileRead]]


class Readers:
    """The parser processes of a run: one from the first file on, and up to ``jobs`` while what
    writes waits for them.
    """

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs
        self._processes: list[ParserProcess] = []
        #: For how long what writes has waited for answers.
        self._waited_s = 0.0

    def __enter__(self) -> Readers:
        if self._jobs > 0:
            load_ahead()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        for process in self._processes:
            process.end(at_once=kind is not None)

    def read(self, archive: Archive, tasks: Sequence[FileTask]) -> Iterator[FileRead]:
        """Read the files, in the order given; without a parser process (``jobs`` is 0) there is no
        deadline.

        Raises:
            IngestError: the archive cannot be opened any more, or is another one now.
            AbortRun: no parser process can run.
        """
        if self._jobs < 1:
            return (read_file(archive, task) for task in tasks)
        units = batches(tasks, lambda task: task.member.size, _UNIT_BYTES, _UNIT_FILES)
        return self._ordered(archive, units)

    def _ordered(self, archive: Archive, units: Iterator[list[FileTask]]) -> Iterator[FileRead]:
        waiting = deque[_Sent]()
        self._fill(waiting, archive, units)
        while waiting:
            sent = waiting.popleft()
            begun = time.monotonic()
            try:
                reads = sent.answer.result()
            except BrokenProcessPool:
                # Any unit of the process may have ended it. This one is read file by file, the
                # others are read anew.
                self._processes.remove(sent.process)
                reads = list(self._one_by_one(archive, sent.unit))
                waiting = deque(self._again(archive, other) for other in waiting)
            self._waited_s += time.monotonic() - begun
            self._fill(waiting, archive, units)
            yield from reads

    def _fill(
        self, waiting: deque[_Sent], archive: Archive, units: Iterator[list[FileTask]]
    ) -> None:
        """Send units until every process has enough of them."""
        while len(waiting) < _WAITING * self._wanted and (unit := next(units, None)):
            waiting.append(self._send(archive, unit))

    @property
    def _wanted(self) -> int:
        """How many processes there should be."""
        return max(len(self._processes), min(self._jobs, 1 + int(self._waited_s / _PATIENCE_S)))

    def _send(self, archive: Archive, unit: list[FileTask]) -> _Sent:
        if len(self._processes) < self._wanted:
            self._start()
        process = min(self._processes, key=lambda process: process.left)
        return _Sent(unit=unit, process=process, answer=_submit(process, archive, unit))

    def _start(self) -> ParserProcess:
        process = ParserProcess()
        self._processes.append(process)
        return process

    def _again(self, archive: Archive, sent: _Sent) -> _Sent:
        """A unit of a process that has ended, sent to another one unless it was read before."""
        answer = sent.answer
        is_read = answer.done() and not isinstance(answer.exception(), BrokenProcessPool)
        return (
            sent if is_read or sent.process in self._processes else self._send(archive, sent.unit)
        )

    def _one_by_one(self, archive: Archive, unit: list[FileTask]) -> Iterator[FileRead]:
        """Read files that may end their process; if one does, that is what is wrong with it."""
        process = self._start()
        for task in unit:
            try:
                _submit(process, archive, []).result()
            except BrokenProcessPool as err:
                raise AbortRun(
                    f"the processes that read device files of {archive.name} cannot run here "
                    '(a script that calls run() needs if __name__ == "__main__"); what was '
                    "imported until now is kept. Run again with --jobs 0, which needs no other "
                    "processes"
                ) from err
            begun = time.monotonic()
            try:
                yield _submit(process, archive, [task]).result()[0]
            except BrokenProcessPool:
                self._processes.remove(process)
                process = self._start()
                yield _failed(archive, task, time.monotonic() - begun)


def _submit(
    process: ParserProcess, archive: Archive, unit: list[FileTask]
) -> Future[list[FileRead]]:
    return process.submit(archive, unit, [deadline_of(task) for task in unit])


def _failed(archive: Archive, task: FileTask, seconds: float) -> FileRead:
    origin, deadline = archive.origin(task.member.name), deadline_of(task)
    error: IngestError = CorruptFile(
        origin, "made the process that read it stop (perhaps it needs too much memory)"
    )
    if seconds >= deadline:
        error = TooSlow(
            origin,
            f"was not read within {deadline:,.0f} seconds; to read it without a time limit, run "
            "with --jobs 0",
        )
    crc32 = task.member.crc32
    if crc32 is None:
        try:
            crc32 = zlib.crc32(archive.read(task.member))
        except IngestError as err:
            error = err
    return FileRead(task=task, crc32=crc32, error=error)
