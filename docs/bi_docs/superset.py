"""Makes the dashboard ZIP that Superset imports, from ``charts.toml`` and the models.

It is a ZIP of YAML, the same bytes each time.
"""

from __future__ import annotations

import io
import json
import re
import tomllib
import uuid
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from db.dictionary import meaning
from db.models import Base
from docs.bi_docs.superset_charts import is_temporal, params, query_context
from docs.bi_docs.yaml_text import to_yaml

_NAMESPACE: Final = uuid.uuid5(uuid.NAMESPACE_URL, "strava-ingest/docs/bi/superset")
_VERSION: Final = "1.0.0"
_TITLE: Final = "Strava"
_COLUMNS: Final = 12
#: Address of the database until whoever imports the dashboard changes it. Superset accepts
#: addresses of servers without further settings.
_ADDRESS: Final = "postgresql+psycopg2://bi@localhost/strava"
#: Date of the ZIP's members: valid for every program that reads ZIPs, and always the same.
_WRITTEN: Final = (2000, 1, 1, 0, 0, 0)


def dashboard_zip(charts: Path) -> bytes:
    """The whole file."""
    listed = tomllib.loads(charts.read_text(encoding="utf-8"))["charts"]
    described = [{**chart, "number": number} for number, chart in enumerate(listed, start=1)]
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_STORED) as archive:
        for name, content in _files(described):
            info = zipfile.ZipInfo(f"strava/{name}", _WRITTEN)
            info.create_system, info.external_attr = 3, 0o644 << 16
            archive.writestr(info, to_yaml({**content, "version": _VERSION}))
    return written.getvalue()


def database_uuid() -> str:
    """The id by which the ZIP refers to the database, whatever its address."""
    return _uuid("database")


def _uuid(name: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, name))


def _files(charts: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "metadata.yaml", {"type": "Dashboard", "timestamp": "2000-01-01T00:00:00+00:00"}
    yield "databases/Strava.yaml", _database()
    for name in sorted({chart["table"] for chart in charts}):
        yield f"datasets/Strava/{name}.yaml", _dataset(Base.metadata.tables[name])
    for chart in charts:
        yield f"charts/{_slug(chart)}.yaml", _chart(chart)
    yield "dashboards/Strava.yaml", _dashboard(charts)


def _slug(chart: Mapping[str, Any]) -> str:
    return re.sub(r"\W+", "_", chart["title"]).strip("_")


def _database() -> dict[str, Any]:
    return {
        "database_name": _TITLE,
        "sqlalchemy_uri": _ADDRESS,
        "expose_in_sqllab": True,
        "allow_dml": False,
        "extra": {},
        "uuid": database_uuid(),
    }


def _dataset(table: sa.Table) -> dict[str, Any]:
    """A dataset of a table, with types and meanings.

    It names no schema, so that each engine finds the table in its own.
    """
    times = [column.name for column in table.columns if is_temporal(column.type)]
    return {
        "table_name": table.name,
        "main_dttm_col": next(
            (name for name in times if name in ("local_date", "date", "period_start")), None
        ),
        "description": table.comment,
        "schema": None,
        "catalog": None,
        "sql": None,
        "uuid": _uuid(f"dataset {table.name}"),
        "database_uuid": database_uuid(),
        "metrics": [{"metric_name": "count", "expression": "COUNT(*)", "verbose_name": "Rows"}],
        "columns": [_column(column) for column in table.columns],
    }


def _column(column: sa.Column[Any]) -> dict[str, Any]:
    is_day = isinstance(column.type, sa.Date)
    return {
        "column_name": column.name,
        "type": column.type.compile(dialect=sqlite.dialect()),
        "is_dttm": is_temporal(column.type),
        # SQLite compares days as texts; a time after the day would exclude a range's first day.
        "python_date_format": "%Y-%m-%d" if is_day else None,
        "groupby": True,
        "filterable": True,
        "description": meaning(column),
    }


def _chart(chart: Mapping[str, Any]) -> dict[str, Any]:
    form = params(chart)
    return {
        "slice_name": chart["title"],
        "viz_type": chart["kind"],
        "params": form,
        "query_context": json.dumps(query_context(chart, form), ensure_ascii=False),
        "uuid": _uuid(f"chart {chart['title']}"),
        "dataset_uuid": _uuid(f"dataset {chart['table']}"),
    }


def _dashboard(charts: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "dashboard_title": _TITLE,
        "slug": "strava",
        "published": True,
        "uuid": _uuid("dashboard"),
        "position": _position(charts),
        "metadata": {
            "native_filter_configuration": list(_native_filters()),
            "cross_filters_enabled": False,
        },
    }


def _native_filters() -> Iterator[dict[str, Any]]:
    # Filters by the athlete's id, which every dataset has; only some have the name.
    yield _choice("Athlete", "athlete_id", is_several=False)
    yield _choice("Sport group", "sport_group", is_several=True)
    yield {
        **_filter("Time range", "time", "filter_time"),
        "targets": [{}],
        "controlValues": {},
    }


def _choice(name: str, column: str, *, is_several: bool) -> dict[str, Any]:
    """A filter of the values that a column of the widest dataset has."""
    return {
        **_filter(name, column, "filter_select"),
        "targets": [{"datasetUuid": _uuid("dataset activity_facts"), "column": {"name": column}}],
        "controlValues": {
            "multiSelect": is_several,
            "enableEmptyFilter": False,
            "searchAllOptions": False,
        },
    }


def _filter(name: str, key: str, kind: str) -> dict[str, Any]:
    return {
        "id": f"NATIVE_FILTER-{key}",
        "name": name,
        "filterType": kind,
        "type": "NATIVE_FILTER",
        "scope": {"rootPath": ["ROOT_ID"], "excluded": []},
        "cascadeParentIds": [],
        "defaultDataMask": {"filterState": {}, "extraFormData": {}},
    }


def _rows(charts: Iterable[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    rows: list[list[dict[str, Any]]] = [[]]
    for chart in charts:
        if sum(one["width"] for one in rows[-1]) + chart["width"] > _COLUMNS:
            rows.append([])
        rows[-1].append(chart)
    return rows


def _position(charts: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The tree of rows and charts in Superset's flat form, by ids."""
    rows = _rows(charts)
    names = [f"ROW-{number}" for number in range(len(rows))]
    position: dict[str, Any] = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"id": "ROOT_ID", "type": "ROOT", "children": ["GRID_ID"]},
        "GRID_ID": {"id": "GRID_ID", "type": "GRID", "children": names, "parents": ["ROOT_ID"]},
        "HEADER_ID": {"id": "HEADER_ID", "type": "HEADER", "meta": {"text": _TITLE}},
    }
    for name, row in zip(names, rows, strict=True):
        placed = {f"CHART-{_slug(chart)}": chart for chart in row}
        position[name] = {
            "id": name,
            "type": "ROW",
            "children": list(placed),
            "parents": ["ROOT_ID", "GRID_ID"],
            "meta": {"background": "BACKGROUND_TRANSPARENT"},
        }
        position |= {key: _place(key, name, chart) for key, chart in placed.items()}
    return position


def _place(key: str, row: str, chart: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": key,
        "type": "CHART",
        "children": [],
        "parents": ["ROOT_ID", "GRID_ID", row],
        "meta": {
            "chartId": chart["number"],
            "width": chart["width"],
            "height": chart.get("height", 50),
            "sliceName": chart["title"],
            "uuid": _uuid(f"chart {chart['title']}"),
        },
    }
