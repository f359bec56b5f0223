"""The page for BI tools: addresses without secrets, ready files, and a dictionary to search."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest
import requests
import sqlalchemy as sa
from playwright.sync_api import Page

from db.migrate import upgrade
from db.models import Base, DataDictionary
from ingest.web.addresses import _of_server
from tests.ingest.playground import Playground
from tests.ingest.web.conftest import ROOT, Serve, Served

Visit = Callable[..., Page]
BI = ROOT / "docs" / "bi"
HOSTILE = "<script>document.title = 'owned'</script>"


@pytest.fixture
def served(serve: Serve, playground: Playground) -> Served:
    """A database of each engine, whose dictionary is filled."""
    playground.add("export_77.zip", [{}])
    playground.run()
    return serve("--database", playground.database)


def get(served: Served, path: str) -> requests.Response:
    return served.session().get(f"{served.base}{path}", timeout=20)


def addresses(html: str) -> list[str]:
    return [unescape(text) for text in re.findall(r'<code id="address-\d+">(.*?)</code>', html)]


def tables(html: str) -> list[str]:
    return re.findall(r'<details class="dictionary" id="table-(\w+)"', html)


def test_addresses_of_a_file_open_it(serve: Serve, imported: Path) -> None:
    served = serve(playground=imported)
    html = get(served, "/data").text
    file, url = addresses(html)
    assert Path(file) == (imported / "strava.db").resolve()
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM activity_facts")) == 5
    engine.dispose()
    assert "grafana-dashboard-sqlite.json" in html
    assert "grant-readonly" not in html


def test_addresses_of_a_server_have_its_parts_and_no_password(serve: Serve, pg_url: str) -> None:
    url = sa.make_url(pg_url).set(password="s3cr3t-word")
    engine = sa.create_engine(url.set(drivername="postgresql+psycopg"))
    upgrade(engine, None)
    engine.dispose()
    html = get(serve("--database", url.render_as_string(hide_password=False)), "/data").text
    assert "s3cr3t" not in html
    found = addresses(html)
    where = f"{url.host}:{url.port or 5432}"
    assert {str(url.host), str(url.database), "bi", where} <= set(found)
    assert f"postgresql+psycopg2://bi@{where}/{url.database}" in found
    assert f"postgresql://bi@{where}/{url.database}" in found
    assert f"jdbc:postgresql://{where}/{url.database}" in found
    assert "grant-readonly bi" in html
    assert "grafana-dashboard-postgresql.json" in html
    assert "datasette-metadata.yaml" not in html


def test_addresses_can_be_read_whatever_host_and_name_are() -> None:
    texts = dict(_of_server("::1", 5433, "a b?c"))
    jdbc = texts["Java programs: an address of JDBC"]
    assert jdbc == "jdbc:postgresql://[::1]:5433/a%20b%3Fc"
    url = sa.make_url(texts["Superset: an address of SQLAlchemy"])
    assert (url.host, url.port, url.database) == ("::1", 5433, "a b?c")


def test_every_file_that_is_offered_is_that_of_the_docs(served: Served) -> None:
    session = served.session()
    html = session.get(f"{served.base}/data", timeout=20).text
    names = re.findall(r'href="/data/files/([^"]+)"', html)
    assert {"superset-dashboard.zip", "metabase-calendar.sql"} <= set(names)
    for name in names:
        answer = session.get(f"{served.base}/data/files/{name}", timeout=20)
        assert answer.content == (BI / name.replace("-", "/", 1)).read_bytes()
        assert f'filename="{name}"' in answer.headers["content-disposition"]


@pytest.mark.parametrize(
    "name", ["none.sql", "..%2Fbi.md", "superset-charts.toml", "%3Cscript%3E", "..%2f..%2f.env"]
)
def test_no_other_file_is_given(serve: Serve, imported: Path, name: str) -> None:
    answer = get(serve(playground=imported), f"/data/files/{name}")
    assert answer.status_code == 404
    assert "<script>" not in answer.text


def test_the_dictionary_has_every_table(served: Served) -> None:
    html = get(served, "/data").text
    assert set(Base.metadata.tables) <= set(tables(html))
    assert "<code>average_heartrate_bpm</code>" in html


def test_a_search_finds_names_and_meanings_of_any_case(served: Served) -> None:
    html = get(served, "/data?q=Heart+RATE").text
    assert {"activities", "athlete_zones", "track_points"} <= set(tables(html))
    assert "clubs" not in tables(html)
    assert "<code>average_heartrate_bpm</code>" in html
    assert "<code>elev_high_m</code>" not in html


def test_of_a_table_that_is_found_all_columns_are_shown(served: Served) -> None:
    html = get(served, "/data?q=streaks").text
    assert "streaks" in tables(html)
    assert "<code>is_longest</code>" in html


def test_a_search_that_finds_nothing_says_so(serve: Serve, imported: Path) -> None:
    html = get(serve(playground=imported), "/data?q=%3Cscript%3E%25_").text
    assert "0 tables with “&lt;script&gt;%_” in a name or a meaning" in html
    assert tables(html) == []


def test_meanings_are_text_whatever_they_hold(
    serve: Serve, playground: Playground, visit: Visit
) -> None:
    playground.add("export_77.zip", [{}])
    playground.run()
    row = {"table_name": 'x" onload="y', "column_name": HOSTILE, "description": HOSTILE}
    with playground.engine.begin() as connection:
        connection.execute(sa.insert(DataDictionary), row)
    served = serve("--database", playground.database)
    page = visit(served.address)
    page.wait_for_selector("h1")
    page.goto(f"{served.base}/data?q=owned")
    assert page.title() == "BI tools · strava-ingest"
    assert page.locator(".dictionary th code").inner_text() == HOSTILE
    assert page.locator("[onload]").count() == 0


def test_a_button_copies_an_address(serve: Serve, imported: Path, visit: Visit) -> None:
    served = serve(playground=imported)
    page = visit(served.address, permissions=["clipboard-read", "clipboard-write"])
    page.wait_for_selector("h1")
    page.goto(f"{served.base}/data")
    text = page.locator("#address-2").inner_text()
    page.locator("[data-copies=address-2]").click()
    page.wait_for_function("document.getElementById('copied').textContent !== ''")
    assert page.locator("#copied").inner_text() == f"Copied: {text}"
    assert page.evaluate("navigator.clipboard.readText()") == text


def test_the_page_works_without_a_script(serve: Serve, imported: Path, visit: Visit) -> None:
    served = serve(playground=imported)
    page = visit(served.address, java_script_enabled=False)
    page.wait_for_selector("h1")
    page.goto(f"{served.base}/data")
    assert page.get_by_role("button", name="Copy").count() == 0
    table = page.locator("#table-streaks")
    assert not table.locator("table").is_visible()
    table.locator("summary").click()
    assert table.locator("table").is_visible()
    page.get_by_label("Search").fill("eddington")
    page.get_by_role("button", name="Search").click()
    assert "eddington" in tables(page.content())
    assert page.locator("#table-eddington table").is_visible()
