"""Removes an athlete whole, or what exports said of one, in the caller's transaction.

What an export said is not stored apart: of each source only the newest word is kept, and a device
file is read from the first export that holds it. So what all exports said goes, but for those that
cannot be read again, and the exports that are left are then imported again. What the API said
stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from db.batches import chunks
from db.models import (
    Activity,
    ActivityObservation,
    Athlete,
    AthleteZone,
    Base,
    ImportFile,
    ImportIssue,
    Media,
    WorkoutSet,
)
from ingest.load import ledger, sync_state
from ingest.load.api_again import ask_for_streams, details_again
from ingest.load.forget_tracks import Removed, remove_file_tracks
from ingest.load.forgotten import KnownExport, dated_by
from ingest.load.gear_ids import describe, forget_names
from ingest.load.loose_recordings import FORGOTTEN_LOOSE, LOOSE, LOOSE_ZIP
from ingest.load.meeting import meet_loose
from ingest.load.reconcile import reconcile
from ingest.load.refold import delete_activities, fold_again
from ingest.load.small_tables import files_by_table

_SAID: Final = ("export", "file")
#: Kinds of the ledger's rows that are about no input of an export.
_NO_INPUTS: Final = ("forgotten", LOOSE, LOOSE_ZIP, FORGOTTEN_LOOSE)
_PROFILE: Final = ("profile.csv", "general_preferences.csv")


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """What cannot be read again once exports are forgotten, since other ones are not at hand."""

    #: Activities whose word is that of the forgotten export; an older one may have told them, too.
    activities: int = 0
    #: Device files that were read from the forgotten export, of activities that others hold.
    files: int = 0
    #: CSVs that an older export may have had.
    tables: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.activities or self.files or self.tables)


def loss_of(
    connection: sa.Connection, gone: Sequence[KnownExport], missing: Sequence[KnownExport]
) -> Loss:
    """What would be lost without the exports ``gone``, if those ``missing`` cannot be read."""
    if not missing:
        return Loss()
    athlete_id, dates = gone[0].athlete_id, [export.exported_at for export in gone]
    of_file = (ImportFile.athlete_id == athlete_id, dated_by(ImportFile.exported_at, gone))
    kept = sa.select(ActivityObservation.activity_id).where(
        ActivityObservation.athlete_id == athlete_id,
        ActivityObservation.source == "export",
        dated_by(ActivityObservation.observed_at, missing),
    )
    held = set(connection.scalars(kept))
    files = connection.scalars(
        sa.select(ImportFile.activity_ids).where(*of_file, ImportFile.file_kind == "activity")
    )
    count = sum(bool(held & set(map(int, filter(None, (ids or "").split(","))))) for ids in files)
    if min(export.exported_at for export in missing) > max(dates):
        return Loss(files=count)  # what came before the missing ones is not theirs
    said = sa.select(sa.func.count()).where(
        ActivityObservation.athlete_id == athlete_id,
        ActivityObservation.source == "export",
        dated_by(ActivityObservation.observed_at, gone),
    )
    tables = connection.scalars(
        sa.select(ImportFile.name)
        .where(*of_file, ImportFile.file_kind == "table", ImportFile.name != "activities.csv")
        .order_by(ImportFile.name)
    )
    return Loss(activities=connection.scalar(said) or 0, files=count, tables=tuple(tables))


def remove_said(
    connection: sa.Connection,
    athlete_id: int,
    kept: Sequence[KnownExport],
    run_id: int,
    now: datetime,
    names: Mapping[str, str | None],
) -> Removed:
    """Remove what exports said of an athlete, but for those ``kept``; what the API said stays.

    ``names`` are those of the connected account, for an athlete whom no export names any more.
    """
    sync_state.mark_stale(connection, athlete_id, sync_state.EVERY_DAY)
    mine = sa.select(Activity.activity_id).where(Activity.athlete_id == athlete_id)
    ids = list(connection.scalars(mine.order_by(Activity.activity_id)))
    removed = Removed()
    for some in chunks(ids):
        removed.add(remove_file_tracks(connection, athlete_id, some, kept))
    _remove_tables(connection, athlete_id, kept, names)
    for some in chunks(ids):
        said = ActivityObservation.activity_id.in_(some)
        old = sa.delete(ActivityObservation).where(said, ActivityObservation.source.in_(_SAID))
        connection.execute(old.where(~dated_by(ActivityObservation.observed_at, kept)))
        connection.execute(
            sa.update(Activity).where(Activity.activity_id.in_(some)).values(vanished_at=None)
        )
    _forget_inputs(connection, athlete_id, kept)
    if not kept:  # a name that only forgotten exports have used cannot be told from the others
        forget_names(connection, athlete_id)
        sync_state.LANGUAGE.set(connection, None, athlete_id)
    told = [gear for some in chunks(ids) for gear in details_again(connection, athlete_id, some)]
    for _, gear in sorted(told, key=lambda each: each[0]):
        describe(connection, athlete_id, gear)
    for some in chunks(ids):
        fold_again(connection, athlete_id, some, run_id)
    removed.asked |= ask_for_streams(connection, athlete_id, removed.tracks, now)
    meet_loose(connection, athlete_id, run_id)
    home = sync_state.HOME_ZONE.get(connection)
    reconcile(connection, athlete_id, home, accept_vanished=False)
    return removed


def is_left(connection: sa.Connection, athlete_id: int) -> bool:
    """Whether anything tells of an athlete."""
    mine = (
        sa.exists().where(Activity.athlete_id == athlete_id),
        sa.exists().where(AthleteZone.athlete_id == athlete_id, AthleteZone.source == "api"),
    )
    return bool(connection.scalar(sa.select(sa.or_(*mine))))


def remove_athlete(connection: sa.Connection, athlete_id: int, *, forgotten: bool = False) -> int:
    """Remove all rows of an athlete; how many activities that were.

    With ``forgotten`` the ledger still knows what was forgotten, and which loose files it read.
    """
    # The calendar ends with the last activity of all athletes.
    sync_state.mark_stale(connection, athlete_id, sync_state.EVERY_DAY)
    mine = sa.select(Activity.activity_id).where(Activity.athlete_id == athlete_id)
    ids = list(connection.scalars(mine))
    for some in chunks(ids):
        delete_activities(connection, some)
    for table in reversed(Base.metadata.sorted_tables):
        if "athlete_id" in table.columns:
            rows = sa.delete(table).where(table.c.athlete_id == athlete_id)
            if forgotten and table.name == ImportFile.__tablename__:
                rows = rows.where(ImportFile.file_kind.not_in(_NO_INPUTS))
            if forgotten and table.name == ImportIssue.__tablename__:
                rows = rows.where(ImportIssue.origin != ledger.LOOSE_FILES)
            connection.execute(rows)
    sync_state.forget_states(connection, athlete_id)
    return len(ids)


def _remove_tables(
    connection: sa.Connection,
    athlete_id: int,
    kept: Sequence[KnownExport],
    names: Mapping[str, str | None],
) -> None:
    """Remove the rows of small CSVs, but for those last read from an export that is kept."""
    known = ledger.known_files(connection, athlete_id, "table")
    dates = {export.exported_at for export in kept}
    left = {name for name, file in known.items() if file.exported_at in dates}
    tables = {**files_by_table(), "gear_components": ("components.csv",)}
    for name, files in tables.items():
        if not left & set(files):
            table = Base.metadata.tables[name]
            connection.execute(sa.delete(table).where(table.c.athlete_id == athlete_id))
    newest = max((file.exported_at for file in known.values()), default=None)
    if newest not in dates:
        connection.execute(
            sa.delete(Media).where(Media.athlete_id == athlete_id, Media.source == "export")
        )
        own = sa.select(Activity.activity_id).where(Activity.athlete_id == athlete_id)
        connection.execute(
            sa.delete(WorkoutSet).where(
                WorkoutSet.activity_id.in_(own), WorkoutSet.source == "export"
            )
        )
    if not left & set(_PROFILE):
        columns = [c.name for c in Athlete.__table__.columns if c.name != "athlete_id"]
        row = sa.update(Athlete).where(Athlete.athlete_id == athlete_id)
        connection.execute(row.values({**dict.fromkeys(columns), **names}))


def _forget_inputs(connection: sa.Connection, athlete_id: int, kept: Sequence[KnownExport]) -> None:
    """Forget what was read of exports, so that it is read again, and what was wrong with it."""
    rows = sa.delete(ImportFile).where(
        ImportFile.athlete_id == athlete_id, ImportFile.file_kind.not_in(_NO_INPUTS)
    )
    connection.execute(rows.where(~dated_by(ImportFile.exported_at, kept)))
    issues = sa.delete(ImportIssue).where(
        ImportIssue.athlete_id == athlete_id,
        ImportIssue.origin.not_in((ledger.API, ledger.LOOSE_FILES)),
    )
    connection.execute(issues.where(ImportIssue.origin.not_in([e.name for e in kept])))
