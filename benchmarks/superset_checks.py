"""Checks a running Superset and the dashboard ZIP we ship; collects failures and a report."""

from __future__ import annotations

import datetime as dt
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from benchmarks.superset_client import SupersetClient
from db.models import Base
from docs.bi_docs.superset import database_uuid

_SCHEMAS: Final = {"sqlite": "main", "postgresql": "public"}
_DIALECTS: Final[Mapping[str, sa.Dialect]] = {
    "sqlite": sqlite.dialect(),
    "postgresql": postgresql.dialect(),  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it so
}
#: Superset's (SQLAlchemy 1.4) names of types, where the models call them something else.
_CALLED: Final[Mapping[str, Mapping[str, str]]] = {
    "sqlite": {"DOUBLE": "FLOAT"},
    "postgresql": {
        "DOUBLE PRECISION": "DOUBLE_PRECISION",
        "TIMESTAMP WITHOUT TIME ZONE": "TIMESTAMP",
    },
}
#: Orders in which database and dashboard arrive. a: the database is registered with the ZIP's id,
#: then the dashboard is imported. b, as people do it: the dashboard is imported, then told the
#: address.
_FIRST: Final = "a"
_AFTERWARDS: Final = "b"


@dataclass(slots=True)
class Checks:
    """Runs all checks, engine by engine.

    Failures are collected, so that one run shows them all.
    """

    superset: SupersetClient
    zip_file: Path
    failures: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    charts: dict[str, dict[str, int]] = field(default_factory=dict)

    def run(self, addresses: Mapping[str, str]) -> None:
        """All checks on each engine."""
        for engine, address in addresses.items():
            self.superset.clear()
            database = self.superset.register("Strava", address, database_uuid())
            self._schema(engine, database)
            self._own_dataset(engine, database)
            self.superset.import_dashboard(self.zip_file)
            self.superset.import_dashboard(self.zip_file)  # a second import replaces the first
            self.dashboard(engine, _FIRST)
            self._time_range(engine)
            self.superset.clear()
            self.superset.import_dashboard(self.zip_file)
            (made,) = self.superset.listed("database")
            self.superset.move(made["id"], address)
            self.dashboard(engine, _AFTERWARDS)
            self.superset.clear()

    def shipped(self) -> set[str]:
        """The titles of the charts and the tables of the datasets that the ZIP was made from."""
        described = tomllib.loads(
            self.zip_file.with_name("charts.toml").read_text(encoding="utf-8")
        )["charts"]
        return {chart[key] for chart in described for key in ("title", "table")}

    def report(self) -> str:
        """The report for people."""
        ways = list(dict.fromkeys(way for rows in self.charts.values() for way in rows))
        lines = [
            "",
            *self.seen,
            "",
            f"{'rows of each chart':<48}" + "".join(f"{way:>14}" for way in ways),
        ]
        for title, rows in self.charts.items():
            lines.append(f"{title:<48}" + "".join(f"{rows.get(way, 0):>14}" for way in ways))
        lines.append(
            "a: database registered, ZIP imported, imported again over itself; b: ZIP imported, "
            "then its address set"
        )
        lines += ["", *(f"FAILED  {failure}" for failure in self.failures)]
        return "\n".join(
            [*lines, "all good" if not self.failures else f"{len(self.failures)} failures"]
        )

    def _expect(self, is_so: bool, failure: str) -> None:
        if not is_so:
            self.failures.append(failure)

    def _schema(self, engine: str, database: int) -> None:
        """Tables, types, foreign keys and comments, as SQL Lab shows them."""
        tables = self.superset.tables(database, _SCHEMAS[engine])
        self._expect(set(Base.metadata.tables) <= tables, f"{engine}: tables are missing")
        counted = dict.fromkeys(("columns", "typed", "foreign keys", "comments"), 0)
        for table in Base.metadata.sorted_tables:
            found = self.superset.table(database, _SCHEMAS[engine], table.name)
            for name, number in self._table(engine, table, found).items():
                counted[name] += number
        has_comments = counted["comments"] == (counted["columns"] if engine == "postgresql" else 0)
        self._expect(
            has_comments,
            f"{engine}: {counted['comments']} comments of {counted['columns']} columns",
        )
        shown = ", ".join(f"{number} {name}" for name, number in counted.items())
        self.seen.append(f"{engine:<12}{len(tables)} tables and views: {shown}")

    def _table(self, engine: str, table: sa.Table, found: Mapping[str, Any]) -> dict[str, int]:
        columns = {one["name"]: one for one in found["columns"]}
        typed = {name for name, kind in _types(engine, table) if columns[name]["longType"] == kind}
        for name in set(table.columns.keys()) - typed:
            self.failures.append(f"{engine}: {table.name}.{name} is {columns[name]['longType']}")
        keys = {(one["column_names"][0], one["referred_table"]) for one in found["foreignKeys"]}
        wanted = {(key.parent.name, key.column.table.name) for key in table.foreign_keys}
        self._expect(keys == wanted, f"{engine}: {table.name} refers to {keys}, not {wanted}")
        comments = sum(
            columns[column.name]["comment"] == column.comment for column in table.columns
        )
        return {
            "columns": len(table.columns),
            "typed": len(typed),
            "foreign keys": len(keys),
            "comments": comments,
        }

    def _own_dataset(self, engine: str, database: int) -> None:
        """Check the dataset that Superset makes of a table: times are times, numbers numbers."""
        table = Base.metadata.tables["activities"]
        made = self.superset.make_dataset(database, _SCHEMAS[engine], table.name)
        times = {one["column_name"] for one in made["columns"] if one["is_dttm"]}
        wanted = {
            c.name
            for c in table.columns
            if c.type.compile(dialect=_DIALECTS["sqlite"]) in ("TIMESTAMP", "DATE")
        }
        self._expect(
            times == wanted, f"{engine}: a new dataset takes {times ^ wanted} for times or not"
        )
        described = sum(bool(one["description"]) for one in made["columns"])
        self._expect(
            described == (len(table.columns) if engine == "postgresql" else 0),
            f"{engine}: {described} described",
        )
        self.seen.append(
            f"{'':<12}a new dataset of activities: {len(times)} times, {described} columns "
            "described"
        )

    def dashboard(self, engine: str, way: str) -> None:
        """Check that every chart has rows, and every dataset its columns with their meanings."""
        for dataset in self.superset.listed("dataset"):
            found = self.superset.details("dataset", dataset["id"])
            columns = {
                one["column_name"] for one in found["columns"] if one["description"] and one["type"]
            }
            wanted = set(Base.metadata.tables[found["table_name"]].columns.keys())
            self._expect(
                columns == wanted,
                f"{engine}: dataset {found['table_name']} misses {wanted - columns}",
            )
        charts = self.superset.listed("chart")
        came = {
            *(one["slice_name"] for one in charts),
            *(one["table_name"] for one in self.superset.listed("dataset")),
        }
        self.failures += [
            f"{engine} {way}: {name} is missing" for name in sorted(self.shipped() - came)
        ]
        self._expect(
            set(self._titles()) == {one["slice_name"] for one in charts},
            f"{engine}: a chart has no place",
        )
        for chart in sorted(charts, key=lambda one: str(one["slice_name"])):
            rows = self._rows(f"{engine} {way}", chart)
            self.charts.setdefault(chart["slice_name"], {})[f"{engine} {way}"] = rows

    def _titles(self) -> Iterator[str]:
        (dashboard,) = self.superset.listed("dashboard")
        position = json.loads(self.superset.details("dashboard", dashboard["id"])["position_json"])
        for part in position.values():
            if isinstance(part, dict) and part["type"] == "CHART":
                yield part["meta"]["sliceName"]

    def _rows(self, where: str, chart: Mapping[str, Any]) -> int:
        try:
            answer = self.superset.chart_data(chart["id"])
        except RuntimeError as err:
            self.failures.append(f"{where}: {chart['slice_name']}: {err}")
            return 0
        self._expect(
            answer["rowcount"] > 0 and not answer.get("error"),
            f"{where}: {chart['slice_name']} has no rows",
        )
        return int(answer["rowcount"])

    def _time_range(self, engine: str) -> None:
        """Check that a time range holds its first day and not its last.

        SQLite compares days as texts, so this can go wrong there.
        """
        (chart,) = (
            one for one in self.superset.listed("chart") if one["slice_name"] == "All activities"
        )
        context = json.loads(self.superset.details("chart", chart["id"])["query_context"])
        query = context["queries"][0]
        query["columns"], query["orderby"] = ["local_date", "activity_id"], []
        days = sorted(map(_day, self.superset.data(context)["data"]))
        first, last = days[len(days) // 2], days[-1]
        for one in query["filters"]:
            if one["op"] == "TEMPORAL_RANGE":
                one["val"] = f"{first} : {last}"
        found = sorted(map(_day, self.superset.data(context)["data"]))
        self._expect(
            found == [day for day in days if first <= day < last],
            f"{engine}: {first} : {last} holds others",
        )
        self.seen.append(f"{'':<12}time range {first} : {last}: {len(found)} activities")


def _day(row: Mapping[str, Any]) -> dt.date:
    """The day of a row: a text in SQLite's answer, milliseconds in PostgreSQL's."""
    day = row["local_date"]
    return (
        dt.date.fromisoformat(day)
        if isinstance(day, str)
        else dt.datetime.fromtimestamp(day / 1000, dt.UTC).date()
    )


def _types(engine: str, table: sa.Table) -> Iterator[tuple[str, str]]:
    for column in table.columns:
        kind = column.type.compile(dialect=_DIALECTS[engine])
        yield column.name, _CALLED[engine].get(kind, kind)
