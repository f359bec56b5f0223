"""Deletes API data; rebuilds activities that an export also holds, deletes the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from db.batches import chunks
from db.bulk import delete_points
from db.models import (
    Activity,
    ActivityObservation,
    Athlete,
    AthleteZone,
    Gear,
    ImportFile,
    PurgedActivity,
    Track,
)
from db.upsert import upsert
from ingest.load import fetch_queue as queue
from ingest.load import sync_state
from ingest.load.api_data import API_SOURCES, fetched, said_by_api
from ingest.load.derived import derive_outdated, remove_derived, zones_of
from ingest.load.details import remove_details
from ingest.load.device_figures import remove_pauses
from ingest.load.gear_ids import WITHOUT_ID
from ingest.load.marts import outdate
from ingest.load.meeting import meet_loose
from ingest.load.owed_files import OwedFile, give_up, owed_files
from ingest.load.reconcile import reconcile
from ingest.load.refold import fold_again, write_again
from ingest.load.tracks import without_points
from ingest.load.writer import ActivityWrite, Batch
from ingest.transform.activity_track import ActivityTrack
from ingest.transform.derived import Zones

#: Number of device files read at once, to bound the memory that their points take.
_FILES: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Purged:
    """How many activities lost their API data, and how many were deleted for lack of other data.

    Where streams had replaced the points of a device file, these are ``restored`` from the file, or
    ``lost`` if the file is gone.
    """

    activities: int
    deleted: int
    restored: int
    lost: int


#: Reads a device file again, and returns the tracks of the activities that need one, by id; empty
#: if the file is gone.
ReadAgain = Callable[[OwedFile, Zones], Mapping[int, ActivityTrack]]


def purge(
    connection: sa.Connection,
    now: datetime,
    run_id: int,
    read: ReadAgain,
    before: datetime | None = None,
) -> Purged:
    """Remove API data, all of it or what is older than ``before``, in the caller's transaction.

    The ids are remembered, with the time when the API last showed each activity. So these
    activities are not fetched again, and do not count as vanished.
    """
    ids = sorted(_ids(connection, before))
    deleted: set[int] = set()
    restored, lost = 0, 0
    for athlete_id in connection.scalars(
        sa.select(Athlete.athlete_id).order_by(Athlete.athlete_id)
    ).all():
        mine = _of_athlete(connection, athlete_id, ids)
        sync_state.mark_stale(connection, athlete_id)  # names and gear change, too
        outdate(connection, mine)
        owed: list[OwedFile] = []
        for some in chunks(mine):
            shown = _last_shown(connection, some)
            owed += owed_files(connection, _fetched_of(connection, some, before))
            _remove(connection, some, before)
            _remember(connection, athlete_id, shown, now)
        _forget_lists(connection, athlete_id, before)
        _forget_gear_ids(connection, athlete_id, before)
        for some in chunks(mine):
            deleted |= fold_again(connection, athlete_id, some, run_id)
        for files in chunks(owed, _FILES):
            given, missing = _restore(connection, athlete_id, files, run_id, read)
            restored, lost = restored + given, lost + missing
        _forget_compared(connection, mine, before)
        meet_loose(connection, athlete_id, run_id)
        _delete_gear(connection, athlete_id)
        _forget_name(connection, athlete_id, before)
        home = sync_state.HOME_ZONE.get(connection)
        reconcile(connection, athlete_id, home, accept_vanished=False)
    # The API's zones and sports are gone now.
    derive_outdated(lambda: nullcontext(connection))
    return Purged(activities=len(ids), deleted=len(deleted), restored=restored, lost=lost)


def _ids(connection: sa.Connection, before: datetime | None) -> set[int]:
    told = sa.select(ActivityObservation.activity_id).where(said_by_api(before))
    tracks = sa.select(Track.activity_id).where(fetched(before))
    return set(connection.scalars(told)) | set(connection.scalars(tracks))


def _of_athlete(connection: sa.Connection, athlete_id: int, ids: Sequence[int]) -> list[int]:
    found: list[int] = []
    for some in chunks(ids):
        query = sa.select(Activity.activity_id).where(
            Activity.athlete_id == athlete_id, Activity.activity_id.in_(some)
        )
        found += connection.scalars(query)
    return sorted(found)


def _last_shown(connection: sa.Connection, ids: Sequence[int]) -> dict[int, datetime | None]:
    """When the API last showed each activity."""
    spoke = sa.select(
        ActivityObservation.activity_id, sa.func.max(ActivityObservation.observed_at)
    ).where(ActivityObservation.activity_id.in_(ids), ActivityObservation.source.in_(API_SOURCES))
    last = {
        row[0]: row[1]
        for row in connection.execute(spoke.group_by(ActivityObservation.activity_id))
    }
    return {activity_id: last.get(activity_id) for activity_id in ids}


def _remember(
    connection: sa.Connection, athlete_id: int, shown: Mapping[int, datetime | None], now: datetime
) -> None:
    """Remember the activities that have no API data left as purged.

    Activities with newer API data stay connected to the API, which may update them.
    """
    left = sa.select(ActivityObservation.activity_id).where(
        ActivityObservation.activity_id.in_(list(shown)),
        ActivityObservation.source.in_(API_SOURCES),
    )
    gone = sorted(set(shown) - set(connection.scalars(left)))
    rows = [
        {"activity_id": i, "athlete_id": athlete_id, "purged_at": now, "seen_at": shown[i]}
        for i in gone
    ]
    upsert(connection, PurgedActivity, rows)
    queue.take_out(connection, gone)


def _remove(connection: sa.Connection, ids: Sequence[int], before: datetime | None) -> None:
    some = ActivityObservation.activity_id.in_(ids)
    detailed = sa.select(ActivityObservation.activity_id).where(
        some, said_by_api(before), ActivityObservation.source == "api_detail"
    )
    remove_details(connection, list(connection.scalars(detailed)))
    connection.execute(sa.delete(ActivityObservation).where(some, said_by_api(before)))
    tracks = _fetched_of(connection, ids, before)
    delete_points(connection, tracks)
    remove_derived(connection, tracks)
    remove_pauses(connection, tracks)
    old = Track.activity_id.in_(tracks)
    # The device file's laps stay. Its points, if it has any, are restored later.
    connection.execute(
        sa.update(Track).where(old, Track.file_name.is_not(None)).values(**without_points())
    )
    connection.execute(sa.delete(Track).where(old, Track.file_name.is_(None)))


def _fetched_of(
    connection: sa.Connection, ids: Sequence[int], before: datetime | None
) -> list[int]:
    return list(
        connection.scalars(
            sa.select(Track.activity_id).where(Track.activity_id.in_(ids), fetched(before))
        )
    )


def _restore(
    connection: sa.Connection,
    athlete_id: int,
    files: Sequence[OwedFile],
    run_id: int,
    read: ReadAgain,
) -> tuple[int, int]:
    """Write points of device files again; returns how many were restored and how many lost."""
    zones = zones_of(connection, athlete_id)
    batch, lost = Batch(), list[tuple[OwedFile, int]]()
    for file in files:
        tracks = read(file, zones)
        for activity_id in file.owing:
            if activity_id in tracks:
                batch.add(ActivityWrite(activity_id=activity_id, track=tracks[activity_id]))
            elif file.has_points:
                lost.append((file, activity_id))
    write_again(connection, athlete_id, batch, run_id)
    give_up(connection, run_id, athlete_id, lost)
    return len(batch.activities), len(lost)


def _forget_lists(connection: sa.Connection, athlete_id: int, before: datetime | None) -> None:
    """Forget the API's complete lists, which show what vanished, and its zones, if all is purged.

    The time of the last list is no API data and stays.
    """
    if before is None:
        sync_state.forget_lists(connection, athlete_id)
        connection.execute(sa.delete(AthleteZone).where(AthleteZone.athlete_id == athlete_id))


def _forget_compared(
    connection: sa.Connection, ids: Sequence[int], before: datetime | None
) -> None:
    """Forget for which activities streams were poorer than the file.

    After a purge by age this stays known; otherwise the next run would ask for these streams again.
    """
    if before is None:
        for some in chunks(ids):
            mine = sa.update(Track).where(
                Track.activity_id.in_(some), Track.fetched_at.is_not(None)
            )
            connection.execute(mine.values(fetched_at=None))


def _forget_gear_ids(connection: sa.Connection, athlete_id: int, before: datetime | None) -> None:
    if before is None:
        mine = sa.update(Gear).where(Gear.athlete_id == athlete_id)
        connection.execute(mine.where(Gear.source != "api").values(WITHOUT_ID))


def _forget_name(connection: sa.Connection, athlete_id: int, before: datetime | None) -> None:
    """Forget the name of an athlete whom no export names, since the API told it."""
    exported = sa.select(ImportFile.athlete_id).where(ImportFile.file_kind == "export")
    if before is None:
        nameless = sa.update(Athlete).where(
            Athlete.athlete_id == athlete_id, Athlete.athlete_id.not_in(exported)
        )
        connection.execute(nameless.values(first_name=None, last_name=None))


def _delete_gear(connection: sa.Connection, athlete_id: int) -> None:
    """Delete gear that only the API named and that no activity uses any more."""
    used = sa.select(Activity.gear_id).where(Activity.gear_id.is_not(None))
    of_api = sa.delete(Gear).where(
        Gear.athlete_id == athlete_id, Gear.source == "api", Gear.gear_id.not_in(used)
    )
    connection.execute(of_api)
