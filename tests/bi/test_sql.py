"""The SQL for Metabase and of the Grafana dashboards answers on both engines; the tools themselves
do not run here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from ingest.demo import ATHLETE_ID
from tests.bi.conftest import BI, Two, rows_of

METABASE = sorted((BI / "metabase").glob("*.sql"))
VARIABLES = {
    "sport_group": "'run'",
    "since": "'2024-01-01'",
    "distance": "'5K'",
    "gear_type": "'shoe'",
    "year": "2025",
    "athlete_id": str(ATHLETE_ID),
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
    """What Metabase sends: optional clauses stay only if their variable is set, which stands quoted
    in its place.
    """
    sql = re.sub(r"\[\[(.*?)\]\]", r"\1" if optional else "", sql)
    defaults = {
        name: f"'{value}'" for name, value in re.findall(r"(\w+) \(text, default (\w+)\)", sql)
    }
    return re.sub(r"{{(\w+)}}", lambda found: {**VARIABLES, **defaults}[found[1]], sql)


@pytest.mark.parametrize("optional", [False, True])
@pytest.mark.parametrize("path", METABASE, ids=lambda path: path.stem)
def test_questions_for_metabase_have_answers(rows: Any, path: Path, optional: bool) -> None:
    assert rows(_as_metabase(path.read_text(encoding="utf-8"), optional=optional))


@pytest.mark.parametrize("path", METABASE, ids=lambda path: path.stem)
def test_questions_for_metabase_can_be_about_one_of_two_athletes(
    two_athletes: Two, path: Path
) -> None:
    everybody = path.read_text(encoding="utf-8")
    one = re.sub(r"\[\[(.*{{athlete_id}}.*)\]\]", r"\1", everybody)
    answer = rows_of(two_athletes.both, _as_metabase(one, optional=False))
    assert answer == rows_of(two_athletes.alone, _as_metabase(everybody, optional=False))


@pytest.mark.parametrize("name", ["training_load", "record_history"])
def test_lines_of_two_athletes_are_not_drawn_as_one(two_athletes: Two, name: str) -> None:
    sql = _as_metabase(
        (BI / "metabase" / f"{name}.sql").read_text(encoding="utf-8"), optional=False
    )
    assert rows_of(two_athletes.both, sql) == rows_of(two_athletes.alone, sql)


@pytest.mark.parametrize("path", METABASE, ids=lambda path: path.stem)
def test_questions_for_metabase_say_what_they_are(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith("-- ")
    assert set(re.findall(r"{{(\w+)}}", text)) <= set(VARIABLES)


def _panels(engine: str) -> Iterator[dict[str, Any]]:
    content = json.loads((BI / "grafana" / f"dashboard-{engine}.json").read_text(encoding="utf-8"))
    yield from content["panels"]


def _as_grafana(sql: str) -> str:
    """What Grafana sends: what the dashboard is set to stands in place of its variables."""
    sql = sql.replace("${athlete}", VARIABLES["athlete_id"])
    return re.sub(r"\${__(from|to):date:YYYY-MM-DD}", lambda found: RANGE[found[1]], sql)


@pytest.mark.parametrize("panel", list(_panels("sqlite")), ids=lambda panel: panel["title"])
def test_panels_of_grafana_are_about_one_of_two_athletes(
    two_athletes: Two, panel: dict[str, Any]
) -> None:
    sql = _as_grafana(panel["targets"][0]["rawQueryText"])
    assert rows_of(two_athletes.both, sql) == rows_of(two_athletes.alone, sql)


def test_grafana_offers_athletes_by_name(rows: Any, demo_url: str) -> None:
    content = json.loads(
        (BI / "grafana" / f"dashboard-{demo_url.partition(':')[0]}.json").read_text(
            encoding="utf-8"
        )
    )
    (variable,) = content["templating"]["list"]
    assert rows(variable["query"]) == [{"__text": "Alex Example", "__value": str(ATHLETE_ID)}]


def test_heart_rate_and_pace_have_an_axis_each() -> None:
    (panel,) = (one for one in _panels("sqlite") if one["title"] == "Heart rate and pace of runs")
    (override,) = panel["fieldConfig"]["overrides"]
    assert override["matcher"]["options"] in panel["targets"][0]["rawQueryText"]
    assert override["properties"] == [{"id": "custom.axisPlacement", "value": "right"}]


@pytest.mark.parametrize("number", range(len(list(_panels("sqlite")))))
def test_panels_of_grafana_have_data(rows: Any, demo_url: str, number: int) -> None:
    engine = demo_url.partition(":")[0]
    panel = list(_panels(engine))[number]
    (target,) = panel["targets"]
    sql = _as_grafana(target["rawSql"] if engine == "postgresql" else target["rawQueryText"])
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
