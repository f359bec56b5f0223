"""Reads device files in parser processes, each file within a deadline.

A file that ends its process costs only itself. Processes hand over raw arrays, never rows. Each
opens the archive for itself, since a handle that two processes share gives false checksums.
"""

from __future__ import annotations

import faulthandler
import multiprocessing
import os
import sys
import time
import zlib
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Final

from db.batches import batches
from db.child_process import follow_parent
from db.export_bytes import MAX_MEMBER
from db.interrupts import without_ctrl_c
from ingest.errors import AbortRun, CorruptFile, IngestError, TooLarge, TooSlow
from ingest.extract.archive import Archive, open_archive
from ingest.run.export.file_reader import FileRead, FileTask, read_file

#: Bytes and files of a unit, which a parser process gets at once, and the number of units waiting
#: for each process: together they bound memory.
_UNIT_BYTES: Final = 1024 * 1024
_UNIT_FILES: Final = 16
_WAITING: Final = 4
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


class Readers:
    """The parser processes of a run, started when the first file is read."""

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Readers:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._pool is not None:
            if kind is not None:
                _stop(self._pool)
            self._pool.shutdown(wait=True, cancel_futures=True)

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
        ahead = self._jobs * _WAITING
        waiting = deque((unit, self._submit(archive, unit)) for unit in islice(units, ahead))
        while waiting:
            unit, future = waiting.popleft()
            try:
                reads = future.result()
            except BrokenProcessPool:
                # Any unit in work may have ended the process. This one is read file by file, the
                # others are read anew.
                self._pool = None
                reads = [self._read_alone(archive, task) for task in unit]
                waiting = deque(
                    (other, self._again(archive, other, before)) for other, before in waiting
                )
            waiting.extend((unit, self._submit(archive, unit)) for unit in islice(units, 1))
            yield from reads

    def _submit(self, archive: Archive, unit: list[FileTask]) -> Future[list[FileRead]]:
        deadlines = [deadline_of(task) for task in unit]
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self._jobs, mp_context=_context(), initializer=follow_parent
            )
        try:
            with without_ctrl_c():
                return self._pool.submit(
                    _read_unit, archive.path, archive.directory, unit, deadlines
                )
        except BrokenProcessPool as err:
            failed = Future[list[FileRead]]()
            failed.set_exception(err)
            return failed

    def _again(
        self, archive: Archive, unit: list[FileTask], before: Future[list[FileRead]]
    ) -> Future[list[FileRead]]:
        """The answer of a unit that was done before the processes ended, else of another try."""
        is_done = before.done() and not isinstance(before.exception(), BrokenProcessPool)
        return before if is_done else self._submit(archive, unit)

    def _read_alone(self, archive: Archive, task: FileTask) -> FileRead:
        """Read a file that may end its process; if it does, that is what is wrong with it."""
        try:
            self._submit(archive, []).result()
        except BrokenProcessPool as err:
            raise AbortRun(
                f"the processes that read device files of {archive.path.name} cannot run here (a "
                'script that calls run() needs if __name__ == "__main__"); what was imported until '
                "now is kept. Run again with --jobs 0, which needs no other processes"
            ) from err
        begun = time.monotonic()
        try:
            return self._submit(archive, [task]).result()[0]
        except BrokenProcessPool:
            self._pool = None
            return _failed(archive, task, time.monotonic() - begun)


def _stop(pool: ProcessPoolExecutor) -> None:
    """End the processes at once, as after Ctrl-C: nobody waits for what is being read."""
    for process in list((pool._processes or {}).values()):
        process.terminate()
    # A process that was ended while it sent a result leaves half of it in the pipe. The pool waits
    # for the other half as long as somebody could still write it: these processes, and we.
    with suppress(OSError):
        pool._result_queue._writer.close()  # type: ignore[attr-defined]


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


def _context() -> multiprocessing.context.BaseContext:
    """How processes start: never as copies of this one, whose database connection and open ZIP must
    not be shared.
    """
    # Not on macOS, whose own libraries may have started threads that a fork does not survive.
    if sys.platform == "linux" and "forkserver" in multiprocessing.get_all_start_methods():
        server = multiprocessing.get_context("forkserver")
        server.set_forkserver_preload(
            [__name__]
        )  # what it has imported, a further process need not
        return server
    return multiprocessing.get_context("spawn")


# --- in a parser process
# ---------------------------------------------------------------------------------------------

_open: dict[tuple[Path, str], Archive] = {}


def _read_unit(
    path: Path, directory: str, unit: list[FileTask], deadlines: list[float]
) -> list[FileRead]:
    archive = _opened(path, directory)
    return [
        _within(deadline, archive, task) for task, deadline in zip(unit, deadlines, strict=True)
    ]


def _opened(path: Path, directory: str) -> Archive:
    """The archive, which stays open for the next unit; refused where it is not the one that the
    tasks were made from.
    """
    if (path, directory) not in _open:
        while _open:
            _open.popitem()[1].close()
        archive = open_archive(path)
        if archive.directory != directory:
            archive.close()
            raise CorruptFile(
                path.name, "was replaced by another file during the run; run again to read that one"
            )
        _open[path, directory] = archive
    return _open[path, directory]


def _within(deadline: float, archive: Archive, task: FileTask) -> FileRead:
    """Read a file; past the deadline a thread of faulthandler ends the process at once."""
    with open(os.devnull, "w") as nowhere:
        faulthandler.dump_traceback_later(deadline, exit=True, file=nowhere)
        try:
            return read_file(archive, task)
        finally:
            faulthandler.cancel_dump_traceback_later()
