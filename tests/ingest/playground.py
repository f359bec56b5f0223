"""A drop folder and a database, and what can be done with them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from db.engine import make_engine
from ingest.config import make_config
from ingest.reporting.progress import Progress
from ingest.reporting.report import Report
from ingest.run.pipeline import run
from tests.builders import export_zip

JANUARY, FEBRUARY, MARCH = (datetime(2026, month, 1, 12, tzinfo=UTC) for month in (1, 2, 3))
PROFILE = {"profile.csv": [["Athlete ID", "First Name"], [77, "Jo"]]}


class Playground:
    """A drop folder and a database of one test."""

    def __init__(self, folder: Path, database: str) -> None:
        self.folder, self.database = folder, database
        self.drop = folder / "Strava Export"
        self.drop.mkdir(parents=True)
        self.engine = make_engine(database)

    def add(
        self,
        name: str,
        activities: Sequence[dict[str, Any]],
        when: datetime = JANUARY,
        **contents: Any,
    ) -> Path:
        """Drop an export; contents as for ``export_zip``."""
        contents.setdefault("tables", PROFILE)
        return export_zip(self.drop / name, activities, when=when, **contents)

    def run(self, **options: Any) -> Report:
        """Import what the drop folder holds."""
        return run(
            make_config({}, playground=self.folder, database=self.database, jobs=0, **options),
            Progress(),
        )

    def rows(self, *columns: Any) -> list[tuple[Any, ...]]:
        """The rows of these columns, in their order."""
        with self.engine.connect() as connection:
            return [
                tuple(row) for row in connection.execute(sa.select(*columns).order_by(*columns))
            ]
