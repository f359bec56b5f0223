"""Plain lines of progress: few, and each says enough by itself."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest

from db import progress
from db.progress import progress_view
from db.terminal import PlainConsole
from ingest.reporting.progress import Progress


@pytest.fixture
def said() -> io.StringIO:
    return io.StringIO()


def plain(said: io.StringIO) -> progress.ProgressView:
    return progress_view(PlainConsole(file=said, width=200), quiet=False)


def test_the_end_is_told_where_things_have_a_name(said: io.StringIO) -> None:
    view = plain(said)
    view.begin("export_1.zip", 2, "files")
    view.advance(note="5 points")
    view.advance(note="9 points")
    assert said.getvalue() == "export_1.zip: 2 of 2 files, 9 points\n"


def test_what_lasts_is_told_now_and_then(
    said: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "_EVERY_S", 0.0)
    view = plain(said)
    view.begin("laps", 0)
    view.advance(7)
    assert said.getvalue() == "laps: 7\n"


def test_a_pause_is_told_once(said: io.StringIO) -> None:
    shown = Progress(plain(said))
    until = datetime(2026, 5, 1, tzinfo=UTC)
    for seconds in (2, 1, 0):
        shown.waiting(seconds, until)
    assert said.getvalue().count("Ctrl-C stops\n") == 1


def test_quiet_shows_nothing(said: io.StringIO) -> None:
    view = progress_view(PlainConsole(file=said), quiet=True)
    view.begin("laps", 1, "rows")
    view.advance()
    assert said.getvalue() == ""


@pytest.mark.parametrize(
    ("width", "has_bar", "has_note"), [(40, False, False), (60, True, False), (120, True, True)]
)
def test_a_narrow_terminal_shows_the_count_before_anything_else(
    width: int, has_bar: bool, has_note: bool
) -> None:
    file = io.StringIO()
    console = PlainConsole(file=file, force_terminal=True, width=width, color_system=None)
    with progress_view(console, quiet=False) as view:
        view.begin("export_900000123.zip", 12_345, "files")
        view.advance(1_234, note="9,876,543 points, 98,765 points/s")
    shown = file.getvalue()
    assert "1234/12345" in shown
    assert ("━" in shown, "98,765 points/s" in shown) == (has_bar, has_note)


def test_a_terminal_has_one_bar_at_a_time() -> None:
    file = io.StringIO()
    with progress_view(PlainConsole(file=file, force_terminal=True, width=200), False) as view:
        view.begin("first", 1)
        view.begin("second", 1, "files")
        view.advance(note="9 points")
        view.wait("a pause")
        view.wait(None)
    assert "second: files" in file.getvalue()
