"""Shows how far something is by bars on a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Column

from db.progress import ProgressView
from db.terminal import printable

#: Widths of terminals from which on a bar, and notes beside it, are shown.
_WITH_BAR, _WITH_NOTE = 50, 100
#: Columns that a count of thousands takes.
_COUNT_WIDTH: Final = 11


class Bars(ProgressView):
    """A bar on a terminal."""

    def __init__(self, console: Console) -> None:
        self._bars = Progress(*_columns(console.width), console=console, transient=True)
        self._task: TaskID | None = None
        self._countdown: TaskID | None = None

    def __enter__(self) -> ProgressView:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def say(self, text: str) -> None:
        self._bars.console.print(text, soft_wrap=True)

    def begin(self, what: str, total: int, unit: str = "") -> None:
        if self._task is not None:
            self._bars.remove_task(self._task)
        text = f"{what}: {unit}" if unit else what
        self._task = self._bars.add_task(printable(text), total=total or None, note="")

    def advance(self, count: int = 1, note: str = "") -> None:
        if self._task is not None:
            self._bars.update(self._task, advance=count, note=note)

    def wait(self, text: str | None) -> None:
        if self._countdown is not None:
            self._bars.remove_task(self._countdown)
        self._countdown = (
            None if text is None else self._bars.add_task(printable(text), total=None, note="")
        )


def _columns(width: int) -> Iterator[ProgressColumn]:
    """What fits into a terminal: the count always, then the bar and the time, then the rate.

    A long name gives way to them.
    """
    yield TextColumn(
        "{task.description}",
        markup=False,
        table_column=Column(no_wrap=True, overflow="ellipsis", max_width=max(8, width // 3)),
    )
    if width >= _WITH_BAR:
        yield BarColumn(bar_width=None if width < _WITH_NOTE else 40)
    yield MofNCompleteColumn(table_column=Column(no_wrap=True, min_width=_COUNT_WIDTH))
    if width >= _WITH_NOTE:
        yield TextColumn("{task.fields[note]}", markup=False, table_column=Column(no_wrap=True))
    if width >= _WITH_BAR:
        yield TimeRemainingColumn(table_column=Column(no_wrap=True, min_width=8))
