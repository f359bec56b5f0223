"""Imports what an export holds around its activities: small tables, gear, pictures, sets.

Small tables and gear come before the activities. Pictures, sets and the ledger's note that all is
done come after them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from ingest.errors import BadTable
from ingest.extract.archive import Archive, Member
from ingest.extract.drop_folder import Export
from ingest.extract.export_files import (
    ACTIVITIES,
    SmallTable,
    as_issue,
    media_of,
    reader_version,
    route_names,
    small_tables,
    unknown_files,
)
from ingest.load import ledger, sync_state
from ingest.load import small_tables as snapshots
from ingest.load.athlete_claims import claim
from ingest.load.gear import GearBook
from ingest.load.reconcile import newest_export
from ingest.load.workout_sets import replace_workout_sets
from ingest.transform.records import Issue
from ingest.transform.tables.activities import ActivityLine, ActivityTable

_GEAR: Final = ("bikes.csv", "shoes.csv")


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """The parts of one export around its activities."""

    export: Export
    athlete_id: int
    archive: Archive
    table: ActivityTable
    tables: Mapping[str, SmallTable]
    issues: list[Issue]
    run_id: int

    @classmethod
    def of(
        cls, export: Export, athlete_id: int, archive: Archive, table: ActivityTable, run_id: int
    ) -> Surroundings:
        """Read the small tables of an export."""
        tables, issues = small_tables(archive, table.dates)
        issues += [
            *map(as_issue, archive.refused),
            *map(as_issue, table.issues),
            *unknown_files(archive),
        ]
        issues += [
            as_issue(err)
            for name in _GEAR
            if name in tables
            for err in _of_one_name(name, tables[name])
        ]
        return cls(
            export=export,
            athlete_id=athlete_id,
            archive=archive,
            table=table,
            tables=tables,
            issues=issues,
            run_id=run_id,
        )

    def begin(self, connection: sa.Connection) -> GearBook:
        """Bring in what activities refer to, and what this export says of itself."""
        sync_state.mark_stale(connection)  # names of gear and athlete come with the small tables
        claim(connection, self.athlete_id, [line.activity_id for line in self.table.lines])
        gear = self._bring_in(connection)
        self._add_gear(connection, gear, self.table.lines)
        return gear

    def _bring_in(self, connection: sa.Connection) -> GearBook:
        """Bring in the small CSVs that this export knows better than the database."""
        known = ledger.known_files(connection, self.athlete_id, "table")
        fresh = _fresh(self.tables, known, self.export)
        files = {name: self.tables[name].rows for name in self.tables if name in fresh}
        if "routes.csv" in files:
            route_names(self.archive, self.tables["routes.csv"].rows)
        snapshots.ensure_athlete(connection, self.athlete_id, files)
        gear = GearBook(connection, self.athlete_id)
        for name in _GEAR:
            if name in self.tables:
                rows = self.tables[name].rows
                if name in fresh:
                    gear.describe(connection, rows)
                else:
                    named = {line.gear_name for line in self.table.lines if line.gear_name}
                    gear.describe_used(connection, rows, named)
        snapshots.replace_snapshots(connection, self.athlete_id, files)
        if "components.csv" in files:
            snapshots.replace_components(connection, self.athlete_id, files["components.csv"], gear)
        ledger.remember_files(
            connection, [self._table_row(self.tables[name]) for name in sorted(fresh)]
        )
        if self._is_newest(connection):  # what an older export says of itself is past
            ledger.forget_general_issues(connection, self.athlete_id)
            ledger.add_issues(
                connection, self.run_id, self.athlete_id, self.export.name, self.issues
            )
        return gear

    def _is_newest(self, connection: sa.Connection) -> bool:
        newest = newest_export(connection, self.athlete_id)
        return newest is None or self.export.exported_at >= newest

    def _add_gear(
        self, connection: sa.Connection, gear: GearBook, lines: list[ActivityLine]
    ) -> None:
        """Gear that only activities name (retired, renamed) gets its rows before the activities
        that point to it.
        """
        names: dict[str, str | None] = {}
        for line in lines:
            if line.gear_name and not gear.knows(line.gear_name) and not names.get(line.gear_name):
                fields = line.fields()
                kinds = (("export_bike_id", "bike"), ("export_gear_id", "shoe"))
                names[line.gear_name] = next((kind for key, kind in kinds if fields.get(key)), None)
        gear.add(connection, names)

    def finish(self, connection: sa.Connection, gear: GearBook) -> None:
        """Bring in what needs all activities, and the ledger's word that this export is done."""
        self._forget_gear(connection, gear)
        if self._is_newest(connection):
            captions = [
                row
                for name in ("media.csv", "photos.csv")
                if name in self.tables
                for row in self.tables[name].rows
            ]
            snapshots.replace_media(
                connection, self.athlete_id, self.export.exported_at, media_of(self.table), captions
            )
            if "structured_details.csv" in self.tables:
                rows = self.tables["structured_details.csv"].rows
                replace_workout_sets(connection, self.athlete_id, self.export.exported_at, rows)
        activities = self.archive.find(ACTIVITIES)
        assert activities is not None
        name = ledger.export_name(self.export.name, self.export.fingerprint)
        export = Member(name=name, size=sum(m.size for m in self.archive.members.values()))
        inputs = [
            self.input_row(activities, "table")
            | {"row_count": len(self.table.lines), "file_format": "csv"},
            self.input_row(export, "export")
            | {
                "file_format": "folder" if self.export.path.is_dir() else "zip",
                "parser_version": reader_version(),
                "content_hash": self.export.content,
                "row_count": len(self.table.lines),
            },
        ]
        ledger.remember_files(connection, inputs)

    def _forget_gear(self, connection: sa.Connection, gear: GearBook) -> None:
        if not self._is_newest(connection):
            gear.forget_unused(connection, None)
        elif all(name in self.tables for name in _GEAR):
            gear.forget_unused(
                connection, [row for name in _GEAR for row in self.tables[name].rows]
            )

    def _table_row(self, table: SmallTable) -> dict[str, Any]:
        return self.input_row(table.member, "table") | {
            "row_count": len(table.rows),
            "file_format": "csv",
        }

    def input_row(self, member: Member, kind: str) -> dict[str, Any]:
        """A row of the ledger about one input."""
        return {
            "athlete_id": self.athlete_id,
            "file_kind": kind,
            "name": member.name,
            "origin": self.export.name,
            "exported_at": self.export.exported_at,
            "size_bytes": member.size,
            "crc32": member.crc32,
            "modified_at": member.modified_at,
            "activity_ids": None,
            "content_hash": None,
            "file_format": None,
            "parser_version": None,
            "status": "read",
            "row_count": None,
            "run_id": self.run_id,
        }


def _of_one_name(file: str, table: SmallTable) -> Iterator[BadTable]:
    """Bikes that cannot be told apart: activities name them by nothing but their names."""
    names = Counter(row["display_name"] for row in table.rows if row["display_name"])
    for name, count in names.items():
        if count > 1:
            yield BadTable(
                file,
                f"{count} are named {name}: they are one row of gear, with the brand and model of "
                "the last one",
            )


def _fresh(
    tables: Mapping[str, SmallTable], known: Mapping[str, ledger.KnownFile], export: Export
) -> set[str]:
    """The CSVs whose word is newer than what the database has; what an older export says of them is
    past.
    """
    return {
        name
        for name in tables
        if name not in known or export.exported_at >= known[name].exported_at
    }
