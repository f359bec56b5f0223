"""Finds or creates the rows of ``gear`` for names and exact ids of bikes and shoes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from db.batches import chunks
from db.models import Activity, Gear, GearComponent
from db.upsert import upsert
from ingest.transform.tables.names import name_key


class GearBook:
    """The gear of one athlete, by normalised name, since exports know no exact ids.

    ``gear_ids`` adds the ids.
    """

    def __init__(self, connection: sa.Connection, athlete_id: int) -> None:
        self._athlete_id = athlete_id
        self._keys: dict[str, int] = {}
        #: Normalised names of rows that this object created.
        self._made: set[str] = set()
        #: Exact id -> key and normalised name.
        self._ids: dict[str, tuple[int, str]] = {}
        self.read(connection)

    def read(self, connection: sa.Connection) -> None:
        """Read the table again."""
        rows = list(
            connection.execute(sa.select(Gear.__table__).where(Gear.athlete_id == self._athlete_id))
        )
        self._keys = {row.name_key: row.gear_id for row in rows}
        # When an id has just been matched with a name, the row that only the API made still exists.
        # The row with the name is sorted behind it, so that it counts.
        rows.sort(key=lambda row: row.source != "api")
        self._ids = {
            row.strava_gear_id: (row.gear_id, name_key(row.name))
            for row in rows
            if row.strava_gear_id
        }

    def gear_id(self, name: str | None) -> int | None:
        """The key of the gear with this name, as activities show it."""
        return self._keys.get(name_key(name)) if name else None

    def resolve(self, folded: Mapping[str, Any]) -> int | None:
        """The key of an activity's gear, by name or by exact id, whichever was said last.

        Two bikes of the same name have two ids.
        """
        exact, name = folded.get("strava_gear_id"), folded.get("gear_name")
        by_id, its_name = self._ids.get(exact, (None, None)) if exact else (None, None)
        if folded.get("gear_said_by") == "id" or (name and its_name == name_key(name)):
            return by_id
        return self.gear_id(name)

    def knows(self, name: str) -> bool:
        """Whether there is a row with this name."""
        return name_key(name) in self._keys

    def describe(self, connection: sa.Connection, rows: Iterable[Mapping[str, Any]]) -> None:
        """Store the rows of the newest export's bikes.csv and shoes.csv."""
        self._upsert(connection, map(self._described, rows))

    def describe_used(
        self, connection: sa.Connection, rows: Iterable[Mapping[str, Any]], names: Collection[str]
    ) -> None:
        """Store what an older export says of gear that is in use and has no newer description."""
        wanted = {*self._keys, *map(name_key, names)} - self._described_keys(connection)
        self._upsert(
            connection,
            (self._described(r) for r in rows if name_key(r["display_name"] or "") in wanted),
        )

    def _described_keys(self, connection: sa.Connection) -> set[str]:
        told = sa.or_(Gear.brand.is_not(None), Gear.model.is_not(None), Gear.nickname.is_not(None))
        return set(
            connection.scalars(
                sa.select(Gear.name_key).where(Gear.athlete_id == self._athlete_id, told)
            )
        )

    def _described(self, row: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "name": row["display_name"],
            "gear_type": row["kind"],
            "nickname": row.get("name"),
            "brand": row.get("brand"),
            "model": row.get("model"),
            "default_sport_types": row.get("default_sport_types"),
        }

    def forget_unused(
        self, connection: sa.Connection, described: Iterable[Mapping[str, Any]] | None
    ) -> None:
        """Delete gear without activities and without id, like the old name of a renamed bike.

        ``described`` are the rows of the newest export's bikes.csv and shoes.csv; this gear stays.
        It is ``None`` for an older export, which deletes only gear that it created itself.
        """
        kept = (
            None
            if described is None
            else {name_key(row["display_name"] or "") for row in described}
        )
        used = sa.union(
            *(sa.select(m.gear_id).where(m.gear_id.is_not(None)) for m in (Activity, GearComponent))
        )
        unused = sa.select(Gear.gear_id, Gear.name_key).where(
            Gear.athlete_id == self._athlete_id,
            Gear.source == "export",
            Gear.strava_gear_id.is_(None),
            Gear.gear_id.not_in(used),
        )
        gone = [
            gear_id
            for gear_id, key in connection.execute(unused)
            if (key in self._made if kept is None else key not in kept)
        ]
        for some in chunks(gone):
            connection.execute(sa.delete(Gear).where(Gear.gear_id.in_(some)))

    def add(self, connection: sa.Connection, names: Mapping[str, str | None]) -> None:
        """Create rows for names that only activities show.

        ``names`` maps each name to bike, shoe or ``None``.
        """
        rows = [
            {"name": name, "gear_type": kind}
            for name, kind in sorted(names.items())
            if not self.knows(name)
        ]
        self._upsert(connection, rows)

    def _upsert(self, connection: sa.Connection, rows: Iterable[Mapping[str, Any]]) -> None:
        unique = {
            name_key(row["name"]): row for row in rows if row["name"] and name_key(row["name"])
        }
        of_export = {"athlete_id": self._athlete_id, "source": "export"}
        complete = [{**of_export, "name_key": key, **row} for key, row in unique.items()]
        self._made |= unique.keys() - self._keys.keys()
        if complete:
            upsert(connection, Gear, complete, by=("athlete_id", "name_key"))
            self.read(connection)
