"""Checks that Apache Superset reads the demo account, and that every chart we ship has rows.

It does so on SQLite and on PostgreSQL.

``make bi-acceptance`` or ``python -m benchmarks.superset``: exits with 1 when anything is not as it
should be. The environment (0.8 GB) stays in ``.bi``, databases are dropped.
``STRAVA_TEST_POSTGRES`` names the server.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from sqlalchemy.engine import make_url

from benchmarks.databases import fresh_database
from benchmarks.superset_checks import Checks
from benchmarks.superset_client import SupersetClient
from benchmarks.superset_server import PASSWORD, VERSION, install, running

_T = TypeVar("_T")

_ROOT: Final = Path(__file__).parents[1]
_SERVER: Final = "postgresql://postgres@127.0.0.1:5432/postgres"
_ZIP: Final = _ROOT / "docs" / "bi" / "superset" / "dashboard.zip"


def main() -> None:
    """Run it all."""
    parser = argparse.ArgumentParser(
        description="Accept the database and its dashboard with Apache Superset."
    )
    parser.add_argument(
        "--folder",
        type=Path,
        default=_ROOT / ".bi",
        help="where Superset is installed; default .bi",
    )
    parser.add_argument(
        "--activities", type=int, default=240, help="size of the demo account; default 240"
    )
    chosen = parser.parse_args()
    chosen.folder.mkdir(exist_ok=True)
    server = os.environ.get("STRAVA_TEST_POSTGRES", _SERVER)
    fresh = partial(fresh_database, server, "strava_bi")
    with tempfile.TemporaryDirectory() as work, fresh() as metadata, fresh() as demo:
        _timed(
            "demo account imported on both engines",
            lambda: _import_demo(Path(work), demo, chosen.activities),
        )
        programs = _timed(
            f"Superset {VERSION} installed in {chosen.folder.name}",
            lambda: install(chosen.folder.resolve()),
        )
        begun = time.monotonic()
        with running(programs, Path(work), _for_superset(metadata)) as address:
            print(f"started, metadata in PostgreSQL: {time.monotonic() - begun:.1f} s")
            checks = Checks(SupersetClient(address, PASSWORD), _ZIP)
            checks.run(
                {
                    "sqlite": f"sqlite:///{Path(work, 'demo.db').as_posix()}",
                    "postgresql": _for_superset(demo),
                }
            )
            print(checks.report())
    sys.exit(1 if checks.failures else 0)


def _timed(what: str, step: Callable[[], _T]) -> _T:
    begun = time.monotonic()
    result = step()
    print(f"{what}: {time.monotonic() - begun:.1f} s", flush=True)
    return result


def _for_superset(url: str) -> str:
    return make_url(url).set(drivername="postgresql+psycopg2").render_as_string(hide_password=False)


def _import_demo(playground: Path, database: str, activities: int) -> None:
    ingest = [sys.executable, "-m", "ingest"]
    demo = [
        *ingest,
        "demo",
        "--playground",
        str(playground),
        "--activities",
        str(activities),
        "--quiet",
    ]
    subprocess.run(demo, cwd=_ROOT, check=True)
    (playground / "Demo Export").rename(playground / "Strava Export")
    run = [
        *ingest,
        "run",
        "--playground",
        str(playground),
        "--database",
        database,
        "--skip-api",
        "--quiet",
    ]
    subprocess.run(run, cwd=_ROOT, check=True)


if __name__ == "__main__":
    main()
