"""Imports the exports of many athletes: migrates once, hands out tasks, adds up what they say."""

from __future__ import annotations

import logging
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from db.lock import in_turn
from db.progress import ProgressView
from db.revision import head
from ingest import __version__
from ingest.config import Config
from ingest.errors import AbortRun, Interrupted
from ingest.extract.export_files import reader_version
from ingest.fleet.cluster import Workers, client_of, dashboard_of
from ingest.fleet.dispatch import imported
from ingest.fleet.outcome import TaskOrder, TaskOutcome
from ingest.fleet.result import FleetReport
from ingest.fleet.sources import Source, find_sources
from ingest.fleet.worker import VERSION_KEY, Version, refuse_sqlite, told_version
from ingest.load import sync_state
from ingest.load.read_sources import KnownSource, known_sources
from ingest.reporting.progress import Progress
from ingest.run.database import database_errors, open_database
from ingest.run.pipeline import run

if TYPE_CHECKING:
    from distributed import Client

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """What to import, and by which workers."""

    places: Sequence[str]
    workers: Workers
    #: How often an export is tried again after a failure that may pass.
    retries: int


def import_fleet(config: Config, fleet: Fleet, view: ProgressView) -> FleetReport:
    """Import every export of the places that is new or has changed.

    Raises:
        AbortRun: it cannot begin, or not go on; what was imported before is kept.
    """
    begun = time.monotonic()
    refuse_sqlite(config.database)
    fleet.workers.check()
    sources = find_sources(fleet.places)
    try:
        with database_errors():
            report = _imported(config, fleet, sources, view)
    except KeyboardInterrupt:
        raise Interrupted.after(has_stored=True) from None
    report.seconds = time.monotonic() - begun
    return report


def _imported(
    config: Config, fleet: Fleet, sources: Sequence[Source], view: ProgressView
) -> FleetReport:
    report = FleetReport(notes=_prepared(config))
    known, version = _remembered(config)
    due = [one for one in sources if not _is_known(one, known)]
    left_out = [one for one in sources if _is_known(one, known)]
    report.outcomes += [_unchanged(one, known[one.name]) for one in left_out]
    if due:
        _import_due(config, fleet, [_order(config, one, version) for one in due], report, view)
    report.whole = run(_without_input(config), Progress())
    return report


def _prepared(config: Config) -> list[str]:
    """Migrate, close or finish what killed runs have left, and settle all athletes in a new home
    zone, which else every task would do; the notes of that.
    """
    report = run(_without_input(config), Progress())
    with open_database(config) as (engine, _), engine.connect() as connection:
        is_new = config.timezone not in (None, sync_state.HOME_ZONE.get(connection))
    if is_new:
        with tempfile.TemporaryDirectory() as empty:
            config = replace(_without_input(config), skip_export=False, drop_folder=Path(empty))
            report.add(run(config, Progress()))
    return report.notes


def _import_due(
    config: Config,
    fleet: Fleet,
    orders: Sequence[TaskOrder],
    report: FleetReport,
    view: ProgressView,
) -> None:
    with (
        client_of(fleet.workers, config.database) as client,
        _refusing_others(client, orders[0].version),
    ):
        count = len(client.scheduler_info(n_workers=-1)["workers"])
        view.say(f"{len(orders):,} exports for {count} workers; dashboard: {dashboard_of(client)}")
        view.begin("fleet", len(orders), "exports")
        for outcome in imported(client, orders, fleet.retries):
            report.outcomes.append(outcome)
            if outcome.error is not None:
                view.say(f"{outcome.name}: {outcome.error}")
            log.info("%s: %s %s", outcome.name, outcome.status, outcome.error or outcome.counts)
            points = sum(one.counts.get("points_written", 0) for one in report.outcomes)
            view.advance(note=f"{points:,} points")


@contextmanager
def _refusing_others(client: Client, version: Version) -> Iterator[None]:
    """Make sure that all workers are of this version; those that join later are told it.

    Raises:
        AbortRun: a worker is of another version, or has none.
    """
    client.set_metadata(VERSION_KEY, asdict(version))
    try:
        found = client.run(told_version, on_error="return")
        for address, own in sorted(found.items()):
            reason = version.difference(own) if isinstance(own, Version) else str(own)
            if reason is not None:
                raise AbortRun(
                    f"the worker {address} cannot take part: {reason}; nothing was imported"
                )
        yield
    finally:
        # The scheduler may be gone, which is told already.
        with suppress(OSError, TimeoutError):
            client.set_metadata(VERSION_KEY, None)


def _without_input(config: Config) -> Config:
    return replace(config, exports=(), skip_api=True, skip_export=True)


def _remembered(config: Config) -> tuple[dict[str, KnownSource], Version]:
    """What was imported from where, and the version that every worker must be of."""
    with open_database(config) as (engine, _), engine.begin() as connection:
        in_turn(connection, "shared tables")
        mark = sync_state.DATABASE_ID.get(connection)
        if mark is None:
            mark = uuid.uuid4().hex
            sync_state.DATABASE_ID.set(connection, mark)
        known = known_sources(connection, reader_version())
    return known, Version(program=__version__, schema=head(), database=mark)


def _is_known(source: Source, known: dict[str, KnownSource]) -> bool:
    before = known.get(source.name)
    return before is not None and before.tag == source.tag


def _unchanged(source: Source, known: KnownSource) -> TaskOutcome:
    return TaskOutcome(
        name=source.name, status="unchanged", counts={"activities_unchanged": known.activities}
    )


def _order(config: Config, source: Source, version: Version) -> TaskOrder:
    return TaskOrder(
        source=source,
        version=version,
        timezone=config.timezone,
        max_export_bytes=config.max_export_bytes,
        jobs=config.jobs,
    )
