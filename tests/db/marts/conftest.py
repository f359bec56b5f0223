"""A database with one athlete, and a short way to add activities to it and to read marts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from benchmarks.databases import fresh_database
from db.engine import make_engine
from db.marts import refresh
from db.migrate import upgrade
from db.models import Activity, Athlete, ImportFile, ImportRun


class Database:
    """What the tests of marts write and read."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection
        self.add(Athlete, athlete_id=1, first_name="Jo", last_name="Doe")

    def add(self, model: Any, **columns: Any) -> None:
        """One row."""
        self.connection.execute(sa.insert(model), columns)

    def activity(self, number: int, local: str, **columns: Any) -> None:
        """An activity at a local time, in a place whose clock shows UTC."""
        start = datetime.fromisoformat(local)
        row = {
            "activity_id": number,
            "athlete_id": 1,
            "sport_type": "Run",
            "start_time_utc": start.replace(tzinfo=UTC),
            "start_time_local": start,
            "timezone_source": "api",
            "has_track": False,
        }
        self.add(Activity, **{**row, **columns})

    def export(self, day: str, athlete_id: int = 1) -> None:
        """An export of an athlete that was imported."""
        moment = datetime.fromisoformat(day).replace(tzinfo=UTC)
        run = {"started_at": moment, "status": "done", "version": "1"}
        added = sa.insert(ImportRun).returning(ImportRun.run_id)
        self.add(
            ImportFile,
            athlete_id=athlete_id,
            file_kind="export",
            name=day,
            origin=day,
            exported_at=moment,
            status="read",
            run_id=self.connection.scalar(added, run),
        )

    def refresh(self) -> None:
        """Fill all marts."""
        refresh(self.connection)

    def rows(self, *columns: Any, **equal: Any) -> list[tuple[Any, ...]]:
        """Columns of a mart, in order of themselves."""
        model = columns[0].class_
        query = sa.select(*columns).where(
            *(getattr(model, name) == value for name, value in equal.items())
        )
        return [tuple(row) for row in self.connection.execute(query.order_by(*columns))]

    def one(self, model: Any, **equal: Any) -> Any:
        """The row of a mart."""
        query = sa.select(model.__table__).where(
            *(getattr(model, name) == value for name, value in equal.items())
        )
        return self.connection.execute(query).one()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def _migrated(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[sa.Engine]:
    """An empty database on each engine; making one takes longer than most tests."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            url = f"sqlite:///{(tmp_path_factory.mktemp('marts') / 'strava.db').as_posix()}"
        else:
            server = request.getfixturevalue("_server")
            url = stack.enter_context(fresh_database(server, "strava_test"))
        engine = make_engine(url)
        upgrade(engine, None)
        yield engine
        engine.dispose()


@pytest.fixture
def database(_migrated: sa.Engine) -> Iterator[Database]:
    """What a test writes is rolled back after it."""
    with _migrated.connect() as connection:
        yield Database(connection)
        connection.rollback()
