"""Tells how far a run is: its stages, device files, requests and pauses."""

from __future__ import annotations

import time
from datetime import datetime
from types import TracebackType

from rich.console import Console

from db.progress import ProgressView, progress_view


class Progress:
    """Words the progress of a run for a view, by default for one that shows nothing."""

    def __init__(self, view: ProgressView | None = None) -> None:
        self._view = view or ProgressView()
        self._begun = 0.0
        self._points = 0

    def __enter__(self) -> Progress:
        self._view.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        err: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._view.__exit__(kind, err, trace)

    def stage(self, text: str) -> None:
        """A stage begins."""
        self._view.say(text)

    def files(self, name: str, count: int, size: int) -> None:
        """Device files of an export are about to be read."""
        self._begun, self._points = time.monotonic(), 0
        if count:
            self._view.say(f"{name}: reading {count:,} device files ({size / 1e6:,.1f} MB)")
        self._view.begin(name, count, "files")

    def file_done(self, points: int) -> None:
        """A device file was read."""
        self._points += points
        rate = self._points / max(time.monotonic() - self._begun, 1e-3)
        self._view.advance(note=f"{self._points:,} points, {rate:,.0f} points/s")

    def requests(self, count: int) -> None:
        """Requests to the API are about to be made."""
        self._view.say(f"Strava API: {count:,} requests to make")
        self._view.begin("Strava API", count, "requests")

    def request_done(self) -> None:
        """A request was made, or turned out to be needless."""
        self._view.advance()

    def waiting(self, seconds: float, until: datetime) -> None:
        """The run sleeps for so long; called every second, at last with 0."""
        self._view.wait(f"{_wait_text(seconds, until)}; Ctrl-C stops" if seconds else None)


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
    return Progress(progress_view(console, quiet))
