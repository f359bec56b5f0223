"""Changes a database outside of runs: migrates it, purges API data."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from db.invocation import Invocation
from db.orphans import repair
from db.references import restore_references
from db.revision import head
from db.url import shown_database
from ingest import __version__, clock
from ingest.config import Config
from ingest.load import ledger
from ingest.load.derived import derive_outdated
from ingest.load.loose_recordings import to_read_again
from ingest.load.marts import refill_stale
from ingest.load.purge import Purged, purge
from ingest.reporting.progress import Progress
from ingest.run.database import database_errors, migrate, open_database
from ingest.run.export.loose_due import known_loose
from ingest.run.export.restorer import Restorer
from ingest.run.pipeline import import_again

log = logging.getLogger(__name__)


def migrate_only(config: Config, mend: bool = False) -> list[str]:
    """Bring the schema up to date, under the lock; sentences about what was done.

    ``mend`` deletes rows that refer to rows which do not exist, first.
    """
    notes: list[str] = []
    with database_errors(), open_database(config, alone=True) as (engine, lock):
        if mend:
            with engine.begin() as connection:
                mended = [f"repaired: {found}" for found in repair(connection)]
            notes += mended or ["nothing to repair"]
        notes += migrate(engine, config, lock)
        restore_references(engine)
        derive_outdated(engine.begin)
        refill_stale(engine)
    return notes or [f"{shown_database(config.database)} is up to date (revision {head()})"]


def purge_api(config: Config, older_than: timedelta | None) -> Purged:
    """Remove what the API said, or what it said longer ago than that; a run
    of its own in the ledger.
    """
    with database_errors(), open_database(config, alone=True) as (engine, lock):
        migrate(engine, config, lock)
        with engine.connect() as connection:
            known = known_loose(connection)
        with engine.begin() as connection, Restorer(config.drop, known) as restorer:
            run_id = ledger.begin_run(connection, __version__, is_alone=True)
            now = clock.now()
            purged = purge(
                connection,
                now,
                run_id,
                restorer.read,
                None if older_than is None else now - older_than,
            )
            ledger.end_run(connection, run_id, "done", {})
            is_file_wanted = bool(to_read_again(connection))
        if is_file_wanted:
            import_again(engine, lock, replace(config, exports=()), Progress(), run_id)
        refill_stale(engine)
    log.info(
        "purged what the API said of %d activities; %d are gone", purged.activities, purged.deleted
    )
    return purged


def purged_lines(purged: Purged, invocation: Invocation) -> Iterator[str]:
    """What was removed, for the terminal."""
    yield f"Removed the API's data of {purged.activities:,} activities."
    yield f"Deleted, because only the API had them: {purged.deleted:,} activities"
    if purged.restored:
        yield f"Device files read again, in place of the API's points: {purged.restored:,}"
    if purged.lost:
        yield (
            f"Without track points now: {purged.lost:,} activities. Put an export with their "
            "device files into the drop folder and run again. To see which:"
        )
        yield f"    {invocation.command('issues')}"
