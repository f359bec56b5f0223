"""What lies in the dashboard's ZIP; ``make bi-acceptance`` imports it into a real Superset and asks
every chart.
"""

from __future__ import annotations

import io
import json
import re
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import yaml

from db.models import Base
from docs.bi_docs.superset import dashboard_zip, database_uuid
from tests.bi.conftest import BI

CHARTS = tomllib.loads((BI / "superset" / "charts.toml").read_text(encoding="utf-8"))["charts"]


@pytest.fixture(scope="module")
def shipped() -> dict[str, Any]:
    with zipfile.ZipFile(BI / "superset" / "dashboard.zip") as archive:
        return {
            name.removeprefix("strava/"): yaml.safe_load(archive.read(name))
            for name in archive.namelist()
        }


def test_the_same_charts_make_the_same_bytes(bi: Path) -> None:
    assert dashboard_zip(bi / "superset" / "charts.toml") == dashboard_zip(
        bi / "superset" / "charts.toml"
    )


def test_every_column_of_a_dataset_has_its_type_and_meaning(shipped: dict[str, Any]) -> None:
    for name in {chart["table"] for chart in CHARTS}:
        dataset = shipped[f"datasets/Strava/{name}.yaml"]
        assert [column["column_name"] for column in dataset["columns"]] == list(
            Base.metadata.tables[name].columns.keys()
        )
        assert all(column["type"] and column["description"] for column in dataset["columns"])
        assert (
            dataset["database_uuid"] == shipped["databases/Strava.yaml"]["uuid"] == database_uuid()
        )


def test_days_and_times_are_times_to_superset(shipped: dict[str, Any]) -> None:
    columns = {
        one["column_name"]: one for one in shipped["datasets/Strava/activity_facts.yaml"]["columns"]
    }
    assert {name for name, column in columns.items() if column["is_dttm"]} == {
        *(
            "start_time_local",
            "start_time_utc",
            "local_date",
            "week_start",
            "month_start",
            "year_start",
        )
    }
    assert columns["local_date"]["python_date_format"] == "%Y-%m-%d"
    assert columns["start_time_local"]["python_date_format"] is None


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: re.sub(r"\W+", "_", chart["title"]))
def test_a_chart_names_columns_that_are_there(
    chart: dict[str, Any], shipped: dict[str, Any]
) -> None:
    (stored,) = (
        one
        for name, one in shipped.items()
        if name.startswith("charts/") and one["slice_name"] == chart["title"]
    )
    assert stored["dataset_uuid"] == shipped[f"datasets/Strava/{chart['table']}.yaml"]["uuid"]
    (query,) = json.loads(stored["query_context"])["queries"]
    used = {one if isinstance(one, str) else one["sqlExpression"] for one in query["columns"]}
    used |= {one["col"] for one in query["filters"]} | {column for column, _ in query["orderby"]}
    used |= {metric["column"]["column_name"] for metric in query["metrics"] or ()}
    assert used <= set(Base.metadata.tables[chart["table"]].columns.keys())


def test_every_chart_has_a_place_and_no_row_is_too_wide(shipped: dict[str, Any]) -> None:
    position = shipped["dashboards/Strava.yaml"]["position"]
    placed = {
        part["meta"]["uuid"]
        for part in position.values()
        if isinstance(part, dict) and part["type"] == "CHART"
    }
    assert placed == {one["uuid"] for name, one in shipped.items() if name.startswith("charts/")}
    for name in position["GRID_ID"]["children"]:
        assert sum(position[chart]["meta"]["width"] for chart in position[name]["children"]) <= 12


def test_the_filter_of_athletes_reaches_every_chart(shipped: dict[str, Any]) -> None:
    filters = shipped["dashboards/Strava.yaml"]["metadata"]["native_filter_configuration"]
    (column,) = (one["targets"][0]["column"]["name"] for one in filters if one["name"] == "Athlete")
    for chart in CHARTS:
        assert column in Base.metadata.tables[chart["table"]].columns, chart["title"]


def test_no_secret_and_no_path_of_a_machine_is_in_it(bi: Path) -> None:
    with zipfile.ZipFile(io.BytesIO((bi / "superset" / "dashboard.zip").read_bytes())) as archive:
        text = "".join(archive.read(name).decode() for name in archive.namelist())
    assert "sqlite:" not in text
    assert re.findall(r"[\w+]+://[^\s\"]+@[^\s\"]+", text) == [
        "postgresql+psycopg2://bi@localhost/strava"
    ]


def test_the_sum_over_sports_is_that_of_all(demo_url: str) -> None:
    """The chart of years sums sport groups, so that the dashboard's filter of them works."""
    engine = sa.create_engine(demo_url.replace("postgresql:", "postgresql+psycopg:"))
    sql = (
        "SELECT year, day_of_year, sum(distance_km) FROM year_to_date WHERE sport_group {} "
        "'all' GROUP BY 1, 2 ORDER BY 1, 2"
    )
    with engine.connect() as connection:
        apart, together = (
            [tuple(row) for row in connection.execute(sa.text(sql.format(sign)))]
            for sign in ("<>", "=")
        )
    engine.dispose()
    assert [row[:2] for row in apart] == [row[:2] for row in together]
    assert [row[2] for row in apart] == pytest.approx([row[2] for row in together])
