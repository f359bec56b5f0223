"""Runs a process that reads device files, each within its deadline.

It hands over raw arrays, never rows, and opens the archive for itself, since a handle that two
processes share gives false checksums.
"""

from __future__ import annotations

import faulthandler
import multiprocessing
import multiprocessing.forkserver
import os
import sys
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from pathlib import Path
from typing import Final

from db.child_process import follow_parent
from db.interrupts import without_ctrl_c
from ingest.errors import CorruptFile
from ingest.extract.archive import Archive, open_archive
from ingest.run.export.file_reader import FileRead, FileTask, read_file

#: The module that loads what a parser process needs at its first file.
_FIRST_FILE: Final = "ingest.run.export.first_file"


def load_ahead() -> None:
    """Have the modules of parser processes loaded, where a server loads them for all, by another
    core while this process does something else.
    """
    if _context().get_start_method() == "forkserver":
        with without_ctrl_c():
            multiprocessing.forkserver.ensure_running()


class ParserProcess:
    """One process. It is a pool of its own, so that the end of one costs no other its work."""

    def __init__(self) -> None:
        self._pool = ProcessPoolExecutor(1, mp_context=_context(), initializer=follow_parent)
        self._given: list[Future[list[FileRead]]] = []

    @property
    def left(self) -> int:
        """How many units it has still to read."""
        self._given = [answer for answer in self._given if not answer.done()]
        return len(self._given)

    def submit(
        self, archive: Archive, unit: list[FileTask], deadlines: list[float]
    ) -> Future[list[FileRead]]:
        """Have files read, each within its deadline in seconds; the answer is a
        ``BrokenProcessPool`` if the process ends before.
        """
        try:
            with without_ctrl_c():
                answer = self._pool.submit(
                    _read_unit, archive.path, archive.name, archive.directory, unit, deadlines
                )
        except BrokenProcessPool as err:
            answer = Future[list[FileRead]]()
            answer.set_exception(err)
        self._given.append(answer)
        return answer

    def end(self, *, at_once: bool) -> None:
        """End the process; ``at_once``, as after Ctrl-C, nobody waits for what is being read."""
        if at_once:
            _kill(self._pool)
        self._pool.shutdown(wait=True, cancel_futures=True)


def _kill(pool: ProcessPoolExecutor) -> None:
    for process in list((pool._processes or {}).values()):
        process.terminate()
    # A process that was ended while it sent a result leaves half of it in the pipe. The pool waits
    # for the other half as long as somebody could still write it: these processes, and we.
    with suppress(OSError):
        pool._result_queue._writer.close()  # type: ignore[attr-defined]


def _context() -> multiprocessing.context.BaseContext:
    """How processes start: never as copies of this one, whose database connection and open ZIP must
    not be shared.
    """
    # Not on macOS, whose own libraries may have started threads that a fork does not survive.
    if sys.platform == "linux" and "forkserver" in multiprocessing.get_all_start_methods():
        server = multiprocessing.get_context("forkserver")
        # What it has imported, its processes need not.
        server.set_forkserver_preload([_FIRST_FILE])
        return server
    return multiprocessing.get_context("spawn")


# --- in a parser process
# ---------------------------------------------------------------------------------------------

_open: dict[tuple[Path, str, str], Archive] = {}


def _read_unit(
    path: Path, name: str, directory: str, unit: list[FileTask], deadlines: list[float]
) -> list[FileRead]:
    archive = _opened(path, name, directory)
    return [
        _within(deadline, archive, task) for task, deadline in zip(unit, deadlines, strict=True)
    ]


def _opened(path: Path, name: str, directory: str) -> Archive:
    """The archive, which stays open for the next unit; refused where it is not the one that the
    tasks were made from.
    """
    key = (path, name, directory)
    if key not in _open:
        while _open:
            _open.popitem()[1].close()
        archive = open_archive(path, name)
        if archive.directory != directory:
            archive.close()
            raise CorruptFile(
                name, "was replaced by another file during the run; run again to read that one"
            )
        _open[key] = archive
    return _open[key]


def _within(deadline: float, archive: Archive, task: FileTask) -> FileRead:
    """Read a file; past the deadline a thread of faulthandler ends the process at once."""
    with open(os.devnull, "w") as nowhere:
        faulthandler.dump_traceback_later(deadline, exit=True, file=nowhere)
        try:
            return read_file(archive, task)
        finally:
            faulthandler.cancel_dump_traceback_later()
