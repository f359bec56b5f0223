"""Playgrounds for tests that import whole exports."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.ingest.playground import Playground
from tests.provisional import IDS, add_provisional


@pytest.fixture
def playground(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Playground]:
    """A playground on each engine, into which nobody is copying."""
    monkeypatch.setattr("ingest.extract.copy_check.APART_S", 0)
    made = Playground(tmp_path / "Playground", database_url)
    yield made
    made.engine.dispose()


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Playground]]:
    """Further playgrounds of their own, on SQLite."""
    monkeypatch.setattr("ingest.extract.copy_check.APART_S", 0)
    made: list[Playground] = []

    def make() -> Playground:
        folder = tmp_path / f"fresh{len(made)}"
        made.append(Playground(folder, f"sqlite:///{(folder / 'strava.db').as_posix()}"))
        return made[-1]

    yield make
    for one in made:
        one.engine.dispose()


@pytest.fixture
def mixed(playground: Playground) -> Playground:
    """Strava's runs, and two of a watch."""
    playground.add("export_77.zip", [{"activity_name": f"Run {n}"} for n in range(1, 4)])
    playground.run()
    for number in IDS:
        add_provisional(playground.engine, number, points=900)
    return playground
