"""Shows the progress of a run, on a terminal as rich bars, elsewhere as plain lines, or not."""

from __future__ import annotations

import time
from datetime import datetime
from types import TracebackType
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars

from db.terminal import printable

#: Plain lines come at most this often.
_EVERY_S: Final = 5.0


class Progress:
    """Says nothing; the base of those that do."""

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        err: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return None

    def stage(self, text: str) -> None:
        """A stage begins."""

    def files(self, name: str, count: int, size: int) -> None:
        """Device files of an export are about to be read."""

    def file_done(self, size: int, points: int) -> None:
        """A device file was read."""

    def requests(self, count: int) -> None:
        """Requests to the API are about to be made."""

    def request_done(self) -> None:
        """A request was made, or turned out to be needless."""

    def waiting(self, seconds: float, until: datetime) -> None:
        """The run sleeps for so long; called every second, at last with 0."""


class Lines(Progress):
    """Plain lines, for logs and pipes."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._begun = self._last = 0.0
        self._name = ""
        self._count = self._done = self._points = 0
        self._is_waiting = False

    def stage(self, text: str) -> None:
        self._console.print(text, soft_wrap=True)

    def files(self, name: str, count: int, size: int) -> None:
        self._name, self._count, self._done, self._points = name, count, 0, 0
        self._begun = self._last = time.monotonic()
        if count:
            self._console.print(
                f"{name}: reading {count:,} device files ({size / 1e6:,.1f} MB)", soft_wrap=True
            )

    def file_done(self, size: int, points: int) -> None:
        self._done += 1
        self._points += points
        now = time.monotonic()
        if self._done == self._count or now - self._last >= _EVERY_S:
            self._last = now
            rate = self._points / max(now - self._begun, 1e-3)
            self._console.print(
                f"{self._name}: {self._done:,} of {self._count:,} files, {self._points:,} points, "
                f"{rate:,.0f} points/s",
                soft_wrap=True,
            )

    def requests(self, count: int) -> None:
        self._count, self._done, self._last = count, 0, time.monotonic()
        self._console.print(f"Strava API: {count:,} requests to make", soft_wrap=True)

    def request_done(self) -> None:
        self._done += 1
        now = time.monotonic()
        if self._done == self._count or now - self._last >= _EVERY_S:
            self._last = now
            self._console.print(
                f"Strava API: {self._done:,} of {self._count:,} requests", soft_wrap=True
            )

    def waiting(self, seconds: float, until: datetime) -> None:
        if seconds and not self._is_waiting:
            self._console.print(f"{_wait_text(seconds, until)}; Ctrl-C stops", soft_wrap=True)
        self._is_waiting = seconds > 0


class Live(Progress):
    """Bars on a terminal."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bars = Bars(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[points]:,} points"),
            TextColumn("{task.fields[rate]:,.0f}/s"),
            TimeRemainingColumn(),
            console=console,
            transient=True,
        )
        self._task: TaskID | None = None
        self._countdown: TaskID | None = None
        self._begun = 0.0
        self._points = 0

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

    def stage(self, text: str) -> None:
        self._bars.console.print(text)

    def files(self, name: str, count: int, size: int) -> None:
        self._begun, self._points = time.monotonic(), 0
        self._task = self._bars.add_task(printable(name), total=count, points=0, rate=0.0)

    def file_done(self, size: int, points: int) -> None:
        self._points += points
        rate = self._points / max(time.monotonic() - self._begun, 1e-3)
        if self._task is not None:
            self._bars.update(self._task, advance=1, points=self._points, rate=rate)

    def requests(self, count: int) -> None:
        self._begun, self._points = time.monotonic(), 0
        self._task = self._bars.add_task("Strava API: requests", total=count, points=0, rate=0.0)

    def request_done(self) -> None:
        if self._task is not None:
            self._bars.update(self._task, advance=1)

    def waiting(self, seconds: float, until: datetime) -> None:
        text = f"{_wait_text(seconds, until)}; Ctrl-C stops"
        if self._countdown is None:
            self._countdown = self._bars.add_task(text, total=None, points=0, rate=0.0)
        elif seconds:
            self._bars.update(self._countdown, description=text)
        else:
            self._bars.remove_task(self._countdown)
            self._countdown = None


def _wait_text(seconds: float, until: datetime) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    local = until.astimezone()
    return (
        f"Strava's limit is reached; going on at {local:%H:%M:%S}, in "
        f"{hours}:{minutes:02}:{rest:02}"
    )


def make_progress(console: Console, quiet: bool) -> Progress:
    """The progress that fits where standard error goes."""
    if quiet:
        return Progress()
    return Live(console) if console.is_terminal else Lines(console)
