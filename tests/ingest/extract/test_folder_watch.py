"""Changes of a folder are noticed, whether or not the system tells of them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest.extract import folder_watch
from ingest.extract.folder_watch import folder_state, wait_for_change


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_watch, "_STILL_S", 0.05)


def later(action: Callable[[], object]) -> threading.Timer:
    timer = threading.Timer(0.3, action)
    timer.start()
    return timer


def new(path: Path) -> None:
    path.write_text("new")


def grown(path: Path) -> None:
    (path.parent / "old").write_text("longer than before")


def gone(path: Path) -> None:
    (path.parent / "old").unlink()


def below(path: Path) -> None:
    (path.parent / "folder" / "deep").mkdir(parents=True)
    (path.parent / "folder" / "deep" / "file").write_text("x")


@pytest.mark.parametrize("change", [new, grown, gone, below])
def test_a_change_is_noticed_when_the_system_tells_of_it(
    tmp_path: Path, change: Callable[[Path], None]
) -> None:
    (tmp_path / "old").write_text("old")
    seen = folder_state(tmp_path)
    timer = later(lambda: change(tmp_path / "file"))
    found = wait_for_change(tmp_path, seen)
    timer.join()
    assert found == folder_state(tmp_path) != seen


def told_nothing(*_: Any, **__: Any) -> Iterator[set[Any]]:
    time.sleep(0.05)
    yield set()


def refused(*_: Any, **__: Any) -> Iterator[set[Any]]:
    raise OSError("no space left for watches")
    yield set()


@pytest.mark.parametrize("words", [told_nothing, refused])
def test_a_change_is_noticed_where_the_system_tells_nothing(
    tmp_path: Path, words: Callable[..., Iterator[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("watchfiles.watch", words)
    monkeypatch.setattr(folder_watch, "LOOK_S", 0.05)
    seen = folder_state(tmp_path)
    timer = later(lambda: new(tmp_path / "file"))
    assert wait_for_change(tmp_path, seen) != seen
    timer.join()


def test_what_came_before_the_waiting_began_is_noticed(tmp_path: Path) -> None:
    seen = folder_state(tmp_path)
    new(tmp_path / "file")
    assert wait_for_change(tmp_path, seen) == folder_state(tmp_path)


def test_a_copy_is_waited_for_until_it_no_longer_grows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    seen = folder_state(tmp_path)
    path.write_bytes(b"x")
    pauses: list[float] = []

    def grow(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) < 4:
            path.write_bytes(path.read_bytes() + b"x")

    monkeypatch.setattr("time.sleep", grow)
    ((_, size, _),) = wait_for_change(tmp_path, seen)
    assert (size, len(pauses)) == (4, 4)


def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    assert folder_state(tmp_path / "none") == frozenset()


def test_a_device_file_deep_in_a_folder_that_a_sync_tool_fills_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "watch" / "2026").mkdir(parents=True)
    seen = folder_state(tmp_path)
    timer = later(lambda: new(tmp_path / "watch" / "2026" / "1.fit"))
    assert [Path(path).name for path, _, _ in wait_for_change(tmp_path, seen)] == ["1.fit"]
    timer.join()
