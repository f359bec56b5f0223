"""What the tests of BI tools share: the demo account in a database of each engine, made once and
only read.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from benchmarks.databases import fresh_database
from db.models import Base
from ingest.config import make_config
from ingest.demo import EXPORT_NAME, build_export
from ingest.reporting.progress import Progress
from ingest.run.pipeline import run

ACTIVITIES = 80
BI = Path(__file__).parents[2] / "docs" / "bi"
#: Tables that dashboards read, and what makes of each of their rows one of another athlete: who did
#: the same, with more power.
_READ: Final = (
    *(
        "athletes",
        "gear",
        "activities",
        "best_efforts",
        "power_curve",
        "zone_times",
        "activity_facts",
        "period_summary",
    ),
    *(
        "year_to_date",
        "daily_load",
        "eddington",
        "streaks",
        "gear_mileage",
        "personal_records",
        "split_pace",
        "pace_at_heart_rate",
        "heartrate_bands",
    ),
)
_MORE: Final = {"athlete_id": 1, "activity_id": 1_000_000, "gear_id": 1_000, "power_w": 50}


@dataclass(frozen=True, slots=True, kw_only=True)
class Two:
    """Two SQLite files: the demo athlete alone, and together with another one."""

    alone: Path
    both: Path


def _imported(playground: Path, database: str | None = None) -> None:
    run(
        make_config({}, playground=playground, database=database, skip_api=True, jobs=0), Progress()
    )


@pytest.fixture(scope="session")
def bi() -> Path:
    """The folder that is shipped."""
    return BI


@pytest.fixture(scope="session")
def demo_playground(tmp_path_factory: pytest.TempPathFactory) -> Path:
    drop = tmp_path_factory.mktemp("bi") / "Strava Export"
    drop.mkdir()
    build_export(drop / EXPORT_NAME, activities=ACTIVITIES)
    return drop.parent


@pytest.fixture(scope="session")
def demo_file(demo_playground: Path) -> Path:
    """The demo account as SQLite file."""
    _imported(demo_playground)
    return demo_playground / "strava.db"


@pytest.fixture(scope="session")
def two_athletes(demo_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Two:
    both = tmp_path_factory.mktemp("two") / "strava.db"
    shutil.copy(demo_file, both)
    with closing(sqlite3.connect(both)) as connection, connection:
        for name in _READ:
            columns = Base.metadata.tables[name].columns.keys()
            copied = [
                f"{column} + {_MORE[column]}" if column in _MORE else column for column in columns
            ]
            connection.execute(
                f"INSERT INTO {name} ({', '.join(columns)}) SELECT {', '.join(copied)} FROM {name}"
            )
    return Two(alone=demo_file, both=both)


def rows_of(
    database: Path, sql: str, values: Mapping[str, Any] | None = None
) -> list[tuple[Any, ...]]:
    """What SQLite answers, in an order of ours: rows that are equal to an ORDER BY come in any."""
    with closing(sqlite3.connect(database)) as connection:
        return sorted(connection.execute(sql, values or {}), key=repr)


@pytest.fixture(scope="session")
def demo_pg(_server: str, demo_playground: Path) -> Iterator[str]:
    """The demo account on PostgreSQL."""
    with fresh_database(_server, "strava_bi") as url:
        _imported(demo_playground, url)
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def demo_url(request: pytest.FixtureRequest) -> str:
    """The demo account, once on each engine."""
    if request.param == "sqlite":
        return f"sqlite:///{request.getfixturevalue('demo_file').as_posix()}"
    url: str = request.getfixturevalue("demo_pg")
    return url
