"""The table of activities in a browser: three clicks lead to a CSV whose rows equal the filter."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.builders import export_zip
from tests.ingest.web.conftest import ROOT, Serve

Visit = Callable[..., Page]


def titles(page: Page) -> list[str]:
    return page.locator("tbody th").all_inner_texts()


def test_three_clicks_lead_to_the_csv_of_what_is_chosen(
    serve: Serve, imported: Path, visit: Visit, tmp_path: Path
) -> None:
    page = visit(serve(playground=imported).address)
    page.wait_for_selector("h1")
    page.get_by_role("link", name="Activities", exact=True).click()
    page.get_by_label("Sport").select_option("Run")
    page.get_by_role("button", name="Filter").click()
    assert sorted(titles(page)) == ["Evening Run", "Morning Run"]
    with page.expect_download() as download:
        page.get_by_role("link", name="Download CSV").click()
    download.value.save_as(tmp_path / "chosen.csv")
    with (tmp_path / "chosen.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["sport_type"] for row in rows} == {"Run"}
    assert sorted(row["name"] for row in rows) == sorted(titles(page))


def test_the_address_remembers_what_is_chosen(serve: Serve, imported: Path, visit: Visit) -> None:
    served = serve(playground=imported)
    page = visit(served.address)
    page.wait_for_selector("h1")
    page.goto(f"{served.base}/activities?q=run&least=6&sort=name")
    assert titles(page) == ["Morning Run"]
    assert page.get_by_label("Search").input_value() == "run"
    page.get_by_role("link", name="Sport", exact=True).click()
    assert page.url.endswith("/activities?q=run&least=6&sort=-sport")


def test_a_page_past_the_end_leads_to_the_last_one(serve: Serve, imported: Path) -> None:
    served = serve(playground=imported)
    text = served.session().get(f"{served.base}/activities?page=7", timeout=20).text
    assert "There are only 1 pages" in text
    assert "No activity matches" not in text


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_a_search_ignores_case_in_all_letters(
    serve: Serve, tmp_path: Path, engine: str, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue("pg_url") if engine == "postgresql" else str(tmp_path / "x.db")
    export = export_zip(tmp_path / "export_77.zip", [{"activity_name": "Über den Pass"}, {}])
    command = [sys.executable, "-m", "ingest", "run", "--quiet", "--database", url, str(export)]
    subprocess.run(command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True)
    served = serve("--database", url)
    session = served.session()
    assert "Über den Pass" in session.get(f"{served.base}/activities?q=über", timeout=20).text
    assert "Über den Pass" in session.get(f"{served.base}/activities.csv?q=ÜBER", timeout=20).text
    assert "Über den Pass" not in session.get(f"{served.base}/activities?q=oder", timeout=20).text


def test_titles_are_text_whatever_they_hold(serve: Serve, imported: Path, visit: Visit) -> None:
    served = serve(playground=imported)
    page = visit(served.address)
    page.wait_for_selector("h1")
    page.goto(f"{served.base}/activities")
    assert page.title() == "Activities · strava-ingest"
    assert "<script>document.title = 'owned'</script>" in titles(page)


def test_filters_that_nobody_can_read_are_left_out(serve: Serve, imported: Path) -> None:
    served = serve(playground=imported)
    session = served.session()
    address = (
        f"{served.base}/activities?since=never&least=x&gear=-1&page=999999999999&sort=password"
    )
    answer = session.get(address, timeout=20)
    assert answer.status_code == 200
    assert "5 activities" in " ".join(answer.text.split())
