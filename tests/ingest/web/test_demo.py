"""The demo athlete: from an empty playground there and back, and never into one's own data."""

from __future__ import annotations

import csv
import io
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from playwright.sync_api import Page

from tests.builders import export_zip
from tests.ingest.web.conftest import ROOT, Serve, Served
from tests.ingest.web.test_looks import findings, headings

Visit = Callable[..., Page]
BANNER = "You are looking at the demo athlete"
OWN = ["/import", "/files", "/connect"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A playground with a small demo athlete, and nothing else."""
    folder = tmp_path_factory.mktemp("demo") / "Playground"
    command = [sys.executable, "-m", "ingest", "demo", "--activities", "20", "--quiet"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "DATABASE_URL": ""}
    subprocess.run(
        [*command, "--playground", str(folder)], cwd=folder.parent, env=environment, check=True
    )
    return folder


@pytest.fixture
def served(serve: Serve, made: Path, tmp_path: Path) -> Served:
    """A page of a playground that has the demo athlete, but no data of one's own."""
    return serve(playground=shutil.copytree(made, tmp_path / "Playground"))


def look(page: Page) -> None:
    page.get_by_role("button", name="Look at a demo athlete").click()


def leave(page: Page) -> None:
    page.get_by_role("button", name="Back to your own data").click()


def count(database: Path) -> int:
    with closing(sqlite3.connect(database)) as connection:
        return int(connection.execute("SELECT count(*) FROM activities").fetchone()[0])


def at_demo(served: Served) -> requests.Session:
    """A client that looks at the demo athlete."""
    session = served.session()
    assert BANNER in session.post(f"{served.base}/demo", timeout=20).text
    return session


@pytest.mark.parametrize("scripts", [True, False])
def test_from_an_empty_playground_to_the_demo_and_back(
    serve: Serve, visit: Visit, scripts: bool
) -> None:
    served = serve()
    page = visit(served.address, java_script_enabled=scripts)
    look(page)
    page.get_by_role("heading", name="The demo athlete is being made").wait_for()
    page.get_by_text(BANNER).wait_for(timeout=120_000)
    assert page.url == f"{served.base}/"
    page.get_by_role("heading", name="Activities of the demo athlete").wait_for()
    page.get_by_role("link", name="Activities", exact=True).click()
    page.get_by_text("240 activities").wait_for()
    page.get_by_text(BANNER).wait_for()
    leave(page)
    page.get_by_role("heading", name="Nothing is here yet").wait_for()
    assert page.get_by_text(BANNER).count() == 0
    assert not (served.playground / "strava.db").exists()
    look(page)  # it is there now, so nothing is to be waited for
    page.get_by_text(BANNER).wait_for()


def test_the_demo_that_is_there_is_shown_at_once_and_to_this_browser_alone(
    served: Served, visit: Visit
) -> None:
    page = visit(served.address)
    look(page)
    page.get_by_text(BANNER).wait_for()
    page.get_by_role("link", name="See all activities").wait_for()
    assert page.get_by_role("heading", name="Strava API").count() == 0
    links = page.locator("nav[aria-label=Pages] a").all_inner_texts()
    assert not {"Import", "Files", "Connect"} & set(links)
    demo_cookie = {c["name"] for c in page.context.cookies() if c["name"].endswith("_demo")}
    assert len(demo_cookie) == 1
    page.context.clear_cookies(name=demo_cookie.pop())
    page.reload()
    page.get_by_role("heading", name="Nothing is here yet").wait_for()


def test_own_data_stay_apart_from_the_demo(served: Served, visit: Visit) -> None:
    before = count(served.playground / "demo.db")
    page = visit(served.address, expected="409")
    look(page)
    page.get_by_text(BANNER).wait_for()
    for path in OWN:
        page.goto(f"{served.base}{path}")
        page.get_by_role("heading", name="This page is about your own data").wait_for()
    leave(page)
    tables = {"profile.csv": [["Athlete ID"], [77]]}
    drop = served.playground / "Strava Export"
    drop.mkdir()
    export_zip(drop / "export_77.zip", [{"activity_name": "My own"}], tables=tables)
    page.goto(f"{served.base}/import")
    page.get_by_role("button", name="Import export_77.zip").click()
    page.get_by_role("link", name="See all activities").click()
    page.get_by_text("My own").wait_for()
    assert count(served.playground / "strava.db") == 1
    assert count(served.playground / "demo.db") == before


@pytest.mark.parametrize("path", OWN)
def test_a_form_of_an_older_window_does_nothing_while_the_demo_is_shown(
    served: Served, path: str
) -> None:
    session = at_demo(served)
    form = {"exporter": "csv", "skip_api": "1", "client_id": "1", "secret": "2"}
    answer = session.post(f"{served.base}{path}", data=form, timeout=20)
    assert answer.status_code == 409
    assert "Go back to your own data first" in answer.text
    assert not (served.playground / "strava.db").exists()
    assert not (served.playground / "Exports").exists()


def test_downloads_are_of_the_athlete_who_is_shown(served: Served) -> None:
    session = at_demo(served)
    text = session.get(f"{served.base}/activities.csv", timeout=60).text
    assert len(list(csv.DictReader(io.StringIO(text)))) == 20
    session.post(f"{served.base}/demo/leave", timeout=20)
    assert "Nothing is here yet" in session.get(f"{served.base}/activities.csv", timeout=20).text


@pytest.mark.parametrize("path", ["/demo", "/demo/leave", "/demo/cancel"])
def test_a_form_of_another_page_changes_nothing(served: Served, path: str) -> None:
    answer = served.session().post(
        f"{served.base}{path}", headers={"Origin": "https://evil.example"}, timeout=20
    )
    assert answer.status_code == 403
    assert requests.post(f"{served.base}{path}", timeout=20).status_code == 403


def test_cancelling_stays_with_own_data_and_it_can_be_begun_again(
    serve: Serve, visit: Visit
) -> None:
    page = visit(serve().address)
    look(page)
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("heading", name="The demo did not finish").wait_for(timeout=60_000)
    leave(page)
    page.get_by_role("heading", name="Nothing is here yet").wait_for()
    look(page)
    page.get_by_text(BANNER).wait_for(timeout=120_000)


def test_a_database_of_another_kind_is_made_anew_or_told(serve: Serve, visit: Visit) -> None:
    folder = serve().playground
    folder.mkdir()
    (folder / "demo.db").write_text("this is no database, but a text that is long enough")
    page = visit(serve(playground=folder).address, expected="500")
    look(page)
    page.get_by_role("heading", name="The demo did not finish").wait_for(timeout=60_000)
    page.get_by_text("file is not a database").wait_for()
    leave(page)
    page.get_by_role("heading", name="Nothing is here yet").wait_for()


def test_own_data_on_a_server_are_left_alone(
    serve: Serve, made: Path, tmp_path: Path, pg_url: str
) -> None:
    folder = shutil.copytree(made, tmp_path / "Playground")
    served = serve("--database", pg_url, playground=folder)
    session = at_demo(served)
    assert "20 activities" in session.get(f"{served.base}/activities", timeout=20).text
    text = session.post(f"{served.base}/demo/leave", timeout=20).text
    assert "no tables of strava-ingest" in text


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_looks_well_and_axe_finds_nothing_serious(
    served: Served, visit: Visit, axe: str, scheme: str
) -> None:
    page = visit(served.address, color_scheme=scheme, expected="409")
    look(page)
    page.get_by_text(BANNER).wait_for()
    for path in ("/", "/activities", "/import"):
        page.goto(f"{served.base}{path}")
        for width in (390, 1280, 2560):
            page.set_viewport_size({"width": width, "height": 844})
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
            assert findings(page, axe) == [], path
        assert headings(page)[0] == 1
    assert urlsplit(page.url).path == "/import"
