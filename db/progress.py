"""Shows how far something is: plain lines, JSON for programs, or bars on a terminal."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

import click

from db.terminal import json_line

if TYPE_CHECKING:
    from rich.console import Console

#: Seconds between two plain lines, at least.
_EVERY_S: Final = 5.0
#: The same between two lines of JSON about the same work.
_JSON_EVERY_S: Final = 0.25
#: The option of all commands that last.
PROGRESS: Final = click.option(
    "--progress",
    type=click.Choice(["auto", "json"]),
    default="auto",
    show_default=True,
    help="How the progress is shown on standard error: as fits the terminal, or as one JSON "
    "object a line (docs/json.md).",
)


class ProgressView:
    """Shows nothing; the base class of those that show progress."""

    def __enter__(self) -> ProgressView:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def say(self, text: str) -> None:
        """Show a line."""

    def begin(self, what: str, total: int, unit: str = "") -> None:
        """Say that ``total`` rows or files are about to be done; 0 if not known.

        With a ``unit``, their name, plain lines tell the end, too.
        """

    def advance(self, count: int = 1, note: str = "") -> None:
        """Say that ``count`` more are done, and in a note what else is known of all so far."""

    def wait(self, text: str | None) -> None:
        """Show what is waited for; ``None`` when that is over."""


class Lines(ProgressView):
    """Plain lines, for logs and pipes."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._what = self._unit = ""
        self._total = self._done = 0
        self._last = 0.0
        self._is_waiting = False

    def say(self, text: str) -> None:
        self._console.print(text, soft_wrap=True)

    def begin(self, what: str, total: int, unit: str = "") -> None:
        self._what, self._total, self._unit = what, total, unit
        self._done, self._last = 0, time.monotonic()

    def advance(self, count: int = 1, note: str = "") -> None:
        self._done += count
        is_end = self._unit and self._done == self._total
        if is_end or time.monotonic() - self._last >= _EVERY_S:
            self._last = time.monotonic()
            total = f" of {self._total:,}" if self._total else ""  # small tables have no total
            unit = f" {self._unit}" if self._unit else ""
            more = f", {note}" if note else ""
            self.say(f"{self._what}: {self._done:,}{total}{unit}{more}")

    def wait(self, text: str | None) -> None:
        if text is not None and not self._is_waiting:
            self.say(text)
        self._is_waiting = text is not None


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
        if self._done != self._work["total"] and now - self._last < _JSON_EVERY_S:
            return
        self._last = now
        seconds = round(now - self._begun, 3)
        self._write("advance", **self._work, done=self._done, seconds=seconds, note=note)

    def wait(self, text: str | None) -> None:
        self._write("wait", text=text)

    def _write(self, event: str, **facts: Any) -> None:
        self._console.print(json_line({"event": event, **facts}), soft_wrap=True)


def progress_view(console: Console, quiet: bool, as_json: bool = False) -> ProgressView:
    """The view that fits where standard error goes, or lines of JSON."""
    if quiet:
        return ProgressView()
    if as_json:
        return JsonLines(console)
    if not console.is_terminal:
        return Lines(console)
    from db.progress_bars import Bars  # a log needs no bars, nor the time to load them

    return Bars(console)
