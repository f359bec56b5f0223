"""Matches exact ids of gear, which only the API has, with the names that exports have.

Rows of ``gear`` get their ids, and activities then refer to these rows.

Exports have names and, in older rows, ids rounded to 32-bit floats. If both sources have an
activity, the API's id may belong to the export's name. If activities disagree, the majority
decides, unless a detail has told the name of the id. Everything is computed from stored
observations, so it does not matter which source came first. An id without a matching name has a row
of its own (source ``api``).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import sqlalchemy as sa

from db.bulk import insert_rows
from db.models import Activity, ActivityObservation, Gear
from ingest.load import sync_state
from ingest.load.gear import GearBook
from ingest.load.marts import outdate
from ingest.transform.detail_records import GearRow
from ingest.transform.tables.names import name_key

_DECODER: Final = json.JSONDecoder()
#: Number of characters of a payload that hold its fields, unless its texts are very long.
_HEAD: Final = 20_000
_LONGEST_ID: Final = 19
_OF_ID: Final = ("strava_name", "is_retired", "distance_m")
#: What a row says of its id once it has none.
WITHOUT_ID: Final = dict.fromkeys(("strava_gear_id", *_OF_ID))


class _Said(NamedTuple):
    """What export and API last said of the gear of one activity."""

    name: str | None
    strava_gear_id: str | None
    by: str | None
    #: Normalised name and id, if both are known, and whether the export's rounded id confirms that
    #: they belong together.
    pair: tuple[str, str, bool] | None


def ensure_ids(connection: sa.Connection, athlete_id: int, ids: Iterable[str]) -> None:
    """Create rows for ids that have none yet."""
    known = _by_id(_rows(connection, athlete_id))
    new = [_own_row(athlete_id, each, {}) for each in sorted(set(ids) - set(known))]
    if new:
        insert_rows(connection, Gear, new)
        sync_state.mark_stale(connection, athlete_id)


def describe(connection: sa.Connection, athlete_id: int, gear: GearRow) -> None:
    """Store what the detail of an activity says of its gear."""
    ensure_ids(connection, athlete_id, [gear.strava_gear_id])
    row = _by_id(_rows(connection, athlete_id))[gear.strava_gear_id]
    told = {"strava_name": gear.name, "is_retired": gear.is_retired, "distance_m": gear.distance_m}
    if row.source == "api":
        told |= _names(gear.strava_gear_id, gear.name) | {"nickname": gear.nickname}
    connection.execute(sa.update(Gear).where(Gear.gear_id == row.gear_id).values(**told))
    sync_state.mark_unsettled(connection, athlete_id)
    sync_state.mark_stale(connection, athlete_id)


def nameless_ids(connection: sa.Connection, athlete_id: int) -> list[str]:
    """Ids whose name neither an export nor a detail has told."""
    mine = sa.and_(
        Gear.athlete_id == athlete_id, Gear.source == "api", Gear.name == Gear.strava_gear_id
    )
    return [
        exact
        for exact in connection.scalars(sa.select(Gear.strava_gear_id).where(mine))
        if exact is not None
    ]


def relearn(connection: sa.Connection, athlete_id: int) -> None:
    """Match ids and names anew, and make activities from the API refer to the right gear."""
    said = _said(connection, athlete_id)
    if not said:
        return
    sync_state.wait_for_refill(connection, athlete_id)
    rows = _rows(connection, athlete_id)
    ids = _by_id(rows)
    matched = _match(said.values(), rows)
    for row in rows:  # rows that lose their id come first, since an id belongs to one row only
        if (
            row.strava_gear_id
            and row.source != "api"
            and matched.get(row.strava_gear_id) != row.gear_id
        ):
            connection.execute(
                sa.update(Gear).where(Gear.gear_id == row.gear_id).values(WITHOUT_ID)
            )
    for exact, gear_id in matched.items():
        if exact not in ids or ids[exact].gear_id != gear_id:
            told = {name: getattr(ids[exact], name) for name in _OF_ID} if exact in ids else {}
            connection.execute(
                sa.update(Gear).where(Gear.gear_id == gear_id).values(strava_gear_id=exact, **told)
            )
    _own_rows(connection, athlete_id, ids, set(matched))
    _point(connection, athlete_id, said)
    _delete_unused(connection, athlete_id, ids, matched)
    if _rows(connection, athlete_id) != rows:
        sync_state.mark_stale(connection, athlete_id)


def forget_names(connection: sa.Connection, athlete_id: int) -> None:
    """Delete the rows of names that exports told; an exact id keeps a row of its own."""
    named = [row for row in _rows(connection, athlete_id) if row.source != "api"]
    with_id = [row for row in named if row.strava_gear_id]
    insert_rows(
        connection,
        Gear,
        [_own_row(athlete_id, row.strava_gear_id, row._mapping) for row in with_id],
    )
    gone = [row.gear_id for row in named]
    connection.execute(sa.update(Activity).where(Activity.gear_id.in_(gone)).values(gear_id=None))
    connection.execute(sa.delete(Gear).where(Gear.gear_id.in_(gone)))


def _rows(connection: sa.Connection, athlete_id: int) -> Sequence[Any]:
    query = sa.select(Gear.__table__).where(Gear.athlete_id == athlete_id)
    return connection.execute(query.order_by(Gear.gear_id)).all()


def _by_id(rows: Iterable[Any]) -> dict[str, Any]:
    return {row.strava_gear_id: row for row in rows if row.strava_gear_id}


def _names(strava_gear_id: str, name: str) -> dict[str, str]:
    # The key includes the id, so that it differs from the key of the same name from an export.
    return {"name": name, "name_key": f"{name_key(name)} {strava_gear_id}"}


def _own_row(athlete_id: int, strava_gear_id: str, told: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "athlete_id": athlete_id,
        "strava_gear_id": strava_gear_id,
        "gear_type": {"b": "bike", "g": "shoe"}.get(strava_gear_id[:1]),
        "source": "api",
        **_names(strava_gear_id, told.get("strava_name") or strava_gear_id),
        **{name: told.get(name) for name in _OF_ID},
    }


def _said(connection: sa.Connection, athlete_id: int) -> dict[int, _Said]:
    """What export and API said of gear, by id of the activities that the API shows."""
    shown = _spoken(connection, athlete_id, "api_summary")
    details = _spoken(connection, athlete_id, "api_detail")
    if not shown and not details:
        return {}
    exports = _spoken(connection, athlete_id, "export")
    return {
        i: _together([exports.get(i), shown.get(i), details.get(i)])
        for i in shown.keys() | details.keys()
    }


def _spoken(
    connection: sa.Connection, athlete_id: int, source: str
) -> dict[int, tuple[Any, dict[str, Any]]]:
    """Time and fields of every observation of a source."""
    head = sa.func.substr(ActivityObservation.payload, 1, _HEAD).label("head")
    query = sa.select(ActivityObservation.activity_id, ActivityObservation.observed_at, head).where(
        ActivityObservation.athlete_id == athlete_id, ActivityObservation.source == source
    )
    return {
        row.activity_id: (row.observed_at, _fields(connection, row, source))
        for row in connection.execute(query)
    }


def _fields(connection: sa.Connection, row: Any, source: str) -> dict[str, Any]:
    fields: dict[str, Any]
    # Parse only the fields, which come first; the API's whole answer after them is ten times as
    # long.
    try:
        fields, _ = _DECODER.raw_decode(row.head, row.head.index(":") + 1)
    except ValueError:
        whole = sa.select(ActivityObservation.payload).where(
            ActivityObservation.activity_id == row.activity_id, ActivityObservation.source == source
        )
        fields = json.loads(connection.scalar(whole) or "{}")["fields"]
    return fields


def _together(spoken: Sequence[tuple[Any, dict[str, Any]] | None]) -> _Said:
    """What export, summary and detail last said of the gear, in the order of ``merge``."""
    export = spoken[0][1] if spoken[0] is not None else {}
    name, exact, by = export.get("gear_name"), None, None
    ordered = sorted(
        (each[0], rank, each[1]) for rank, each in enumerate(spoken) if each is not None
    )
    for _, rank, fields in ordered:
        if "strava_gear_id" in fields:
            exact, by = fields["strava_gear_id"], "id"
        elif rank == 0 and "gear_name" in fields:
            by = "name"
    may_be = _may_be(export, exact) if name and exact else None
    pair = (name_key(name), exact, may_be) if name and exact and may_be is not None else None
    return _Said(name=name, strava_gear_id=exact, by=by, pair=pair)


def _may_be(fields: Mapping[str, Any], strava_gear_id: str) -> bool | None:
    """Whether an id is the one that the export rounded.

    False if the export tells no id, ``None`` if it tells another one.
    """
    rounded = fields.get("export_bike_id" if strava_gear_id.startswith("b") else "export_gear_id")
    if rounded is None:
        is_told = (
            fields.get("export_bike_id") is not None or fields.get("export_gear_id") is not None
        )
        return None if is_told else False
    digits = strava_gear_id[1:]
    if not digits.isdecimal() or len(digits) > _LONGEST_ID:
        return None
    return True if np.float32(int(digits)) == np.float32(rounded) else None


def _match(said: Iterable[_Said], rows: Sequence[Any]) -> dict[str, int]:
    """Exact id -> key of the row with the matching exported name; each row gets at most one id."""
    votes = Counter(each.pair for each in said if each.pair is not None)
    named = {row.name_key: row.gear_id for row in rows if row.source != "api"}
    told = {
        row.strava_gear_id: name_key(row.strava_name)
        for row in rows
        if row.strava_gear_id and row.strava_name
    }
    # In this order: the name that a detail tells; a rounded id that fits, also that of a renamed
    # bike; the majority of activities; the smaller id.
    pairs = [(0, 0, exact, name) for exact, name in told.items()]
    for (name, exact, is_confirmed), count in votes.items():
        if is_confirmed or exact not in told:
            pairs.append((1 if is_confirmed else 2, -count, exact, name))
    matched: dict[str, int] = {}
    for _, _, exact, name in sorted(pairs):
        if name in named and exact not in matched and named[name] not in matched.values():
            matched[exact] = named[name]
    return matched


def _own_rows(
    connection: sa.Connection, athlete_id: int, ids: Mapping[str, Any], matched: set[str]
) -> None:
    """Give an id that lost the row of a name a row of its own."""
    lost = [row for exact, row in ids.items() if exact not in matched and row.source != "api"]
    new = [_own_row(athlete_id, row.strava_gear_id, row._mapping) for row in lost]
    insert_rows(connection, Gear, new)


def _point(connection: sa.Connection, athlete_id: int, said: Mapping[int, _Said]) -> None:
    # Rows made from the API still have their id after it was matched. In the book the row of the
    # name comes after them and counts.
    book = GearBook(connection, athlete_id)
    query = sa.select(Activity.activity_id, Activity.gear_id).where(
        Activity.athlete_id == athlete_id
    )
    held = {row.activity_id: row.gear_id for row in connection.execute(query)}
    changed: list[dict[str, Any]] = []
    for activity_id, each in said.items():
        folded = {
            "gear_name": each.name,
            "strava_gear_id": each.strava_gear_id,
            "gear_said_by": each.by,
        }
        gear_id = book.resolve(folded)
        if activity_id in held and held[activity_id] != gear_id:
            changed.append({"id": activity_id, "gear": gear_id})
    if changed:
        outdate(connection, [row["id"] for row in changed])
        one = sa.update(Activity).where(Activity.activity_id == sa.bindparam("id"))
        connection.execute(one.values(gear_id=sa.bindparam("gear")), changed)


def _delete_unused(
    connection: sa.Connection, athlete_id: int, ids: Mapping[str, Any], matched: Mapping[str, int]
) -> None:
    """Delete the API's rows of ids that now have a row with a name."""
    old = [
        row.gear_id
        for exact, row in ids.items()
        if exact in matched and row.gear_id != matched[exact]
    ]
    own = sa.delete(Gear).where(
        Gear.athlete_id == athlete_id, Gear.source == "api", Gear.gear_id.in_(old)
    )
    connection.execute(own)
