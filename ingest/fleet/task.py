"""Imports one export on a worker, by the code of ``run``.

A task may be run twice, or be killed at any place: what it has written is then found again by the
next one, as after any run that was killed.
"""

from __future__ import annotations

import logging
import multiprocessing
import time
from pathlib import Path
from typing import Final

from db.environment import load_environment
from db.errors import Advised, Locked
from ingest.config import Config
from ingest.errors import AlreadyRunning, IngestError, NotAnExport, RequestFailed
from ingest.extract.drop_folder import Export, discover
from ingest.fleet.outcome import TaskOrder, TaskOutcome, of_report
from ingest.fleet.sources import Source
from ingest.fleet.staging import staged
from ingest.fleet.worker import database_of_worker, told_version
from ingest.load.forgotten import forgotten
from ingest.load.ledger import export_name
from ingest.load.read_sources import remember_source
from ingest.reporting.progress import Progress
from ingest.reporting.report import Report
from ingest.run.database import database_errors, open_database
from ingest.run.pipeline import run

#: Seconds to wait for another task or run that writes an athlete's data, and between two looks.
_PATIENCE_S: Final = 600.0
_AGAIN_S: Final = 0.5

# What a run warns of is in the database; without a handler, Python would print it.
for _name in ("ingest", "db"):
    logging.getLogger(_name).addHandler(logging.NullHandler())


def import_export(order: TaskOrder, folder: str | None = None) -> TaskOutcome:
    """Import one export into the database of this worker.

    Args:
        order: the export, and how to import it.
        folder: where copies of exports are made; ``None`` for the folder that dask gives a worker.
    """
    begun, source = time.monotonic(), order.source
    try:
        with database_errors():
            own = told_version()
            reason = own if isinstance(own, str) else order.version.difference(own)
            if reason is not None:
                return _failed(source, f"a worker refused it: {reason}", begun, is_passing=True)
            place = Path(folder or _folder_of_worker())
            with staged(source, place, order.max_export_bytes) as path:
                return _imported(order, path, place, begun)
    except RequestFailed as err:
        return _failed(source, str(err), begun, is_passing=True)
    except IngestError as err:
        return _failed(source, str(err), begun)
    except Advised as err:  # the database or its connection
        return _failed(source, str(err), begun, is_passing=True)


def _imported(order: TaskOrder, path: Path, place: Path, begun: float) -> TaskOutcome:
    source, export = order.source, _export_at(path)
    config = Config(
        playground=place,
        database=database_of_worker(load_environment()),
        timezone=order.timezone,
        jobs=_possible(order.jobs),
        exports=(path,),
        skip_api=True,
        max_export_bytes=order.max_export_bytes,
    )
    if _is_forgotten(config, export):
        note = (
            f"{source.name} is left out, since it was forgotten; to import it all the same, name a "
            "copy of it: run EXPORT"
        )
        seconds = time.monotonic() - begun
        return TaskOutcome(name=source.name, status="unchanged", seconds=seconds, notes=(note,))
    report = _run_when_free(config, export.athlete_id)
    if source.tag is not None and not report.exports_failed:
        ledger_name = export_name(export.name, export.fingerprint)
        with open_database(config) as (engine, _), engine.begin() as connection:
            remember_source(connection, source.name, source.tag, export.athlete_id, ledger_name)
    return of_report(source, report, time.monotonic() - begun)


def _is_forgotten(config: Config, export: Export) -> bool:
    """Whether ``forget`` has removed an export: many places at once do not name it, as ``run``
    wants it named.
    """
    with open_database(config) as (engine, _), engine.connect() as connection:
        return bool(forgotten(connection) & {export.fingerprint, export.content})


def _run_when_free(config: Config, athlete_id: int) -> Report:
    """Import an export as soon as no other task or run writes its athlete's data."""
    until = time.monotonic() + _PATIENCE_S
    while True:
        try:
            with open_database(config) as (_, lock), lock.athletes(athlete_id):
                pass
            # Somebody else may be faster, but that is rare, and a run that is refused does no harm.
            return run(config, Progress())
        except (AlreadyRunning, Locked):
            if time.monotonic() > until:
                raise
            time.sleep(_AGAIN_S)


def _export_at(path: Path) -> Export:
    """The export of a path, which must say whose it is.

    Raises:
        IngestError: there is none, or it does not say it. ``run`` guesses then, by what was
            imported before; but of many athletes at once, nobody knows who comes first.
    """
    found = discover(path.parent, given=(path,))
    for err in (*found.problems, *found.waiting):
        raise err
    if not found.exports:
        raise NotAnExport(path.name, "is no export of Strava; `run` imports device files")
    export = found.exports[0]
    if not export.athlete_id:
        raise NotAnExport(
            export.name,
            "does not say whose it is: it has no profile.csv, and its name is not like "
            "export_12345.zip; name it so, or import it with `run`",
        )
    return export


def _possible(jobs: int) -> int:
    """Parser processes that this process may start: dask makes its workers daemons by default, and
    those may not start any.
    """
    return 0 if multiprocessing.current_process().daemon else jobs


def _folder_of_worker() -> str:
    from distributed import get_worker

    return str(get_worker().local_directory)


def _failed(
    source: Source,
    error: str,
    begun: float,
    *,
    is_passing: bool = False,
) -> TaskOutcome:
    return TaskOutcome(
        name=source.name,
        status="failed",
        error=error,
        seconds=time.monotonic() - begun,
        is_passing=is_passing,
    )
