"""Decides whose an export is, and hands over rows of the unknown athlete once they are claimed."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

import sqlalchemy as sa

from db.batches import chunks
from db.models import (
    Activity,
    ActivityAlias,
    ActivityObservation,
    Athlete,
    AthleteZone,
    Base,
    Gear,
    GearComponent,
    ImportFile,
    ImportIssue,
    LooseRecording,
)
from ingest.load import sync_state
from ingest.load.loose_recordings import FORGOTTEN_LOOSE, LOOSE, LOOSE_ZIP, has_loose
from ingest.transform.provisional_ids import provisional_id

UNKNOWN: Final = 0
#: Tables whose rows get the new athlete's id and stay the same otherwise.
_MOVED: Final = (Activity, ActivityAlias, ActivityObservation, ImportIssue, LooseRecording)
_HANDED_OVER: Final = {Athlete.__tablename__, *(model.__tablename__ for model in _MOVED)}
#: Kinds of the ledger's rows about exports.
_OF_EXPORTS: Final = ("export", "table", "activity", "forgotten")

_OF_LOOSE: Final = (LOOSE, LOOSE_ZIP, FORGOTTEN_LOOSE)


def athlete_of(connection: sa.Connection, named: int, activity_ids: Collection[int]) -> int:
    """The athlete that an export belongs to; ``UNKNOWN`` if nothing tells.

    It is the athlete that the export names, else the one who has most of its activities, else the
    only one in the database.
    """
    if named != UNKNOWN:
        return named
    counts = _owners(connection, activity_ids)
    counts.pop(UNKNOWN, None)
    if counts:
        return max(sorted(counts), key=lambda athlete: counts[athlete])
    only = owner_of_loose(connection, UNKNOWN)
    if only == UNKNOWN:
        return UNKNOWN
    # If only the API told of this athlete, the database has all of their activities. An export that
    # shares none of them is then somebody else's.
    exported = sa.select(ImportFile.file_id).where(
        _of(ImportFile, only), ImportFile.file_kind.in_(_OF_EXPORTS)
    )
    return only if connection.scalar(exported.limit(1)) is not None else UNKNOWN


def owner_of_loose(connection: sa.Connection, named: int) -> int:
    """Whose a loose file is: whom its place names, else the only athlete, else ``UNKNOWN``."""
    if named != UNKNOWN:
        return named
    query = sa.select(Athlete.athlete_id).where(Athlete.athlete_id != UNKNOWN).limit(2)
    athletes = list(connection.scalars(query))
    return athletes[0] if len(athletes) == 1 else UNKNOWN


def _owners(connection: sa.Connection, activity_ids: Collection[int]) -> dict[int, int]:
    """Athlete -> how many of these activities the database has for them."""
    ids, counts = sorted(activity_ids), dict[int, int]()
    for some in chunks(ids):
        query = (
            sa.select(Activity.athlete_id, sa.func.count())
            .where(Activity.activity_id.in_(some))
            .group_by(Activity.athlete_id)
        )
        for athlete_id, count in connection.execute(query):
            counts[athlete_id] = counts.get(athlete_id, 0) + count
    return counts


def takes_over(connection: sa.Connection, athlete_id: int, activity_ids: Collection[int]) -> bool:
    """Whether an export with these activities makes the unknown athlete's rows this athlete's."""
    if athlete_id == UNKNOWN:
        return False
    # Hardly a database has any, which is quicker to ask than whose these activities are.
    unknown = sa.select(Activity.activity_id).where(Activity.athlete_id == UNKNOWN)
    return not set(connection.scalars(unknown)).isdisjoint(activity_ids)


def owners(connection: sa.Connection, athlete_id: int, activity_ids: Collection[int]) -> set[int]:
    """The athletes whose rows an import of these activities changes: this one, and the unknown one
    where rows are taken over, or loose files may turn out to be theirs.
    """
    takes = takes_over(connection, athlete_id, activity_ids) or has_loose(connection, UNKNOWN)
    return {UNKNOWN, athlete_id} if takes else {athlete_id}


def claim(connection: sa.Connection, athlete_id: int, activity_ids: Collection[int]) -> None:
    """Give an athlete the unknown athlete's rows, if their export holds these activities."""
    if takes_over(connection, athlete_id, activity_ids):
        hand_over(connection, athlete_id)


def is_only_loose(connection: sa.Connection) -> bool:
    """Whether nothing but loose files tells of the unknown athlete."""
    of_strava = sa.select(Activity.activity_id).where(_of(Activity, UNKNOWN))
    return has_loose(connection, UNKNOWN) and (
        connection.scalar(of_strava.where(Activity.activity_id > 0).limit(1)) is None
    )


def hand_over(connection: sa.Connection, athlete_id: int) -> None:
    """Give an athlete the unknown athlete's rows."""
    sync_state.mark_stale(connection, athlete_id, sync_state.EVERY_DAY)
    if (
        connection.scalar(sa.select(Athlete.athlete_id).where(Athlete.athlete_id == athlete_id))
        is None
    ):
        connection.execute(sa.insert(Athlete), {"athlete_id": athlete_id})
    _hand_over_gear(connection, athlete_id)
    for model in _MOVED:
        connection.execute(
            sa.update(model).where(_of(model, UNKNOWN)).values(athlete_id=athlete_id)
        )
    _hand_over_files(connection, athlete_id)
    for table in reversed(Base.metadata.sorted_tables):
        if "athlete_id" in table.columns and table.name not in _HANDED_OVER:
            _hand_over_snapshot(connection, table, athlete_id)
    connection.execute(sa.delete(Athlete).where(_of(Athlete, UNKNOWN)))
    sync_state.mark_settled(connection, UNKNOWN)


def gives_back(connection: sa.Connection, athlete_id: int) -> bool:
    """Whether nothing but loose files tells of an athlete, and no place names these as theirs."""
    columns = (
        LooseRecording.provisional_id,
        LooseRecording.content_hash,
        LooseRecording.session_index,
        LooseRecording.start_time_utc,
    )
    rows = connection.execute(sa.select(*columns).where(_of(LooseRecording, athlete_id))).all()
    told = sa.select(Activity.activity_id).where(_of(Activity, athlete_id))
    zones = sa.select(AthleteZone.athlete_id).where(
        _of(AthleteZone, athlete_id), AthleteZone.source == "api"
    )
    return (
        bool(rows)
        and all(provisional_id(row[1], row[2], UNKNOWN, row[3]) == row[0] for row in rows)
        and connection.scalar(told.where(Activity.activity_id > 0).limit(1)) is None
        and connection.scalar(zones.limit(1)) is None
    )


def hand_back(connection: sa.Connection, athlete_id: int) -> None:
    """Give what loose files told of an athlete to the unknown one, as before anything named who
    that is. If there is one other athlete, the next run decides whether it is theirs.
    """
    known = set(connection.scalars(sa.select(Athlete.athlete_id)))
    if UNKNOWN not in known:
        connection.execute(sa.insert(Athlete), {"athlete_id": UNKNOWN})
    for model in _MOVED:
        connection.execute(
            sa.update(model).where(_of(model, athlete_id)).values(athlete_id=UNKNOWN)
        )
    _move_files(connection, athlete_id, UNKNOWN, _OF_LOOSE)
    for athlete in (known | {UNKNOWN}) - {athlete_id}:
        sync_state.mark_stale(connection, athlete, sync_state.EVERY_DAY)
        sync_state.mark_unsettled(connection, athlete)


def _of(model: Any, athlete_id: int) -> sa.ColumnElement[bool]:
    condition: sa.ColumnElement[bool] = model.athlete_id == athlete_id
    return condition


def _hand_over_gear(connection: sa.Connection, athlete_id: int) -> None:
    """Merge gear into the athlete's gear of the same name, and move the rest."""
    own = {
        row.name_key: row.gear_id
        for row in connection.execute(sa.select(Gear).where(_of(Gear, athlete_id)))
    }
    for gear_id, key in connection.execute(
        sa.select(Gear.gear_id, Gear.name_key).where(_of(Gear, UNKNOWN))
    ).all():
        if key in own:
            for model in (Activity, GearComponent):
                connection.execute(
                    sa.update(model).where(model.gear_id == gear_id).values(gear_id=own[key])
                )
            connection.execute(sa.delete(Gear).where(Gear.gear_id == gear_id))
        else:
            connection.execute(
                sa.update(Gear).where(Gear.gear_id == gear_id).values(athlete_id=athlete_id)
            )


def _hand_over_snapshot(connection: sa.Connection, table: sa.Table, athlete_id: int) -> None:
    """Move a small table to an athlete who has no rows in it, as one known only from the API."""
    has_own = connection.scalar(
        sa.select(sa.literal(1)).where(table.c.athlete_id == athlete_id).limit(1)
    )
    of_nobody = table.c.athlete_id == UNKNOWN
    if has_own is None:
        connection.execute(sa.update(table).where(of_nobody).values(athlete_id=athlete_id))
    else:
        connection.execute(sa.delete(table).where(of_nobody))


def _hand_over_files(connection: sa.Connection, athlete_id: int) -> None:
    """Move the ledger's device files, so that they are not read again, and what was forgotten;
    tables will be read again.
    """
    _move_files(connection, UNKNOWN, athlete_id, ("activity", "forgotten", *_OF_LOOSE))


def _move_files(
    connection: sa.Connection, owner: int, athlete_id: int, kinds: Collection[str]
) -> None:
    """Move the ledger's files of some kinds to an athlete who has none of these names."""
    for kind in kinds:
        own = sa.select(ImportFile.name).where(
            _of(ImportFile, athlete_id), ImportFile.file_kind == kind
        )
        moved = sa.update(ImportFile).where(
            _of(ImportFile, owner), ImportFile.file_kind == kind, ImportFile.name.not_in(own)
        )
        connection.execute(moved.values(athlete_id=athlete_id))
