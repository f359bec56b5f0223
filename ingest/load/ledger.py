"""Writes runs, inputs and issues to the ledger tables, and reads them back."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple, cast

import sqlalchemy as sa

from db.batches import chunks
from db.models import Activity, ActivityObservation, ImportFile, ImportIssue, ImportRun
from db.upsert import upsert
from ingest import clock
from ingest.errors import TooSlow
from ingest.transform.records import Issue

log = logging.getLogger(__name__)

_LONGEST_NAME: Final = 500
#: Origin of the issues of the API half.
API: Final = "Strava API"
#: Origin of the issues of loose device files.
LOOSE_FILES: Final = "loose files"
#: Kind of the issues about a recording whose activity has another one.
DUPLICATE: Final = "duplicate"


class KnownFile(NamedTuple):
    """An input as the ledger knows it."""

    exported_at: datetime
    size_bytes: int | None
    crc32: int | None
    modified_at: datetime | None
    activity_ids: str | None
    parser_version: int | None
    file_format: str | None
    status: str


def export_dates(connection: sa.Connection, athlete_id: int | None = None) -> list[datetime]:
    """The dates of the exports that were imported whole, of one athlete or of all."""
    query = sa.select(ImportFile.exported_at).where(ImportFile.file_kind == "export")
    if athlete_id is not None:
        query = query.where(ImportFile.athlete_id == athlete_id)
    return list(connection.scalars(query))


def newest_export(connection: sa.Connection, athlete_id: int | None = None) -> datetime | None:
    """The newest of ``export_dates``."""
    return max(export_dates(connection, athlete_id), default=None)


def known_files(connection: sa.Connection, athlete_id: int, kind: str) -> dict[str, KnownFile]:
    """The ledger's inputs of one kind (export, table, activity), by name."""
    columns = (getattr(ImportFile, name) for name in KnownFile._fields)
    query = sa.select(ImportFile.name, *columns).where(
        ImportFile.athlete_id == athlete_id, ImportFile.file_kind == kind
    )
    return {row[0]: KnownFile(*row[1:]) for row in connection.execute(query)}


def known_exports(connection: sa.Connection, version: int) -> dict[str, int]:
    """Fingerprint -> athlete, for exports that readers of this version have imported whole."""
    query = sa.select(ImportFile.name, ImportFile.athlete_id).where(
        ImportFile.file_kind == "export", ImportFile.parser_version == version
    )
    return {row.name.rpartition(" ")[2]: row.athlete_id for row in connection.execute(query)}


def export_name(name: str, fingerprint: str) -> str:
    """The ledger's name of an export; the name of its ZIP may be that of an earlier download."""
    return f"{name} {fingerprint}"


def known_date(connection: sa.Connection, content: str) -> datetime | None:
    """The date of an export with these contents that was imported before, from any copy."""
    query = sa.select(sa.func.min(ImportFile.exported_at)).where(ImportFile.content_hash == content)
    return connection.scalar(query)


def exported_after(connection: sa.Connection, athlete_id: int, start: datetime) -> datetime | None:
    """The date of an export that holds an activity which began later; the earliest such date.

    Activities that have vanished do not count: newer exports lack them, too.
    """
    query = (
        sa.select(sa.func.min(ActivityObservation.observed_at))
        .join(Activity, Activity.activity_id == ActivityObservation.activity_id)
        .where(
            ActivityObservation.source == "export",
            Activity.athlete_id == athlete_id,
            Activity.vanished_at.is_(None),
            Activity.start_time_utc > start,
            Activity.start_time_utc <= clock.now(),
        )
    )
    return connection.scalar(query)


def exported_activities(connection: sa.Connection, athlete_id: int) -> set[int]:
    """An athlete's activities that any export held and that have not vanished since."""
    query = (
        sa.select(ActivityObservation.activity_id)
        .join(Activity, Activity.activity_id == ActivityObservation.activity_id)
        .where(
            Activity.athlete_id == athlete_id,
            Activity.vanished_at.is_(None),
            ActivityObservation.source == "export",
        )
    )
    return set(connection.scalars(query))


def remember_files(connection: sa.Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write inputs into the ledger; each row has every column but ``file_id``."""
    upsert(connection, ImportFile, rows, by=("athlete_id", "file_kind", "name"))


def forget_file(connection: sa.Connection, athlete_id: int, name: str) -> None:
    """Forget that a device file was read, so that the next export with it is read again for it.

    For that, all exports of the athlete count as not imported whole.
    """
    mine = ImportFile.athlete_id == athlete_id
    is_file = sa.and_(ImportFile.file_kind == "activity", ImportFile.name == name)
    connection.execute(sa.delete(ImportFile).where(mine, is_file))
    # The dates of exports stay, since they tell which activities have vanished.
    exports = sa.update(ImportFile).where(mine, ImportFile.file_kind == "export")
    connection.execute(exports.values(parser_version=None))


def with_slow_files(connection: sa.Connection) -> set[int]:
    """The athletes with device files that took longer than their deadline."""
    query = sa.select(ImportIssue.athlete_id).where(ImportIssue.kind == TooSlow.kind)
    return set(connection.scalars(query.distinct()))


def forget_slow_files(connection: sa.Connection, athlete_id: int) -> None:
    """Forget an athlete's files that took longer than their deadline: they are read again."""
    query = sa.select(ImportIssue.name).where(
        ImportIssue.kind == TooSlow.kind, ImportIssue.athlete_id == athlete_id
    )
    for name in connection.scalars(query).all():
        forget_file(connection, athlete_id, name)


def known_issues(
    connection: sa.Connection, first: int, last: int
) -> dict[int, set[tuple[str, str]]]:
    """By activity, (kind, name) of the issues of exports, for a range of activity ids."""
    found: dict[int, set[tuple[str, str]]] = {}
    query = sa.select(ImportIssue.activity_id, ImportIssue.kind, ImportIssue.name).where(
        ImportIssue.activity_id.between(first, last), ImportIssue.origin != API
    )
    for activity_id, kind, name in connection.execute(query):
        found.setdefault(cast(int, activity_id), set()).add((kind, name))
    return found


def forget_issues(
    connection: sa.Connection,
    athlete_id: int,
    *,
    ids: Sequence[int] = (),
    names: Iterable[str] = (),
) -> None:
    """Remove issues of activities or other inputs of exports before these are read again."""
    if ids:
        connection.execute(
            sa.delete(ImportIssue).where(
                ImportIssue.activity_id.in_(ids), ImportIssue.origin != API
            )
        )
    wanted = sorted(short_name(name) for name in names)
    for some in chunks(wanted):
        connection.execute(
            sa.delete(ImportIssue).where(
                ImportIssue.athlete_id == athlete_id,
                ImportIssue.activity_id.is_(None),
                ImportIssue.name.in_(some),
            )
        )


def forget_general_issues(connection: sa.Connection, athlete_id: int) -> None:
    """Remove an athlete's issues of exports without an activity before the newest one is read."""
    connection.execute(
        sa.delete(ImportIssue).where(
            ImportIssue.athlete_id == athlete_id,
            ImportIssue.activity_id.is_(None),
            ImportIssue.origin != LOOSE_FILES,
        )
    )


def short_name(name: str) -> str:
    """A name cut to fit an index; damaged tables give names of any length."""
    return name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}..."


def forget_origin(connection: sa.Connection, origin: str) -> None:
    """Remove the issues of a place that belongs to no athlete before it is read again."""
    connection.execute(
        sa.delete(ImportIssue).where(ImportIssue.athlete_id == 0, ImportIssue.origin == origin)
    )


def add_issues(
    connection: sa.Connection, run_id: int, athlete_id: int, origin: str, issues: Iterable[Issue]
) -> None:
    """Write issues about inputs that could not be read whole."""
    now = datetime.now(UTC)
    rows = [
        {
            "athlete_id": athlete_id,
            "origin": origin,
            "name": short_name(issue.origin.removeprefix(f"{origin}: ")),
            "activity_id": issue.activity_id,
            "kind": issue.kind,
            "reason": issue.reason,
            "found_at": now,
            "run_id": run_id,
        }
        for issue in issues
    ]
    if rows:
        connection.execute(sa.insert(ImportIssue), rows)
    for row in rows:
        log.warning("%s: %s: %s", origin, row["name"], row["reason"])


def count_issues(connection: sa.Connection, without: Collection[str] = ()) -> int:
    """How many inputs could not be read whole or were corrected; those ``without`` are of these
    places. A second recording of an activity was read whole.
    """
    query = sa.select(sa.func.count()).select_from(ImportIssue)
    counted = query.where(ImportIssue.origin.not_in(without), ImportIssue.kind != DUPLICATE)
    return connection.scalar(counted) or 0


def begin_run(connection: sa.Connection, version: str, *, is_alone: bool) -> int:
    """Open a row of ``import_runs``; a run that is alone closes those of killed runs as failed."""
    killed = {"status": "failed", "error": "the process was killed or the machine went down"}
    if is_alone:  # no other one can be running
        connection.execute(sa.update(ImportRun).where(ImportRun.status == "running").values(killed))
    row = {"started_at": datetime.now(UTC), "status": "running", "version": version}
    run_id: int = connection.execute(
        sa.insert(ImportRun).returning(ImportRun.run_id), row
    ).scalar_one()
    return run_id


def end_run(
    connection: sa.Connection,
    run_id: int,
    status: str,
    counts: Mapping[str, Any],
    error: str | None = None,
) -> None:
    """Close the row of a run."""
    values = {"finished_at": datetime.now(UTC), "status": status, "error": error, **counts}
    connection.execute(sa.update(ImportRun).where(ImportRun.run_id == run_id).values(values))
