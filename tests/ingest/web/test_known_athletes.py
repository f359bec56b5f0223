"""What plans of courses rest on is read once, and again when the database has changed."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa

from ingest.course.plan.planned import KnownAthlete, known_of
from ingest.web.known_athletes import KnownAthletes
from tests.ingest.course.conftest import add_runs
from tests.ingest.playground import FEBRUARY, Playground


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What was asked of the database."""
    asked: list[object] = []

    def counted(connection: sa.Connection, **options: object) -> KnownAthlete:
        asked.append(options)
        return known_of(connection, **options)  # type: ignore[arg-type]

    monkeypatch.setattr("ingest.web.known_athletes.known_of", counted)
    return asked


def test_points_are_read_once_for_each_wish_and_again_after_a_run(
    playground: Playground, reads: list[object]
) -> None:
    add_runs(playground, 3)
    kept = KnownAthletes()

    def runs(**changed: object) -> int:
        options: dict[str, object] = {"athlete_id": None, "sport": "Run", "day": None, **changed}
        with playground.engine.connect() as connection:
            found = kept.find(connection, playground.database, **options)  # type: ignore[arg-type]
        return len(found.history.runs)

    assert (runs(), runs(), len(reads)) == (3, 3, 1)
    assert (runs(day=date(2025, 1, 11)), len(reads)) == (1, 2)
    assert (runs(sport="TrailRun"), len(reads)) == (3, 3)
    add_runs(playground, 5, when=FEBRUARY)
    assert (runs(), runs(), len(reads)) == (5, 5, 4)


def test_only_the_last_ones_are_kept(playground: Playground, reads: list[object]) -> None:
    add_runs(playground, 1)
    kept = KnownAthletes()
    with playground.engine.connect() as connection:
        for day in (1, 2, 3, 4, 5, 5, 1):
            kept.find(
                connection,
                playground.database,
                athlete_id=None,
                sport="Run",
                day=date(2026, 1, day),
            )
    assert len(reads) == 6
