"""Datasette itself, with the metadata that is shipped, on the demo account."""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import unquote

import httpx
import pytest
import yaml
from datasette.app import Datasette
from datasette.utils import module_from_path, parse_metadata

from db.models import Base
from ingest.demo import ATHLETE_ID
from tests.bi.conftest import BI, Two, rows_of

METADATA = parse_metadata((BI / "datasette" / "metadata.yaml").read_text(encoding="utf-8"))
QUERIES = METADATA["databases"]["strava"]["queries"]
ROUNDED = BI / "datasette" / "plugins" / "rounded_numbers.py"
Get = Callable[[str], httpx.Response]


@pytest.fixture
def get(demo_file: Path) -> Get:
    """Ask a Datasette of its own for a page; the answer must be one."""

    def ask(path: str) -> httpx.Response:
        async def answer() -> httpx.Response:
            datasette = Datasette(
                [str(demo_file)],
                metadata=METADATA,
                plugins_dir=str(BI / "datasette" / "plugins"),
                settings={"sql_time_limit_ms": 5000},
            )
            await datasette.invoke_startup()
            page: httpx.Response = await datasette.client.get(path)
            return page

        response = asyncio.run(answer())
        assert response.status_code == 200, response.text
        return response

    return ask


def test_the_page_of_a_table_shows_what_the_columns_mean(get: Get) -> None:
    page = get("/strava/activity_facts").text
    assert "One row per activity that has not vanished" in page
    assert "Moving time divided by distance; 5.5 is 5:30 [min/km]" in page


@pytest.mark.parametrize(
    ("column", "is_shown"),
    [
        ("moving_time_h", False),
        ("pace_min_per_km", True),
        ("average_cadence_rpm", True),
        ("gear_type", True),
    ],
)
def test_only_meanings_that_say_more_than_the_name_are_shown(column: str, is_shown: bool) -> None:
    assert (
        column in METADATA["databases"]["strava"]["tables"]["activity_facts"]["columns"]
    ) is is_shown


def test_pages_of_tables_round_numbers_and_their_json_does_not(get: Get) -> None:
    table = "/strava/activity_facts"
    long = re.compile(r"\d\.\d{7}")
    cells = re.findall(r"<td[^>]*>([^<]*)</td>", get(table).text)
    assert any(re.fullmatch(r"\d+\.\d{1,3}", cell.strip()) for cell in cells)
    assert [cell for cell in cells if long.search(cell)] == []
    assert long.search(get(f"{table}.json").text)


@pytest.mark.parametrize(
    ("value", "column", "shown"),
    [
        (10.0, "distance_km", "10"),
        (1200.0, "distance_m", "1200"),
        (5.123456, "pace_min_per_km", "5.123"),
        (-0.25, "grade_pct", "-0.25"),
        (0.012345, "distance_km", "0.0123"),
        (0.0, "distance_km", "0"),
        (1e-9, "distance_km", "1e-09"),
        (47.37689, "start_latitude", "47.376890"),
        (7, "activity_count", None),
        ("10.000", "name", None),
        (None, "distance_km", None),
    ],
)
def test_numbers_have_the_digits_that_matter(value: object, column: str, shown: str | None) -> None:
    assert module_from_path(str(ROUNDED), "rounded").render_cell(value, column) == shown


def test_ledgers_are_hidden_and_all_else_is_shown(get: Get) -> None:
    tables = {table["name"]: table["hidden"] for table in get("/strava.json").json()["tables"]}
    assert {"import_runs", "sync_queue", "alembic_version"} <= {
        name for name, hidden in tables.items() if hidden
    }
    assert not tables["activity_facts"]
    assert not tables["daily_load"]


def test_facets_count_the_activities(get: Get) -> None:
    found = get("/strava/activity_facts.json").json()
    facets = found["facet_results"]
    assert set(facets) == {"sport_group", "year", "gear_name"}
    assert (
        sum(one["count"] for one in facets["sport_group"]["results"])
        == found["filtered_table_rows_count"]
        == 80
    )
    assert not found.get("facets_timed_out")


def test_every_facet_and_every_order_of_the_metadata_works(get: Get) -> None:
    for name, options in METADATA["databases"]["strava"]["tables"].items():
        if {"facets", "sort_desc"} & set(options):
            found = get(f"/strava/{name}.json?_facet_size=2").json()
            assert set(found.get("facet_results", ())) == set(options.get("facets", ())), name


def test_references_show_names_instead_of_numbers(get: Get) -> None:
    newest = get(
        "/strava/activity_facts.json?_labels=on&_shape=objects&gear_name__notblank=1"
    ).json()["rows"][0]
    assert newest["gear_id"]["label"] == newest["gear_name"]
    assert newest["activity_id"]["label"] == newest["name"]


@pytest.mark.parametrize("page", ["activity_facts", "near"])
def test_positions_are_shown_on_a_map(get: Get, page: str) -> None:
    assert "datasette-cluster-map.js" in get(f"/strava/{page}").text


@pytest.mark.parametrize("page", ["route", "newest_routes"])
def test_routes_are_lines_on_a_map(get: Get, page: str) -> None:
    assert "datasette-leaflet-geojson.js" in get(f"/strava/{page}").text
    rows = get(f"/strava/{page}.json?_shape=array").json()
    lines = [json.loads(row["route"]) for row in rows]
    assert {line["type"] for line in lines} == {"LineString"}
    for line in lines:
        assert all(-180 <= lon <= 180 and -90 <= lat <= 90 for lon, lat in line["coordinates"])
        assert 50 < len(line["coordinates"]) <= 1000


def test_a_route_is_in_the_order_of_its_points(get: Get, demo_file: Path) -> None:
    ((row,),) = (get("/strava/route.json?_shape=array").json(),)
    with closing(sqlite3.connect(demo_file)) as connection:
        points = connection.execute(
            "SELECT round(longitude, 6), round(latitude, 6) FROM track_points "
            "WHERE activity_id = ? AND latitude IS NOT NULL ORDER BY point_index",
            (int(row["strava_url"].rpartition("/")[2]),),
        ).fetchall()
    places = [tuple(place) for place in json.loads(row["route"])["coordinates"]]
    assert places[0] == points[0]
    left = iter(points)
    assert all(place in left for place in places)


@pytest.mark.parametrize("name", sorted(QUERIES))
def test_queries_show_rows_and_no_sql(get: Get, name: str) -> None:
    page = get(f"/strava/{name}").text
    assert "<textarea" not in page
    assert "(<a href" in page


def test_meanings_of_columns_are_below_the_rows(get: Get) -> None:
    (style,) = METADATA["extra_css_urls"]
    assert style.startswith("data:text/css,")
    assert ".column-descriptions{order:1" in unquote(style)
    page = get("/strava/activity_facts").text
    assert f'href="{style}"' in page
    # What the style moves: parts of one element, of which the meanings are one.
    content = page.partition('<section class="content">')[2]
    assert '<dl class="column-descriptions">' in content.partition('<div class="table-wrapper">')[0]


@pytest.mark.parametrize("name", sorted(set(QUERIES) - {"route", "newest_routes"}))
def test_numbers_of_queries_are_rounded(get: Get, name: str) -> None:
    places = {"latitude", "longitude"}
    for row in get(f"/strava/{name}.json?_shape=array").json():
        for column, value in row.items():
            if isinstance(value, float) and column not in places:
                assert value == round(value, 2), column


@pytest.mark.parametrize("name", ["years_compared", "best_power", "newest_routes"])
def test_the_sport_with_most_data_is_the_default(get: Get, demo_file: Path, name: str) -> None:
    of = {
        "years_compared": "activity_facts",
        "newest_routes": "activity_facts WHERE latitude IS NOT NULL",
        "best_power": "power_curve JOIN activity_facts USING (activity_id)",
    }
    with closing(sqlite3.connect(demo_file)) as connection:
        ((sport, _),) = connection.execute(
            f"SELECT sport_group, count(*) FROM {of[name]} GROUP BY 1 ORDER BY 2 DESC LIMIT 1"
        )
    answers = [
        get(f"/strava/{name}.json?_shape=array{choice}").json()
        for choice in ("", f"&sport_group={sport}")
    ]
    assert answers[0] == answers[1]


@pytest.mark.parametrize("name", sorted(QUERIES))
def test_every_query_answers_without_parameters(get: Get, name: str) -> None:
    assert get(f"/strava/{name}.json?_shape=array").json()


@pytest.mark.parametrize("name", sorted(QUERIES))
def test_every_query_has_a_page(get: Get, name: str) -> None:
    page = get(f"/strava/{name}").text
    assert QUERIES[name]["title"] in page
    assert all(f'name="{parameter}"' in page for parameter in QUERIES[name].get("params", ()))


@pytest.mark.parametrize(
    ("name", "chosen"),
    [
        ("weekly_distance", "sport_group=ride"),
        ("when_i_train", "sport_group=ride"),
        ("years_compared", "sport_group=ride"),
        ("fastest_efforts", "distance=1K"),
        ("record_history", "distance=10K"),
        ("gear_use", "with_components=1"),
        ("training_load", "days=7"),
        ("best_power", "since=2025-06-01"),
        ("pace_against_climb", "min_m=0"),
        ("near", "km=19000"),
    ],
)
def test_parameters_choose(get: Get, name: str, chosen: str) -> None:
    found = get(f"/strava/{name}.json?_shape=array&{chosen}").json()
    assert found
    assert found != get(f"/strava/{name}.json?_shape=array").json()


@pytest.mark.parametrize(
    ("name", "written", "meant"),
    [
        ("weekly_distance", "sport_group=Ride", "sport_group=ride"),
        ("years_compared", "sport_group=Ride", "sport_group=ride"),
        ("when_i_train", "sport_group=Ride", "sport_group=ride"),
        ("best_power", "sport_group=Ride", "sport_group=ride"),
        ("fastest_efforts", "distance=1k", "distance=1K"),
        ("record_history", "distance=10k", "distance=10K"),
        ("training_load", "days=many", "days=90"),
    ],
)
def test_parameters_are_understood_however_written(
    get: Get, name: str, written: str, meant: str
) -> None:
    found, expected = (
        get(f"/strava/{name}.json?_shape=array&{one}").json() for one in (written, meant)
    )
    assert found == expected


@pytest.mark.parametrize(
    "name", sorted(set(QUERIES) - {"route"})
)  # an activity is of one athlete anyway
def test_queries_can_be_about_one_of_two_athletes(two_athletes: Two, name: str) -> None:
    values = dict.fromkeys(QUERIES[name]["params"], "")
    answer = rows_of(
        two_athletes.both, QUERIES[name]["sql"], {**values, "athlete": str(ATHLETE_ID)}
    )
    assert answer == rows_of(two_athletes.alone, QUERIES[name]["sql"], values)


def test_nearby_is_within_the_distance_that_was_asked_for(get: Get) -> None:
    facts = get("/strava/activity_facts.json?_shape=array&_size=max&latitude__notblank=1").json()
    centre = facts[0]
    near = get(
        f"/strava/near.json?_shape=array&latitude={centre['latitude']}&longitude={centre['longitude']}&km=0.5"
    ).json()
    wide = get("/strava/near.json?_shape=array&latitude=0&longitude=0&km=19000").json()
    assert centre["activity_id"] in {row["activity_id"] for row in near}
    assert len(near) < len(facts) == len(wide)


def test_no_query_hides_a_table() -> None:
    assert not set(QUERIES) & set(Base.metadata.tables)


def test_metadata_names_only_what_is_there() -> None:
    for name, options in METADATA["databases"]["strava"]["tables"].items():
        table = Base.metadata.tables.get(name)
        if table is None:
            assert options == {"hidden": True}
            continue
        named = {*options.get("facets", ()), *options["columns"]}
        named |= {options[key] for key in ("label_column", "sort_desc") if key in options}
        assert named <= set(table.columns.keys()), name


def test_the_demo_has_the_same_metadata(bi: Path) -> None:
    text = (bi / "datasette" / "metadata.yaml").read_text(encoding="utf-8")
    databases = yaml.safe_load(text)["databases"]
    assert databases["demo"] == databases["strava"]
    assert not re.search(r"/(home|tmp|work)/", text)
