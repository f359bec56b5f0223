"""The SQL for Metabase and of the Grafana dashboards answers on both engines; the tools themselves do not run here."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.bi.conftest import BI

METABASE = sorted((BI / "metabase").glob("*.sql"))
VARIABLES = {
    "sport_group": "'run'",
    "since": "'2024-01-01'",
    "distance": "'5K'",
    "gear_type": "'shoe'",
    "year": "2025",
}
#: What Grafana puts in for the dashboard's time range.
RANGE = {"from": "2023-01-01", "to": "2026-12-31"}


@pytest.fixture
def rows(demo_url: str) -> Any:
    engine = sa.create_engine(demo_url.replace("postgresql:", "postgresql+psycopg:"))

    def ask(sql: str) -> list[dict[str, Any]]:
        with engine.connect() as connection:
            return [dict(row) for row in connection.exec_driver_sql(sql).mappings()]

    yield ask
    engine.dispose()


def _as_metabase(sql: str, *, optional: bool) -> str:
    """What Metabase sends: optional clauses stay only if their variable is set, which stands quoted in its place."""
    sql = re.sub(r"\[\[(.*?)\]\]", r"\1" if optional else "", sql)
    return re.sub(r"{{(\w+)}}", lambda found: VARIABLES[found[1]], sql)


@pytest.mark.parametrize("optional", [False, True])
@pytest.mark.parametrize("path", METABASE, ids=lambda path: path.stem)
def test_questions_for_metabase_have_answers(rows: Any, path: Path, optional: bool) -> None:
    assert rows(_as_metabase(path.read_text(encoding="utf-8"), optional=optional))


@pytest.mark.parametrize("path", METABASE, ids=lambda path: path.stem)
def test_questions_for_metabase_say_what_they_are(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith("-- ")
    assert set(re.findall(r"{{(\w+)}}", text)) <= set(VARIABLES)


def _panels(engine: str) -> Iterator[dict[str, Any]]:
    content = json.loads((BI / "grafana" / f"dashboard-{engine}.json").read_text(encoding="utf-8"))
    yield from content["panels"]


@pytest.mark.parametrize("number", range(len(list(_panels("sqlite")))))
def test_panels_of_grafana_have_data(rows: Any, demo_url: str, number: int) -> None:
    engine = demo_url.partition(":")[0]
    panel = list(_panels(engine))[number]
    (target,) = panel["targets"]
    sql = target["rawSql"] if engine == "postgresql" else target["rawQueryText"]
    sql = re.sub(r"\${__(from|to):date:YYYY-MM-DD}", lambda found: RANGE[found[1]], sql)
    assert "$" not in sql
    found = rows(sql)
    assert found
    if panel["type"] == "timeseries":
        assert next(iter(found[0])) == "time"
        times = [row["time"] for row in found]
        assert times == sorted(times)
        if engine == "sqlite":  # seconds since 1970, in this century
            assert all(isinstance(time, int) and time > 1_000_000_000 for time in times)


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_panels_of_grafana_do_not_overlap(engine: str) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in _panels(engine):
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert max(x for x, _ in cells) < 24
        taken |= cells
