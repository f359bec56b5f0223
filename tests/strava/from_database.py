"""A database of ours in, the account out whose API says the very same: summaries, details, laps,
gear and streams.

What the API does not have (weather, steps, tags ...) is left out, and so is what an export cannot
know (segments, kudos ...) unless the database has it. A value that the database lacks is a key that
the body lacks. Activities that vanished are not there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from db.engine import open_readonly
from db.models import Activity as ActivityRow
from db.models import Athlete, Gear, Lap, TrackPoint
from tests.strava.account import Account, Activity, Streams
from tests.strava.row_bodies import activity_body, gear_number, lap_body, strava_number

Row = Mapping[Any, Any]

_STREAMS: Final = {
    "elapsed_s": "time",
    "distance_m": "distance",
    "altitude_m": "altitude",
    "speed_mps": "velocity_smooth",
    "heartrate_bpm": "heartrate",
    "cadence_rpm": "cadence",
    "power_w": "watts",
    "temperature_c": "temp",
}


def account_from_database(url: str, activity_ids: Collection[int] | None = None) -> Account:
    """The account; streams and laps are read from the database when a client asks for them."""
    with _connected(url) as connection:
        athlete = (
            connection.execute(sa.select(Athlete.__table__).order_by(Athlete.athlete_id))
            .mappings()
            .first()
        )
        if athlete is None:
            raise ValueError(f"no athlete in {url}")
        account = _account(athlete)
        rows = (
            connection.execute(
                sa.select(ActivityRow.__table__).where(ActivityRow.vanished_at.is_(None))
            )
            .mappings()
            .all()
        )
        gear_ids = _gear(connection, account, rows)
    zones = [
        name for name, _ in Counter(row["timezone_name"] for row in rows).most_common() if name
    ]
    for row in (_zoned(row, zones) for row in rows):
        if row["start_time_utc"] is not None and (
            activity_ids is None or row["activity_id"] in activity_ids
        ):
            account.activities[row["activity_id"]] = _activity(
                url, row, gear_ids.get(row["gear_id"])
            )
    return account


@contextmanager
def _connected(url: str) -> Iterator[sa.Connection]:
    engine = open_readonly(url)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _account(athlete: Row) -> Account:
    names = {"city": "city", "state": "state", "country": "country", "weight_kg": "weight"}
    profile = {key: athlete[column] for column, key in names.items() if athlete[column] is not None}
    return Account(
        athlete["athlete_id"] or 1,
        athlete["first_name"] or "",
        athlete["last_name"] or "",
        **profile,
    )


def _gear(
    connection: sa.Connection, account: Account, rows: Collection[Row]
) -> dict[int | None, str]:
    """Register the gear; our key -> Strava's id."""
    found: dict[int | None, str] = {}
    for gear in connection.execute(sa.select(Gear.__table__).order_by(Gear.gear_id)).mappings():
        used = [row for row in rows if row["gear_id"] == gear["gear_id"]]
        exported = [
            number for row in used if (number := row["export_bike_id"] or row["export_gear_id"])
        ]
        is_bike = gear["gear_type"] == "bike" or any(row["export_bike_id"] for row in used)
        made_up = f"{'b' if is_bike else 'g'}{gear_number(exported, gear['gear_id'])}"
        strava_id = gear["strava_gear_id"] or made_up
        account.add_gear(
            strava_id,
            gear["name"],
            nickname=gear["nickname"] or "",
            brand_name=gear["brand"],
            model_name=gear["model"],
            retired=bool(gear["is_retired"]),
            distance=gear["distance_m"] or 0,
        )
        found[gear["gear_id"]] = strava_id
    return found


def _zoned(row: Row, zones: Sequence[str]) -> Row:
    """The row with a zone, as Strava knows one of every activity: the most common one that has the
    row's offset.
    """
    start, offset = row["start_time_utc"], timedelta(seconds=row["utc_offset_s"] or 0)
    if row["timezone_name"] or start is None:
        return row
    fitting = (name for name in zones if start.astimezone(ZoneInfo(name)).utcoffset() == offset)
    return {**row, "timezone_name": next(fitting, None)}


def _activity(url: str, row: Row, gear_id: str | None) -> Activity:
    key = row["activity_id"]
    streams: Callable[[], Streams] | None = (
        (lambda: _streams(url, key)) if row["has_track"] else None
    )
    return Activity(
        activity_body(row, gear_id),
        streams,
        lambda: {"laps": _laps(url, row), "photos": {"primary": None, "count": 0}},
    )


def _laps(url: str, activity: Row) -> list[dict[str, Any]]:
    key = activity["activity_id"]
    query = sa.select(Lap.__table__).where(Lap.activity_id == key).order_by(Lap.lap_index)
    with _connected(url) as connection:
        rows = connection.execute(query).mappings().all()
    return [lap_body(row, activity) for row in rows]


def _streams(url: str, activity_id: int) -> Streams:
    """Columns that hold something; ``null`` where a point lacks a value."""
    table = TrackPoint.__table__
    query = sa.select(table).where(table.c.activity_id == activity_id).order_by(table.c.point_index)
    with _connected(url) as connection:
        points = connection.execute(query).mappings().all()
    found: Streams = {}
    for column, key in _STREAMS.items():
        values = [point[column] for point in points]
        if any(value is not None for value in values):
            found[key] = [strava_number(value) for value in values]
    places = [[point["latitude"], point["longitude"]] for point in points]
    if any(None not in place for place in places):
        found["latlng"] = [place if None not in place else None for place in places]
    return found
