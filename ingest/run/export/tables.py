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
from ingest.extract.archive import Member
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
from ingest.load.forgotten import welcome_back
from ingest.load.gear import GearBook
from ingest.load.ledger import newest_export
from ingest.load.workout_sets import replace_workout_sets
from ingest.run.export.open_export import OpenExport
from ingest.transform.records import Issue
from ingest.transform.tables.activities import ActivityLine

_GEAR: Final = ("bikes.csv", "shoes.csv")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportTables:
    """The small tables of one export, and what is wrong with its files."""

    export: OpenExport
    tables: Mapping[str, SmallTable]
    issues: list[Issue]

    @classmethod
    def of(cls, export: OpenExport) -> ExportTables:
        """Read the small tables of an export."""
        tables, issues = small_tables(export.archive, export.table.dates)
        issues += [
            *map(as_issue, export.archive.refused),
            *map(as_issue, export.table.errors),
            *unknown_files(export.archive),
        ]
        issues += [
            as_issue(err)
            for name in _GEAR
            if name in tables
            for err in _of_one_name(name, tables[name])
        ]
        return cls(export=export, tables=tables, issues=issues)

    def begin(self, connection: sa.Connection) -> GearBook:
        """Bring in what activities refer to, and what this export says of itself."""
        # Names of gear and athlete come with the small tables.
        sync_state.mark_stale(connection, self.export.athlete_id)
        claim(connection, self.export.athlete_id, self.export.activity_ids)
        gear = self._bring_in(connection)
        self._add_gear(connection, gear, self.export.table.lines)
        return gear

    def _bring_in(self, connection: sa.Connection) -> GearBook:
        """Bring in the small CSVs that this export knows better than the database."""
        export, athlete_id = self.export, self.export.athlete_id
        known = ledger.known_files(connection, athlete_id, "table")
        # What an older export says of a table is past.
        fresh = {
            name
            for name in self.tables
            if name not in known or export.exported_at >= known[name].exported_at
        }
        files = {name: self.tables[name].rows for name in self.tables if name in fresh}
        if "routes.csv" in files:
            route_names(export.archive, self.tables["routes.csv"].rows)
        snapshots.ensure_athlete(connection, athlete_id, files)
        gear = GearBook(connection, athlete_id)
        for name in _GEAR:
            if name in self.tables:
                rows = self.tables[name].rows
                if name in fresh:
                    gear.describe(connection, rows)
                else:
                    named = {line.gear_name for line in export.table.lines if line.gear_name}
                    gear.describe_used(connection, rows, named)
        snapshots.replace_snapshots(connection, athlete_id, files)
        if "components.csv" in files:
            snapshots.replace_components(connection, athlete_id, files["components.csv"], gear)
        ledger.remember_files(
            connection, [self._table_row(self.tables[name]) for name in sorted(fresh)]
        )
        if self._is_newest(connection):  # issues of an older export are out of date
            ledger.forget_general_issues(connection, athlete_id)
            ledger.add_issues(connection, export.run_id, athlete_id, export.name, self.issues)
        return gear

    def _is_newest(self, connection: sa.Connection) -> bool:
        newest = newest_export(connection, self.export.athlete_id)
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
                fields = line.fields_of("export_bike_id", "export_gear_id")
                kinds = (("export_bike_id", "bike"), ("export_gear_id", "shoe"))
                names[line.gear_name] = next((kind for key, kind in kinds if fields.get(key)), None)
        gear.add(connection, names)

    def finish(self, connection: sa.Connection, gear: GearBook) -> None:
        """Bring in what needs all activities, and note that the export is imported."""
        export, athlete_id = self.export, self.export.athlete_id
        sync_state.mark_stale(connection, athlete_id)
        self._forget_gear(connection, gear)
        if self._is_newest(connection):
            if export.table.lines:
                language = export.table.lines[0].layout.header.language
                code = None if language is None else language.code
                sync_state.LANGUAGE.set(connection, code, athlete_id)
            captions = [
                row
                for name in ("media.csv", "photos.csv")
                if name in self.tables
                for row in self.tables[name].rows
            ]
            snapshots.replace_media(
                connection, athlete_id, export.exported_at, media_of(export.table), captions
            )
            if "structured_details.csv" in self.tables:
                rows = self.tables["structured_details.csv"].rows
                replace_workout_sets(connection, athlete_id, export.exported_at, rows)
        activities = export.archive.find(ACTIVITIES)
        assert activities is not None
        rows_read = len(export.table.lines)
        name = ledger.export_name(export.name, export.found.fingerprint)
        whole = Member(name=name, size=sum(m.size for m in export.archive.members.values()))
        inputs = [
            export.ledger_row(activities, "table", row_count=rows_read, file_format="csv"),
            export.ledger_row(
                whole,
                "export",
                file_format="folder" if export.found.path.is_dir() else "zip",
                parser_version=reader_version(),
                content_hash=export.found.content,
                row_count=rows_read,
            ),
        ]
        ledger.remember_files(connection, inputs)
        welcome_back(connection, export.found.fingerprint, export.found.content)

    def _forget_gear(self, connection: sa.Connection, gear: GearBook) -> None:
        if not self._is_newest(connection):
            gear.forget_unused(connection, None)
        elif all(name in self.tables for name in _GEAR):
            gear.forget_unused(
                connection, [row for name in _GEAR for row in self.tables[name].rows]
            )

    def _table_row(self, table: SmallTable) -> dict[str, Any]:
        rows_read = len(table.rows)
        return self.export.ledger_row(table.member, "table", row_count=rows_read, file_format="csv")


def _of_one_name(file: str, table: SmallTable) -> Iterator[BadTable]:
    """Bikes that cannot be told apart: activities name them by nothing but their names."""
    names = Counter(row["display_name"] for row in table.rows if row["display_name"])
    for name, count in names.items():
        if count > 1:
            yield BadTable(
                file,
                f"{count} pieces of gear have the name {name}; the database has one row for them, "
                "with the brand and model of the last one",
            )
