"""Updates what depends on all of an athlete: vanished ones, gear, local times, titles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from db.models import Activity, Athlete, LooseRecording
from ingest.load import sync_state
from ingest.load.gear_ids import relearn
from ingest.load.loose_recordings import loose_fields_of
from ingest.load.marts import outdate
from ingest.load.vanishing import Settled, vanishing
from ingest.transform.merge import is_virtual, located, unknown_time
from ingest.transform.timezones import offset_at
from ingest.transform.titles import title_of

_SURE: Final = ("api", "file", "position")


def reconcile(
    connection: sa.Connection, athlete_id: int, home: str | None, accept_vanished: bool
) -> Settled:
    """Mark vanished activities, match gear with its ids, fill in local times.

    It runs inside the caller's transaction.
    """
    vanished = vanishing(connection, athlete_id, accept_vanished)
    _mark(connection, vanished.dates)
    # Decodes every observation, so it runs only for athletes whose data changed.
    if athlete_id in sync_state.unsettled(connection):
        relearn(connection, athlete_id)
    _local_times(connection, athlete_id, home)
    _titles(connection, athlete_id)
    sync_state.mark_settled(connection, athlete_id)
    return vanished.settled


def left_to_settle(connection: sa.Connection, home: str | None, accept_vanished: bool) -> set[int]:
    """The athletes that a killed run left unsettled.

    They are all athletes if the home zone is new, or vanished activities are accepted at any
    number.
    """
    athletes = set(sync_state.unsettled(connection))
    if accept_vanished or home != sync_state.HOME_ZONE.get(connection):
        athletes |= set(connection.scalars(sa.select(Athlete.athlete_id)))
    return athletes


def _mark(connection: sa.Connection, dates: Mapping[int, datetime | None]) -> None:
    table = Activity.__table__
    statement = (
        sa.update(Activity)
        .where(table.c.activity_id == sa.bindparam("id"))
        .values(vanished_at=sa.bindparam("at"))
    )
    if dates:
        outdate(connection, list(dates))
        connection.execute(statement, [{"id": i, "at": when} for i, when in dates.items()])


def _local_times(connection: sa.Connection, athlete_id: int, home: str | None) -> None:
    """Give activities without a place the zone of the activity before them, else the home zone."""
    query = (
        sa.select(
            Activity.activity_id,
            Activity.start_time_utc,
            Activity.timezone_name,
            Activity.utc_offset_s,
            Activity.timezone_source,
            Activity.start_time_local,
            Activity.sport_type,
        )
        .where(Activity.athlete_id == athlete_id, Activity.start_time_utc.is_not(None))
        .order_by(Activity.start_time_utc, Activity.activity_id)
    )
    changed = list(_guesses(connection.execute(query).all(), home))
    if changed:
        ids = [row["id"] for row in changed]
        outdate(connection, ids)
        names = ("timezone_name", "utc_offset_s", "start_time_local", "timezone_source")
        statement = sa.update(Activity).where(Activity.activity_id == sa.bindparam("id"))
        connection.execute(statement.values({n: sa.bindparam(f"new_{n}") for n in names}), changed)
        outdate(connection, ids)


def _titles(connection: sa.Connection, athlete_id: int) -> None:
    """Give activities that only a loose file tells of the title that Strava will give them."""
    columns = (
        Activity.activity_id,
        Activity.name,
        Activity.sport_type,
        Activity.start_time_local,
        LooseRecording.payload,
    )
    query = (
        sa.select(*columns)
        .join(LooseRecording, LooseRecording.provisional_id == Activity.activity_id)
        .where(Activity.athlete_id == athlete_id, Activity.activity_id < 0)
    )
    rows = connection.execute(query).all()
    language = sync_state.LANGUAGE.get(connection, athlete_id) if rows else None
    titles = {
        row.activity_id: loose_fields_of(row).get("name")
        or title_of(row.sport_type, row.start_time_local, language)
        for row in rows
    }
    new = [row for row in rows if row.name != titles[row.activity_id]]
    if new:
        outdate(connection, [row.activity_id for row in new])
        statement = sa.update(Activity).where(Activity.activity_id == sa.bindparam("id"))
        changed = [{"id": row.activity_id, "new_name": titles[row.activity_id]} for row in new]
        connection.execute(statement.values(name=sa.bindparam("new_name")), changed)


def _guesses(rows: Any, home: str | None) -> Iterator[dict[str, Any]]:
    before: tuple[str | None, int] | None = None
    for row in rows:
        if row.timezone_source == "api" and is_virtual(row._mapping):
            continue  # Strava takes the zone of the island that the game is set on
        if row.timezone_source in _SURE:
            # An indoor watch tells an offset without a place. Take the last zone or the home zone
            # if it has this offset.
            names = (row.timezone_name, before[0] if before else None, home)
            agreeing = (
                n for n in names if n and offset_at(n, row.start_time_utc) == row.utc_offset_s
            )
            before = (next(agreeing, None), row.utc_offset_s)
            continue
        guess = _guess(row.start_time_utc, before, home)
        if any(value != getattr(row, name) for name, value in guess.items()):
            yield {"id": row.activity_id, **{f"new_{name}": value for name, value in guess.items()}}


def _guess(
    start: datetime, before: tuple[str | None, int] | None, home: str | None
) -> dict[str, Any]:
    if before is not None:
        name, offset = before
        by_name = offset_at(name, start) if name else None
        return located(start, name, offset if by_name is None else by_name, "neighbour")
    if home is not None and (offset_home := offset_at(home, start)) is not None:
        return located(start, home, offset_home, "home")
    return unknown_time()
