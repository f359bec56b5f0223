"""Makes a Grafana dashboard as JSON from ``panels.toml``, for one engine's data source."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

#: Per engine: Grafana's plugin, and the SQL that turns a day or local time into a time for it.
_ENGINES: Final = {
    "postgresql": ("grafana-postgresql-datasource", "{}::timestamp"),
    "sqlite": ("frser-sqlite-datasource", "CAST(strftime('%s', {}) AS INTEGER)"),
}
_SOURCE: Final = "${DS_STRAVA}"
_COLUMNS: Final = 24
#: Query of the athletes to choose from. The most active one comes first and is chosen until
#: somebody chooses another; with one athlete there is nothing to choose.
_ATHLETES: Final = """\
SELECT coalesce(max(athlete_name), CAST(athlete_id AS VARCHAR(20))) AS __text,
       CAST(athlete_id AS VARCHAR(20)) AS __value
FROM activity_facts
GROUP BY athlete_id
ORDER BY count(*) DESC, athlete_id"""


def dashboard(panels: Path, engine: str) -> str:
    """The dashboard file for Grafana's *Import dashboard*, which then asks for the data source."""
    plugin, time = _ENGINES[engine]
    described = tomllib.loads(panels.read_text(encoding="utf-8"))["panels"]
    content = {
        "__inputs": [
            {
                "name": "DS_STRAVA",
                "label": "Strava",
                "type": "datasource",
                "pluginId": plugin,
                "pluginName": plugin,
            }
        ],
        "uid": f"strava-{engine}",
        "title": "Strava",
        "tags": ["strava"],
        "schemaVersion": 39,
        # Days and local times carry no zone; the browser's zone would shift them.
        "timezone": "utc",
        "time": {"from": "now-2y", "to": "now"},
        "templating": {"list": [_athlete(plugin)]},
        "panels": [_panel(panel, engine, plugin, time) for panel in _placed(described)],
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _athlete(plugin: str) -> dict[str, Any]:
    """The variable that selects one athlete, since sums over several people mean nothing."""
    return {
        "name": "athlete",
        "label": "Athlete",
        "type": "query",
        "datasource": {"type": plugin, "uid": _SOURCE},
        "query": _ATHLETES,
        "definition": _ATHLETES,
        "refresh": 1,  # when the dashboard is loaded
        "sort": 0,
        "multi": False,
        "includeAll": False,
        "options": [],
        "current": {},
    }


def _placed(panels: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Panels placed from left to right, then in the next row."""
    x = y = row_height = 0
    for number, panel in enumerate(panels, start=1):
        height = panel.get("height", 8)
        if x + panel["width"] > _COLUMNS:
            x, y, row_height = 0, y + row_height, 0
        yield {**panel, "id": number, "place": {"x": x, "y": y, "w": panel["width"], "h": height}}
        x, row_height = x + panel["width"], max(row_height, height)


def _panel(panel: Mapping[str, Any], engine: str, plugin: str, time: str) -> dict[str, Any]:
    source = {"type": plugin, "uid": _SOURCE}
    is_series = panel["kind"] == "timeseries"
    return {
        "id": panel["id"],
        "type": panel["kind"],
        "title": panel["title"],
        "gridPos": panel["place"],
        "datasource": source,
        "fieldConfig": {"defaults": _field(panel), "overrides": list(_overrides(panel))},
        # Draws one slice per row; otherwise there would be one slice for all.
        **({"options": {"reduceOptions": {"values": True}}} if panel["kind"] == "piechart" else {}),
        "targets": [
            {
                "refId": "A",
                "datasource": source,
                **_query(_sql(panel["sql"], time), engine, is_series),
            }
        ],
    }


def _field(panel: Mapping[str, Any]) -> dict[str, Any]:
    field: dict[str, Any] = {"unit": panel["unit"]} if "unit" in panel else {}
    if panel.get("bars"):
        field["custom"] = {"drawStyle": "bars", "fillOpacity": 80, "stacking": {"mode": "normal"}}
    if panel.get("points"):
        field["custom"] = {"drawStyle": "points"}
    return field


def _overrides(panel: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Give the second quantity an axis of its own, since its size differs."""
    if "right_axis" in panel:
        matcher = {"id": "byName", "options": panel["right_axis"]}
        yield {"matcher": matcher, "properties": [{"id": "custom.axisPlacement", "value": "right"}]}


def _sql(text: str, time: str) -> str:
    """What stands for the dashboard's time range is replaced by Grafana itself, whatever the data
    source.
    """
    text = (
        text.strip()
        .replace("$from", "${__from:date:YYYY-MM-DD}")
        .replace("$to", "${__to:date:YYYY-MM-DD}")
    )
    text = text.replace("$athlete", "${athlete}")
    before, *calls = text.split("$time(")
    return before + "".join(
        time.format(call.split(")", 1)[0]) + call.split(")", 1)[1] for call in calls
    )


def _query(sql: str, engine: str, is_series: bool) -> dict[str, Any]:
    if engine == "postgresql":
        return {
            "rawQuery": True,
            "editorMode": "code",
            "rawSql": sql,
            "format": "time_series" if is_series else "table",
        }
    kind = "time series" if is_series else "table"
    return {
        "rawQueryText": sql,
        "queryText": sql,
        "queryType": kind,
        "timeColumns": ["time"] if is_series else [],
    }
