"""Tells how far a run is: its stages, device files, requests and pauses."""

from __future__ import annotations

import logging
import time
from contextlib import ExitStack
from datetime import datetime
from typing import Any

from rich.console import Console

from db.progress import ProgressView, progress_view

log = logging.getLogger(__name__)


class Progress:
    """Words the progress of a run for everything that shows it: bars, lines, the log."""

    def __init__(self, *views: ProgressView) -> None:
        self._views = views
        self._begun = 0.0
        self._points = 0
        self._open = ExitStack()

    def __enter__(self) -> Progress:
        for view in self._views:
            self._open.enter_context(view)
        return self

    def __exit__(self, *error: Any) -> None:
        self._open.__exit__(*error)

    def stage(self, text: str) -> None:
        """A stage begins."""
        for view in self._views:
            view.say(text)

    def files(self, name: str, count: int, size: int) -> None:
        """Device files of an export are about to be read."""
        self._begun, self._points = time.monotonic(), 0
        if count:
            self.stage(f"{name}: reading {count:,} device files ({size / 1e6:,.1f} MB)")
        for view in self._views:
            view.begin(name, count, "files")

    def file_done(self, points: int) -> None:
        """A device file was read."""
        self._points += points
        rate = self._points / max(time.monotonic() - self._begun, 1e-3)
        for view in self._views:
            view.advance(note=f"{self._points:,} points, {rate:,.0f} points/s")

    def requests(self, count: int) -> None:
        """Requests to the API are about to be made."""
        self.stage(f"Strava API: {count:,} requests to make")
        for view in self._views:
            view.begin("Strava API", count, "requests")

    def request_done(self) -> None:
        """A request was made, or turned out to be needless."""
        for view in self._views:
            view.advance()

    def waiting(self, seconds: float, until: datetime) -> None:
        """The run sleeps for so long; called every second, at last with 0."""
        text = f"{_wait_text(seconds, until)}; Ctrl-C stops" if seconds else None
        for view in self._views:
            view.wait(text)


class LogLines(ProgressView):
    """Writes the stages of a run into the log."""

    def say(self, text: str) -> None:
        log.info("%s", text)


def _wait_text(seconds: float, until: datetime) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    local = until.astimezone()
    return (
        f"Strava's limit is reached; going on at {local:%H:%M:%S}, in "
        f"{hours}:{minutes:02}:{rest:02}"
    )


def make_progress(console: Console, quiet: bool, as_json: bool = False) -> Progress:
    """What fits where standard error goes, or lines of JSON; and the log."""
    return Progress(progress_view(console, quiet, as_json), LogLines())
