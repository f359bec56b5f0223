"""Tells how far a run is: its stages, device files, requests and pauses."""

from __future__ import annotations

import logging
import time
from contextlib import ExitStack
from datetime import datetime
from typing import Any, Final

from rich.console import Console

from db.progress import ProgressView, progress_view
from db.terminal import json_line

log = logging.getLogger(__name__)

#: Seconds between two lines of JSON about the same work, at least.
_EVERY_S: Final = 0.25


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


class JsonLines(ProgressView):
    """Writes one JSON object a line, for programs; ``docs/json.md`` tells what the keys mean."""

    def __init__(self, console: Console) -> None:
        self._console = console
        #: What every line of this work says, so that a reader needs only the last ones.
        self._work: dict[str, Any] = {"what": "", "unit": "", "total": 0}
        self._done = 0
        self._begun = self._last = 0.0

    def say(self, text: str) -> None:
        self._write("stage", text=text)

    def begin(self, what: str, total: int, unit: str = "") -> None:
        self._work = {"what": what, "unit": unit, "total": total}
        self._done, self._begun = 0, time.monotonic()
        self._last = self._begun
        self._write("begin", **self._work)

    def advance(self, count: int = 1, note: str = "") -> None:
        self._done += count
        now = time.monotonic()
        if self._done != self._work["total"] and now - self._last < _EVERY_S:
            return
        self._last = now
        seconds = round(now - self._begun, 3)
        self._write("advance", **self._work, done=self._done, seconds=seconds, note=note)

    def wait(self, text: str | None) -> None:
        self._write("wait", text=text)

    def _write(self, event: str, **facts: Any) -> None:
        self._console.print(json_line({"event": event, **facts}), soft_wrap=True)


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
    is_json = as_json and not quiet
    view = JsonLines(console) if is_json else progress_view(console, quiet)
    return Progress(view, LogLines())
