"""Shows the progress of an export on standard error.

A terminal gets a bar, anything else plain lines or nothing.
"""

from __future__ import annotations

import time
from types import TracebackType
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars

from db.terminal import printable

#: Seconds between two plain lines, at least.
_EVERY_S: Final = 5.0


class Progress:
    """Shows nothing; the base class of those that show progress."""

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        err: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return None

    def begin(self, what: str, total: int) -> None:
        """Say that ``total`` rows or files are about to be written; 0 if not known."""

    def advance(self, count: int = 1) -> None:
        """Say that ``count`` more are written."""


class Lines(Progress):
    """Plain lines, for logs and pipes."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._what, self._total, self._done, self._last = "", 0, 0, 0.0

    def begin(self, what: str, total: int) -> None:
        self._what, self._total, self._done, self._last = what, total, 0, time.monotonic()

    def advance(self, count: int = 1) -> None:
        self._done += count
        if time.monotonic() - self._last >= _EVERY_S:
            self._last = time.monotonic()
            total = f" of {self._total:,}" if self._total else ""  # small tables have no total
            self._console.print(f"{self._what}: {self._done:,}{total}", soft_wrap=True)


class Live(Progress):
    """A bar on a terminal."""

    def __init__(self, console: Console) -> None:
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
        )
        self._bars = Bars(*columns, console=console, transient=True)
        self._task: TaskID | None = None

    def __enter__(self) -> Progress:
        self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        err: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bars.stop()

    def begin(self, what: str, total: int) -> None:
        if self._task is not None:
            self._bars.remove_task(self._task)
        self._task = self._bars.add_task(printable(what), total=total or None)

    def advance(self, count: int = 1) -> None:
        if self._task is not None:
            self._bars.advance(self._task, count)


def make_progress(console: Console, quiet: bool) -> Progress:
    """The progress that fits where standard error goes."""
    if quiet:
        return Progress()
    return Live(console) if console.is_terminal else Lines(console)
