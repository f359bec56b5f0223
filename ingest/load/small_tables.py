"""Writes the small CSVs of an export; a newer export replaces each table as a whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from db.bulk import insert_rows
from db.models import (
    ActivityObservation,
    Athlete,
    Base,
    Challenge,
    Club,
    Comment,
    GearComponent,
    Goal,
    Media,
    Reaction,
    Route,
    Segment,
    StarredRoute,
    StarredSegment,
)
from db.upsert import upsert
from ingest.load.gear import GearBook
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


def _plain(rows: Rows) -> list[dict[str, Any]]:
    return [dict(row) for row in rows]


def _clubs(clubs: Rows, memberships: Rows) -> list[dict[str, Any]]:
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


def _challenges(*files: Rows) -> list[dict[str, Any]]:
    return [
        {"challenge_type": row["kind"], **{k: v for k, v in row.items() if k != "kind"}}
        for rows in files
        for row in rows
    ]


def _routes(starred: Rows) -> list[dict[str, Any]]:
    return [
        {**row, "route_id_text": None if row["route_id"] is None else str(row["route_id"])}
        for row in starred
    ]


#: Table -> its files, how their rows become its rows, the name of its index column.
SNAPSHOTS: Final[
    Mapping[type[Base], tuple[tuple[str, ...], Callable[..., list[dict[str, Any]]], str]]
] = {
    Route: (("routes.csv",), _plain, "route_index"),
    Segment: (("segments.csv",), _plain, "segment_index"),
    Goal: (("goals.csv",), _plain, "goal_index"),
    Club: (("clubs.csv", "memberships.csv"), _clubs, "club_index"),
    Challenge: (("global_challenges.csv", "group_challenges.csv"), _challenges, "challenge_index"),
    Comment: (("comments.csv",), _plain, "comment_index"),
    Reaction: (
        ("reactions.csv", "kudos.csv"),
        lambda new, old: _plain([*new, *old]),
        "reaction_index",
    ),
    StarredSegment: (("starred_segments.csv",), _plain, "star_index"),
    StarredRoute: (("starred_routes.csv",), _routes, "star_index"),
}


def replace_snapshots(connection: sa.Connection, athlete_id: int, files: Files) -> None:
    """Replace the tables whose CSVs this export holds; ``files`` maps names to rows."""
    for model, (names, build, index) in SNAPSHOTS.items():
        if any(name in files for name in names):
            rows = build(*(files.get(name, ()) for name in names))
            _replace(
                connection,
                model,
                athlete_id,
                [{"athlete_id": athlete_id, index: i, **r} for i, r in enumerate(rows)],
            )


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
    _replace(connection, GearComponent, athlete_id, complete)


def _replace(
    connection: sa.Connection, model: type[Base], athlete_id: int, rows: list[dict[str, Any]]
) -> None:
    connection.execute(sa.delete(model).where(model.__table__.c.athlete_id == athlete_id))
    insert_rows(connection, model, rows)


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
