"""Writes the small CSVs of an export; a newer export replaces each table as a whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from db.bulk import insert_rows
from db.models import ActivityObservation, Athlete, Base, Media
from db.upsert import upsert
from ingest.load.gear import GearBook
from ingest.transform.tables import TABLES
from ingest.transform.tables.names import name_key

Rows = Sequence[Mapping[str, Any]]
#: Rows of an export's CSVs by file name.
Files = Mapping[str, Rows]

_VIDEO: Final = (".mp4", ".mov", ".m4v", ".avi")


def ensure_athlete(connection: sa.Connection, athlete_id: int, files: Files) -> None:
    """Create or update the athlete's row from profile.csv and general_preferences.csv."""
    known: dict[str, Any] = {}
    for row in files.get("profile.csv", ())[:1]:
        known |= {name: value for name, value in row.items() if name != "athlete_id"}
    for row in files.get("general_preferences.csv", ())[:1]:
        known |= {
            name: value for name, value in row.items() if value is not None or name not in known
        }
    upsert(connection, Athlete, [{"athlete_id": athlete_id, **known}])


def _plain(*files: Rows) -> Rows:
    return [row for rows in files for row in rows]


def _clubs(clubs: Rows, memberships: Rows) -> Rows:
    """Clubs with the day on which the athlete joined.

    Memberships of clubs that clubs.csv does not describe come last.
    """
    joined = {name_key(m["club_name"]): m for m in memberships if m.get("club_name")}
    rows = [
        {**club, "joined_at": joined.pop(name_key(club["name"] or ""), {}).get("joined_at")}
        for club in clubs
    ]
    empty = dict.fromkeys(
        ("description", "club_type", "club_sport", "city", "state", "country", "website")
    )
    return rows + [
        {**empty, "name": m["club_name"], "joined_at": m["joined_at"]} for m in joined.values()
    ]


def _routes(starred: Rows) -> Rows:
    return [
        {**row, "route_id_text": None if row["route_id"] is None else str(row["route_id"])}
        for row in starred
    ]


#: Tables that take more than the rows of their files; other functions write them.
_ELSEWHERE: Final = frozenset(["athletes", "gear", "gear_components", "media", "workout_sets"])
#: Functions that make a table's rows of those of its files; other tables have them as they are.
_BUILD: Final[Mapping[str, Callable[..., Rows]]] = {
    "clubs": _clubs,
    "starred_routes": _routes,
}


def files_by_table() -> Mapping[str, Sequence[str]]:
    """The CSVs of each table that is replaced whole, in the order of ``TABLES``."""
    found: dict[str, list[str]] = {}
    for table in TABLES.values():
        if table.table not in _ELSEWHERE:
            found.setdefault(table.table, []).append(table.filename)
    return found


def replace_snapshots(connection: sa.Connection, athlete_id: int, files: Files) -> None:
    """Replace the tables whose CSVs this export has; ``files`` maps names to rows."""
    for name, filenames in files_by_table().items():
        if any(filename in files for filename in filenames):
            table = Base.metadata.tables[name]
            (index,) = (c.name for c in table.primary_key if c.name != "athlete_id")
            build: Callable[..., Rows] = _BUILD.get(name, _plain)
            rows = build(*(files.get(one, ()) for one in filenames))
            numbered = [{"athlete_id": athlete_id, index: i, **r} for i, r in enumerate(rows)]
            _replace(connection, table, athlete_id, numbered)


def replace_components(
    connection: sa.Connection, athlete_id: int, rows: Rows, gear: GearBook
) -> None:
    """Replace the components of bikes; gear is found by the bike's name."""
    complete = [
        {
            "athlete_id": athlete_id,
            "component_index": index,
            "gear_id": gear.gear_id(row["bike_name"]),
            "component_type": row["component_type"],
            "brand": row["brand"],
            "model": row["model"],
        }
        for index, row in enumerate(rows)
    ]
    _replace(connection, Base.metadata.tables["gear_components"], athlete_id, complete)


def _replace(
    connection: sa.Connection, table: sa.Table, athlete_id: int, rows: list[dict[str, Any]]
) -> None:
    connection.execute(sa.delete(table).where(table.c.athlete_id == athlete_id))
    insert_rows(connection, table, rows)


def of_export(athlete_id: int, exported_at: datetime) -> sa.Select[int]:
    """The activities in the export of this date.

    Those that vanished since are not among them, so that what belongs to them is kept.
    """
    return sa.select(ActivityObservation.activity_id).where(
        ActivityObservation.athlete_id == athlete_id,
        ActivityObservation.source == "export",
        ActivityObservation.observed_at == exported_at,
    )


def replace_media(
    connection: sa.Connection,
    athlete_id: int,
    exported_at: datetime,
    by_activity: Mapping[int, Sequence[str]],
    captions: Rows,
) -> None:
    """Replace the media of an export's activities.

    The Media column tells which activity they belong to, media.csv their captions.
    """
    rows: dict[str, dict[str, Any]] = {}
    for activity_id, names in by_activity.items():
        for index, name in enumerate(names):
            rows[name] = _medium(athlete_id, name, activity_id, index)
    for caption in captions:
        name = caption["filename"]
        if name:
            rows.setdefault(name, _medium(athlete_id, name, None, None))["caption"] = caption[
                "caption"
            ]
    present = sa.or_(
        Media.activity_id.is_(None), Media.activity_id.in_(of_export(athlete_id, exported_at))
    )
    connection.execute(
        sa.delete(Media).where(Media.athlete_id == athlete_id, present, Media.source == "export")
    )
    # The API shows at most one photo, which counts where the export has none.
    shown = [
        row.activity_id
        for row in connection.execute(sa.select(Media.activity_id).where(Media.source == "api"))
    ]
    superseded = [activity_id for activity_id in shown if activity_id in by_activity]
    for activity_id in superseded:
        connection.execute(
            sa.delete(Media).where(Media.activity_id == activity_id, Media.source == "api")
        )
    kept = set(connection.scalars(sa.select(Media.filename).where(Media.athlete_id == athlete_id)))
    insert_rows(connection, Media, [rows[name] for name in sorted(rows) if name not in kept])


def _medium(
    athlete_id: int, name: str, activity_id: int | None, index: int | None
) -> dict[str, Any]:
    return {
        "athlete_id": athlete_id,
        "filename": name,
        "activity_id": activity_id,
        "media_index": index,
        "media_type": "video" if name.lower().endswith(_VIDEO) else "photo",
        "caption": None,
    }
