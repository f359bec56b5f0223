"""What the acceptance by Superset looks for; the real one is ``make bi-acceptance``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.superset_checks import Checks
from db.models import Base

_CHARTS = """
[[charts]]
title = "Distance"
table = "activity_facts"
[[charts]]
title = "Load"
table = "daily_load"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FakeSuperset:
    """A Superset that knows the first chart and its dataset, whatever was imported."""

    def listed(self, kind: str) -> list[dict[str, Any]]:
        return [{"id": 1, "slice_name": "Distance", "table_name": "activity_facts"}]

    def details(self, kind: str, key: int) -> dict[str, Any]:
        columns = [
            {"column_name": name, "description": "...", "type": "..."}
            for name in _columns("activity_facts")
        ]
        place = {"type": "CHART", "meta": {"sliceName": "Distance"}}
        return {
            "table_name": "activity_facts",
            "columns": columns,
            "position_json": json.dumps({"CHART-1": place}),
        }

    def chart_data(self, chart: int) -> dict[str, Any]:
        return {"rowcount": 1}


def _columns(table: str) -> list[str]:
    return list(Base.metadata.tables[table].columns.keys())


def test_a_chart_that_was_not_imported_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "charts.toml").write_text(_CHARTS)
    checks = Checks(FakeSuperset(), tmp_path / "dashboard.zip")  # type: ignore[arg-type]
    checks.dashboard("sqlite", "a")
    assert checks.failures == ["sqlite a: Load is missing", "sqlite a: daily_load is missing"]
