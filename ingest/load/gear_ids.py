"""Exact ids of gear, which only the API knows, in; rows of ``gear`` that have them out.

The export knows names and, in its older rows, ids rounded to 32-bit floats. Where one activity is known from both, the id of the one
belongs to the name of the other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import sqlalchemy as sa

from db.models import Activity, Gear
from ingest.load.gear import GearBook
from ingest.rows import GearRow, Observation
from ingest.tables.names import name_key

#: PostgreSQL's indexes take 8 kB a row.
_LONGEST_NAME = 500


class GearIds:
    """Brings exact ids into one athlete's gear."""

    def __init__(self, connection: sa.Connection, athlete_id: int, book: GearBook) -> None:
        self._connection, self._athlete_id, self._book = connection, athlete_id, book

    def learn(self, pairs: Iterable[tuple[Observation, str]]) -> None:
        """Give the gear that exports name its ids; a pair is an export's observation and the API's id of the same activity's gear."""
        votes: dict[str, Counter[str]] = {}
        for exported, strava_gear_id in pairs:
            name = exported.fields.get("gear_name")
            if name and _may_be(exported.fields, strava_gear_id):
                votes.setdefault(name_key(name), Counter())[strava_gear_id] += 1
        named = self._rows(Gear.name_key, votes)
        for key, counter in sorted(votes.items()):
            row = named.get(key)
            if row is not None and row.strava_gear_id is None:
                self._give(row, counter.most_common(1)[0][0])
        self._book.read(self._connection)

    def ensure(self, ids: Iterable[str]) -> None:
        """Make rows for ids that nothing names yet; the detail of one of their activities will."""
        wanted = set(ids)
        missing = sorted(wanted - set(self._rows(Gear.strava_gear_id, wanted)))
        for strava_gear_id in missing:
            self._insert(strava_gear_id, strava_gear_id)
        if missing:
            self._book.read(self._connection)

    def describe(self, gear: GearRow) -> None:
        """Bring in what the detail of an activity says of its gear."""
        row = self._rows(Gear.strava_gear_id, [gear.strava_gear_id]).get(gear.strava_gear_id)
        name = gear.name[:_LONGEST_NAME]
        twin = self._rows(Gear.name_key, [name_key(name)]).get(name_key(name))
        if twin is not None and twin.strava_gear_id is None:
            self._give(twin, gear.strava_gear_id)
        elif row is None:
            self._insert(gear.strava_gear_id, name)
        elif row.source == "api" and (row.name, row.nickname) != (name, gear.nickname):
            key = self._free_key(name, gear.strava_gear_id)
            self._update(row.gear_id, name=name, name_key=key, nickname=gear.nickname)
        found = self._rows(Gear.strava_gear_id, [gear.strava_gear_id])[gear.strava_gear_id]
        if (found.is_retired, found.distance_m) != (gear.is_retired, gear.distance_m):
            self._update(found.gear_id, is_retired=gear.is_retired, distance_m=gear.distance_m)
        self._book.read(self._connection)

    def _give(self, row: Any, strava_gear_id: str) -> None:
        """Give an id to the row of a name; a row that only the API knew it by becomes one with it."""
        other = self._rows(Gear.strava_gear_id, [strava_gear_id]).get(strava_gear_id)
        if other is not None and other.source != "api":
            return  # another name has it: the athlete renamed the one between two exports
        if other is not None:
            moved = sa.update(Activity).where(Activity.gear_id == other.gear_id).values(gear_id=row.gear_id)
            self._connection.execute(moved)
            self._connection.execute(sa.delete(Gear).where(Gear.gear_id == other.gear_id))
        self._update(row.gear_id, strava_gear_id=strava_gear_id)

    def _rows(self, column: Any, values: Iterable[str]) -> dict[str, Any]:
        wanted: Sequence[str] = sorted(values)
        query = sa.select(Gear.__table__).where(Gear.athlete_id == self._athlete_id, column.in_(wanted))
        return {row._mapping[column.key]: row for row in self._connection.execute(query)} if wanted else {}

    def _free_key(self, name: str, strava_gear_id: str) -> str:
        """The key of a name; two bikes of one name are told apart by their ids."""
        key = name_key(name)
        taken = self._rows(Gear.name_key, [key]).get(key)
        return key if taken is None or taken.strava_gear_id == strava_gear_id else f"{key} {strava_gear_id}"

    def _insert(self, strava_gear_id: str, name: str) -> None:
        row = {
            "athlete_id": self._athlete_id,
            "strava_gear_id": strava_gear_id,
            "name": name,
            "name_key": self._free_key(name, strava_gear_id),
            "gear_type": {"b": "bike", "g": "shoe"}.get(strava_gear_id[:1]),
            "source": "api",
        }
        self._connection.execute(sa.insert(Gear), row)

    def _update(self, gear_id: int, **values: Any) -> None:
        self._connection.execute(sa.update(Gear).where(Gear.gear_id == gear_id).values(**values))


def _may_be(fields: Mapping[str, Any], strava_gear_id: str) -> bool:
    """Whether an id can be the one that the export rounded; where it tells none, every id can."""
    rounded = fields.get("export_bike_id" if strava_gear_id.startswith("b") else "export_gear_id")
    if rounded is None:
        return fields.get("export_bike_id") is None and fields.get("export_gear_id") is None
    digits = strava_gear_id[1:]
    return digits.isdecimal() and bool(np.float32(int(digits)) == np.float32(rounded))
