"""Drop folders with exports and loose device files, and what databases make of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from db.engine import make_engine
from db.models import Base, Gear
from ingest.config import Config, make_config
from ingest.reporting.progress import Progress
from ingest.reporting.report import Report
from ingest.run.pipeline import run
from tests.builders import export_zip

#: The ledger, and marts' and engines' own.
_LEDGER = {"import_runs", "import_files", "sync_state", "data_dictionary"}
#: When an export confirmed what a file said depends on which export it was read from.
_KEYS = {"run_id", "issue_id", "found_at", "file_id", "observed_at"}
_START = datetime(2024, 5, 1, 6, tzinfo=UTC)


class Place:
    """A drop folder and a database."""

    def __init__(self, folder: Path, database: str) -> None:
        self.database = database
        self.config: Config = make_config({}, playground=folder, database=database, jobs=0)
        self.config.drop.mkdir(parents=True, exist_ok=True)

    def put(self, name: str, data: bytes) -> None:
        path = self.config.drop / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def run(self, **options: Any) -> Report:
        config = make_config(
            {}, playground=self.config.playground, database=self.database, jobs=0, **options
        )
        return run(config, Progress())

    def content(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every table but the ledger; gear by its name, since its keys are no content."""
        gear = dict(self.rows(Gear.gear_id, Gear.name_key))
        found = {}
        for table in Base.metadata.sorted_tables:
            if table.name not in _LEDGER:
                columns = [c for c in table.columns if c.name not in _KEYS]
                at = [i for i, c in enumerate(columns) if c.name == "gear_id"]
                rows = [list(row) for row in self.rows(*columns)]
                for row in rows:
                    for i in at:
                        row[i] = gear.get(row[i], row[i])
                found[table.name] = sorted(map(tuple, rows), key=repr)
        return found

    def rows(self, *columns: Any) -> list[tuple[Any, ...]]:
        engine = make_engine(self.database)
        with engine.connect() as connection:
            found = [tuple(row) for row in connection.execute(sa.select(*columns))]
        engine.dispose()
        return sorted(found, key=repr)


def same(found: dict[str, list[Any]], wanted: dict[str, list[Any]]) -> None:
    for table, rows in wanted.items():
        assert found[table] == rows, table


def export(place: Place, month: int, rows: dict[int, bytes | None]) -> None:
    """An export of athlete 77; each activity starts a day after the one before."""
    lines, files = [], {}
    for i, data in rows.items():
        name = f"activities/{1000 + i}.gpx"
        lines.append(
            {
                "activity_id": i,
                "activity_name": f"Run {i} of {month}",
                "activity_date": f"May {i}, 2024, 6:00:00 AM",
                "filename": name if data else "",
            }
        )
        if data:
            files[name] = data
    tables = {"profile.csv": [["Athlete ID"], [77]]}
    when = datetime(2026, month, 1, 12, tzinfo=UTC)
    path = place.config.drop / f"export_{month}.zip"
    export_zip(path, lines, when=when, files=files, tables=tables)


def day(i: int) -> datetime:
    """When activity ``i`` of an export starts."""
    return _START + timedelta(days=i - 1)
