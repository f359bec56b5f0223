"""A playground that is connected to a simulated Strava whose clock is also ours."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from db.engine import make_engine
from db.models import Base, QueueItem
from ingest import clock
from ingest.commands.maintenance import purge_api
from ingest.config import Config, make_config
from ingest.extract.api.tokens import TokenFile, Tokens
from ingest.reporting.progress import Progress
from ingest.reporting.report import Report
from ingest.run.pipeline import run
from tests.strava import Simulator

SCOPES = ("read", "profile:read_all", "activity:read_all")
LAUNCHER = Path(__file__).parents[1] / "at_another_time.py"


class Connected:
    """A drop folder, a database and a connection to ``strava``."""

    def __init__(self, folder: Path, database: str, strava: Simulator) -> None:
        self.folder, self.database, self.strava = folder, database, strava
        #: Long enough for a busy machine: a request that is made twice is one that a test counts.
        self.timeout_s = 20.0
        self.drop = folder / "Strava Export"
        self.drop.mkdir(parents=True, exist_ok=True)
        self.connect()

    def connect(self, scopes: Sequence[str] = SCOPES, **changes: Any) -> None:
        """Put a fresh grant into the token file."""
        answer = self.strava.grant(scopes)
        values: dict[str, Any] = {
            "client_id": self.strava.app.client_id,
            "client_secret": self.strava.app.client_secret,
            "access_token": answer["access_token"],
            "refresh_token": answer["refresh_token"],
            "expires_at": clock.now() + timedelta(seconds=answer["expires_in"]),
            "scopes": frozenset(scopes),
            "athlete_id": answer["athlete"]["id"],
            "first_name": "Ann",
            "last_name": "Example",
        }
        TokenFile(self.folder / ".strava-token.json").save(Tokens(**values | changes))

    @property
    def environment(self) -> dict[str, str]:
        return {**self.strava.environment, "STRAVA_API_TIMEOUT": str(self.timeout_s)}

    def run(self, **options: Any) -> Report:
        """Run in this process."""
        return run(self.config(**options), Progress())

    def config(self, **options: Any) -> Config:
        """The configuration of a command in this process."""
        return make_config(
            self.environment, playground=self.folder, database=self.database, jobs=0, **options
        )

    def purge(self, older_than: timedelta | None = None) -> None:
        purge_api(self.config(), older_than)

    def start(self, *arguments: str, shift: timedelta = timedelta()) -> subprocess.Popen[str]:
        """The product as a subprocess, its clock ``shift`` off the machine's."""
        command = [sys.executable, str(LAUNCHER), str(shift.total_seconds()), *arguments]
        where = ["--playground", str(self.folder), "--database", self.database]
        return subprocess.Popen(
            [*command, *where],
            env={**os.environ, **self.environment},
            cwd=LAUNCHER.parents[1],
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def cli(self, *arguments: str, shift: timedelta = timedelta()) -> tuple[int, str, str]:
        """Exit code, standard output and standard error of a subprocess."""
        process = self.start(*arguments, shift=shift)
        out, err = process.communicate(timeout=120)
        return process.returncode, out, err

    def rows(self, *columns: Any) -> list[Any]:
        with self.connection() as connection:
            return sorted((tuple(row) for row in connection.execute(sa.select(*columns))), key=repr)

    def one(self, query: Any) -> Any:
        with self.connection() as connection:
            return connection.execute(query).one()

    def queue(self) -> list[Any]:
        return self.rows(QueueItem.activity_id, QueueItem.item)

    @contextmanager
    def connection(self) -> Iterator[sa.Connection]:
        engine = make_engine(self.database)
        try:
            with engine.begin() as connection:
                yield connection
        finally:
            engine.dispose()

    def content(self, *left_out: str) -> dict[str, list[Any]]:
        """What the database holds beside the ledger of runs and what is left out, as ``table`` or
        ``table.column``.
        """
        skipped = {"import_runs", "sync_state", "data_dictionary", *left_out}
        found: dict[str, list[Any]] = {}
        for table in Base.metadata.sorted_tables:
            if table.name not in skipped:
                columns = [
                    c
                    for c in table.columns
                    if f"{table.name}.{c.name}" not in skipped and c.name != "run_id"
                ]
                found[table.name] = self.rows(*columns)
        return found


def at(strava: Simulator, moment: datetime) -> None:
    """Set the clock of both."""
    strava.clock.set(moment)
