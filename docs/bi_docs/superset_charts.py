"""Turns a chart of ``charts.toml`` into what Superset stores: its form and its query."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa

from db.models import Base

_ROWS: Final = 10_000
_TOTALS: Final = "big_number_total"


def params(chart: Mapping[str, Any]) -> dict[str, Any]:
    """The form of a chart, as Superset's *Explore* would fill it in."""
    form: dict[str, Any] = {
        "viz_type": chart["kind"],
        "adhoc_filters": _filters(chart),
        "row_limit": _ROWS,
    }
    metrics = [_metric(chart["table"], text) for text in chart.get("metrics", ())]
    if chart["kind"] in (_TOTALS, "pie", "heatmap_v2"):
        form["metric"] = metrics[0]
    elif metrics:
        form["metrics"] = metrics
    if "columns" in chart:
        form |= {
            "query_mode": "raw",
            "all_columns": chart["columns"],
            "order_by_cols": _order(chart, as_text=True),
        }
    if "x" in chart:
        form["x_axis"] = chart["x"]
    if "by" in chart:
        # A heat map has one other axis; all other charts take any number of series.
        form["groupby"] = chart["by"][0] if chart["kind"] == "heatmap_v2" else chart["by"]
    return {**form, **_looks(chart), **chart.get("options", {})}


def _looks(chart: Mapping[str, Any]) -> dict[str, Any]:
    """Options of axes, colours and numbers.

    They fit axes and colours to the values (by default Superset draws from 0 to 1), and make
    numbers readable.
    """
    if chart["kind"] == "heatmap_v2":
        return {"value_bounds": [None, None]}
    if chart["kind"] == "table":
        columns = Base.metadata.tables[chart["table"]].columns
        numbers = [name for name in chart["columns"] if isinstance(columns[name].type, sa.Double)]
        return {
            "show_cell_bars": False,
            "column_config": {name: {"d3NumberFormat": ",.2f"} for name in numbers},
        }
    return {"y_axis_bounds": [None, None]} if "x" in chart else {}


def query_context(chart: Mapping[str, Any], form: Mapping[str, Any]) -> dict[str, Any]:
    """The chart as a query, which Superset runs without a browser (reports, alerts, its API)."""
    metrics = [form["metric"]] if "metric" in form else form.get("metrics", [])
    axis = [_axis(chart["x"], form.get("time_grain_sqla"))] if "x" in chart else []
    query = {
        "columns": chart.get("columns") or [*axis, *chart.get("by", ())],
        "metrics": metrics or None,
        "filters": [_as_query(one) for one in form["adhoc_filters"]],
        "orderby": _order(chart) if "columns" in chart else [],
        "extras": {"having": "", "where": ""},
        "row_limit": _ROWS,
        "series_columns": list(chart.get("by", ())),
    }
    return {
        "datasource": {"id": 0, "type": "table"},  # Superset inserts the dataset's id at import
        "force": False,
        "queries": [query],
        "form_data": dict(form),
        "result_format": "json",
        "result_type": "full",
    }


def _metric(table: str, text: str) -> dict[str, Any]:
    """Superset's form of a metric like ``SUM distance_km`` or ``SUM distance_km distance``."""
    aggregate, name, *labels = text.split(" ")
    column = Base.metadata.tables[table].columns[name]
    label = labels[0] if labels else f"{aggregate}({name})"
    kind = str(column.type)
    return {
        "expressionType": "SIMPLE",
        "aggregate": aggregate,
        "column": {"column_name": name, "type": kind},
        "label": label,
        "optionName": f"metric_{table}_{aggregate}_{name}".lower(),
    }


def _filters(chart: Mapping[str, Any]) -> list[dict[str, Any]]:
    wanted: list[Sequence[Any]] = list(chart.get("where", ()))
    if "time" in chart:
        # "No filter" passes everything until the dashboard's time range replaces it.
        wanted.append((chart["time"], "TEMPORAL_RANGE", "No filter"))
    return [_filter(chart["title"], *one) for one in wanted]


def _filter(title: str, column: str, operator: str, value: Any = None) -> dict[str, Any]:
    return {
        "clause": "WHERE",
        "expressionType": "SIMPLE",
        "subject": column,
        "operator": operator,
        "comparator": value,
        "filterOptionName": f"{title}: {column} {operator}",
    }


def _as_query(adhoc: Mapping[str, Any]) -> dict[str, Any]:
    return {"col": adhoc["subject"], "op": adhoc["operator"], "val": adhoc["comparator"]}


def _axis(column: str, grain: str | None) -> dict[str, Any]:
    axis = {
        "columnType": "BASE_AXIS",
        "expressionType": "SQL",
        "sqlExpression": column,
        "label": column,
    }
    return axis | ({"timeGrain": grain} if grain else {})


def _order(chart: Mapping[str, Any], *, as_text: bool = False) -> list[Any]:
    order = chart["order"]
    pair = [order.removeprefix("-"), not order.startswith("-")]
    return [json.dumps(pair) if as_text else pair]


def is_temporal(kind: sa.types.TypeEngine[Any]) -> bool:
    """Whether a column is a day or a time."""
    return isinstance(kind, sa.Date | sa.DateTime | sa.TIMESTAMP) or isinstance(
        getattr(kind, "impl", None), sa.DateTime
    )
