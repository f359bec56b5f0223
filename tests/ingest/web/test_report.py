"""The page of the report: the exporter's sections, of what its form chooses."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page

from db.migrate import upgrade
from db.models import ActivityFact
from ingest.demo import EXPORT_NAME, build_export
from tests.ingest.playground import PROFILE, Playground
from tests.ingest.web.conftest import ROOT, Serve, Served

Visit = Callable[..., Page]
OTHER = {"profile.csv": [["Athlete ID", "First Name"], [78, "<b>Ann</b>"]]}


def text_of(served: Served, path: str, status: int = 200) -> str:
    """The page, in one line."""
    answer = served.session().get(f"{served.base}{path}", timeout=60)
    assert answer.status_code == status
    return " ".join(answer.text.split())


def sections(html: str) -> list[str]:
    """The sections, without what makes their tables regions, and without space between tags."""
    html = re.sub(r' tabindex="0" role="region" aria-label="[^"]*"', "", html)
    found = re.findall(r'<section id=".*?</section>', html, re.DOTALL)
    return [re.sub(r">\s+<", "><", " ".join(one.split())) for one in found]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A playground with the demo athlete."""
    folder = tmp_path_factory.mktemp("report") / "Playground"
    made = Playground(folder, f"sqlite:///{(folder / 'strava.db').as_posix()}")
    build_export(made.drop / EXPORT_NAME, activities=40)
    made.run()
    made.engine.dispose()
    return folder


def test_the_sections_are_those_of_the_exporter_s_file(
    serve: Serve, demo: Path, tmp_path: Path
) -> None:
    file = tmp_path / "report.html"
    command = [sys.executable, "-m", "exporters", "report", "--playground", str(demo)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([*command, "--out", str(file)], cwd=tmp_path, env=environment, check=True)
    served = serve(playground=demo)
    theirs = sections(file.read_text(encoding="utf-8"))
    assert len(theirs) == 16
    assert sections(text_of(served, "/report")) == theirs


def test_the_form_chooses_sports_and_years(serve: Serve, playground: Playground) -> None:
    sports = {"Run": 2024, "TrailRun": 2025, "Ride": 2025, "Swim": 2026}
    rows = [
        {"activity_type": sport, "activity_date": f"May 4, {year}, 6:00:00 AM"}
        for sport, year in sports.items()
    ]
    playground.add("export_77.zip", [*rows, rows[0]])
    playground.run()
    address = "/report?sport=Run&sport=TrailRun&since=2025&until=2026"
    text = text_of(serve("--database", playground.database), address)
    assert "1 activity, 4 May 2025 to 4 May 2025." in text
    assert "Chosen: since 2025-01-01, until 2026-12-31, sport Run or TrailRun." in text
    assert 'value="TrailRun" checked' in text
    assert 'value="Ride" checked' not in text
    assert text.count("<option selected>") == 2
    assert "<option selected>2025</option>" in text
    assert "<option selected>2026</option>" in text


def test_one_of_several_athletes_is_shown(serve: Serve, playground: Playground) -> None:
    playground.add("export_77.zip", [{}, {}], tables=PROFILE)
    playground.add("export_78.zip", [{"activity_id": 900}], tables=OTHER)
    playground.run()
    served = serve("--database", playground.database)
    session = served.session()
    pages = {
        query: session.get(f"{served.base}/report{query}", timeout=60).text
        for query in ("", "?athlete=78", "?athlete=79", "?athlete=x")
    }
    assert "<h1>Report of &lt;b&gt;Ann&lt;/b&gt;</h1>" in pages["?athlete=78"]
    assert '<option value="78" selected>&lt;b&gt;Ann&lt;/b&gt;</option>' in pages["?athlete=78"]
    for query in ("", "?athlete=79", "?athlete=x"):
        assert "<h1>Report of Jo</h1>" in pages[query]
        assert '<option value="77" selected>Jo</option>' in pages[query]


def test_the_choice_of_an_athlete_is_not_offered_where_there_is_one(
    serve: Serve, imported: Path
) -> None:
    text = text_of(serve(playground=imported), "/report")
    assert "<h1>Report</h1>" in text
    assert 'name="athlete"' not in text


@pytest.mark.parametrize("query", ["?since=never&until=0", "?sport=", "?until=99999&athlete=-1"])
def test_what_nobody_can_read_of_an_address_is_left_out(
    serve: Serve, imported: Path, query: str
) -> None:
    text = text_of(serve(playground=imported), f"/report{query}")
    assert "5 activities, " in text
    assert "Chosen:" not in text


def test_years_in_the_wrong_order_are_refused_with_the_form(serve: Serve, imported: Path) -> None:
    text = text_of(serve(playground=imported), "/report?since=2026&until=2024&sport=Run", 400)
    assert "The last year, 2024, is before the first, 2026." in text
    assert 'value="Run" checked' in text
    assert "<section" not in text


def test_a_choice_that_nothing_matches_says_so(serve: Serve, imported: Path) -> None:
    text = text_of(serve(playground=imported), "/report?sport=%3Cscript%3Ealert(1)%3C/script%3E")
    assert "No activity matches (sport &lt;script&gt;alert(1)&lt;/script&gt;)." in text
    assert "<section" not in text


def test_a_database_without_activities_says_how_to_import(
    serve: Serve, playground: Playground
) -> None:
    upgrade(playground.engine, None)
    text = text_of(serve("--database", playground.database), "/report")
    assert "The database holds no activity. To import an export: " in text


def test_tables_that_no_run_has_filled_are_not_called_empty(
    serve: Serve, playground: Playground
) -> None:
    playground.add("export_77.zip", [{}])
    playground.run()
    with playground.engine.begin() as connection:
        connection.execute(sa.delete(ActivityFact))
    text = text_of(serve("--database", playground.database), "/report")
    assert "The tables that the page is made from are empty. To fill them: " in text


def opened(serve: Serve, visit: Visit, playground: Path, path: str) -> Page:
    served = serve(playground=playground)
    page = visit(served.address)
    page.wait_for_selector("h1")
    page.goto(f"{served.base}{path}")
    return page


def test_marks_tell_their_figures_and_one_drawing_of_several_is_shown(
    serve: Serve, demo: Path, visit: Visit
) -> None:
    page = opened(serve, visit, demo, "/report")
    assert page.locator("#years figure:visible").count() == 1
    tabs = page.locator("#years .tabs button")
    tabs.last.click()
    assert tabs.last.get_attribute("aria-pressed") == "true"
    bar = page.locator("#weekly .large rect").first
    words = bar.locator("title").text_content()
    bar.hover()
    assert page.locator("#tip").inner_text() == words


def test_the_report_has_its_colours_and_the_page_keeps_its_own(
    serve: Serve, demo: Path, visit: Visit
) -> None:
    look = """() => ["h1", "nav a", "header", ".button, button"].map(name => {
      const style = getComputedStyle(document.querySelector(name))
      return [style.color, style.padding, style.fontSize, style.maxWidth]
    })"""
    page = opened(serve, visit, demo, "/activities")
    elsewhere = page.evaluate(look)
    page.goto(page.url.replace("/activities", "/report"))
    assert page.evaluate(look) == elsewhere
    fill = "e => getComputedStyle(e).fill"
    assert page.locator("#weekly .large .bars rect").first.evaluate(fill) != "rgb(0, 0, 0)"
    assert page.locator(".report [style]").count() == 0
