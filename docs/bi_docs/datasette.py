"""Makes Datasette's metadata: titles, meanings, labels, facets and canned queries.

It is made from the models and a folder of queries.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import sqlalchemy as sa

from db.dictionary import meaning
from db.models import Base
from db.models.base import unit_of
from docs.bi_docs.yaml_text import to_yaml

#: Tables that serve the importer; they stay visible, but are not what people look for.
_LEDGER: Final = (
    "activity_observations",
    "alembic_version",
    "import_files",
    "import_issues",
    "import_runs",
    "purged_activities",
    "sqlite_stat1",
    "sync_queue",
    "sync_state",
)
#: Columns that represent a row where another table refers to it.
_LABELS: Final = {
    "activities": "name",
    "activity_facts": "name",
    "athletes": "first_name",
    "dates": "date",
    "gear": "name",
    "segment_efforts": "name",
}
_FACETS: Final = {
    "activity_facts": ["sport_group", "year", "gear_name"],
    "activities": ["sport_type"],
    "duplicate_candidates": ["certainty"],
    "best_efforts": ["name", "source"],
    "gear_mileage": ["gear_type", "part"],
    "period_summary": ["period_type", "sport_group", "year"],
    "personal_records": ["name", "is_current"],
    "pace_at_heart_rate": ["sport_group", "from_bpm"],
    "route_groups": ["route_name", "sport_group"],
    "split_pace": ["unit", "sport_type"],
    "splits": ["unit", "source"],
    "streaks": ["period_type", "sport_group"],
    "year_to_date": ["year", "sport_group"],
    "zone_times": ["zone_type", "zone_index"],
}
_NEWEST_FIRST: Final = {
    "activities": "start_time_utc",
    "activity_facts": "start_time_local",
    "daily_load": "date",
    "duplicate_candidates": "start_time_utc",
    "dates": "date",
    "gear_mileage": "distance_km",
    "pace_at_heart_rate": "month_start",
    "period_summary": "period_start",
    "personal_records": "local_date",
    "route_groups": "activity_count",
    "streaks": "length",
    "year_to_date": "date",
}
#: Puts the meanings of a table's columns below its rows, where they push nothing down, and gives
#: maps of routes a width before they are drawn.
_STYLE: Final = (
    "section.content{display:flex;flex-direction:column;align-items:stretch}"
    "section.content>*{min-width:0}"
    ".column-descriptions{order:1;margin-top:2em}"
    ".col-route{width:420px;max-width:420px;overflow:hidden}"
    # On a phone: maps of routes as wide as the page, and names of parameters above their fields.
    "@media(max-width:576px){.leaflet-container{min-width:0!important}"
    "form.sql label{display:block;width:auto}}"
)
_PARAMETER: Final = re.compile(r"(?<![:\w]):([a-z_]+)")


def metadata_yaml(queries: Path) -> str:
    """The metadata that ``datasette -m`` loads.

    Datasette finds a database's part by the name of its file: strava.db, or else demo.db.
    """
    whole = {
        "title": "Your Strava history",
        "description": "Every table, and queries with maps: follow the link to the database",
        "extra_css_urls": [f"data:text/css,{quote(_STYLE)}"],
        "databases": {"strava": _database(queries)},
    }
    text = to_yaml(whole)
    return text.replace("\n  strava:\n", "\n  strava: &strava\n", 1) + "  demo: *strava\n"


def _database(queries: Path) -> dict[str, Any]:
    return {
        "title": "Strava",
        "description": "Start with activity_facts, or with one of the queries. Units are in the "
        "names of columns",
        "queries": {
            path.stem: _query(path.read_text(encoding="utf-8"))
            for path in sorted(queries.glob("*.sql"))
        },
        "tables": {
            **{name: {"hidden": True} for name in _LEDGER if name not in Base.metadata.tables},
            **{name: _table(table) for name, table in sorted(Base.metadata.tables.items())},
        },
    }


def _query(text: str) -> dict[str, Any]:
    """A canned query from a SQL file: its first line is the title, its second the description."""
    title, description, sql = text.split("\n", 2)
    found = {
        "title": title.removeprefix("-- "),
        "description": description.removeprefix("-- "),
        "sql": sql.strip(),
        "hide_sql": True,
    }
    names = list(dict.fromkeys(_PARAMETER.findall(sql)))
    return {**found, "params": names} if names else found


def _table(table: sa.Table) -> dict[str, Any]:
    name = table.name
    options: dict[str, Any] = {"description": table.comment, "columns": _meanings(table)}
    if name in _LEDGER:
        options["hidden"] = True
    if name in _LABELS:
        options["label_column"] = _LABELS[name]
    if name in _FACETS:
        options["facets"] = _FACETS[name]
    if name in _NEWEST_FIRST:
        options["sort_desc"] = _NEWEST_FIRST[name]
    return options


def _meanings(table: sa.Table) -> dict[str, str]:
    """Meanings of a table's columns, without those that only repeat the column's name."""
    return {column.name: meaning(column) for column in table.columns if not _repeats(column)}


def _repeats(column: sa.Column[Any]) -> bool:
    """Whether the comment only repeats the name, as "Moving time" does for moving_time_h.

    A unit of several words says more than the suffix does.
    """
    said = re.sub(r"\W", "", str(column.comment)).lower()
    return said in column.name.replace("_", "") and " " not in (unit_of(column.name) or "")
