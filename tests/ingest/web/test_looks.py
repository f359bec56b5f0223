"""Every page as people meet it: narrow and wide, light and dark, without a mouse, by ear."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.builders import export_zip, gpx_activity
from tests.ingest.web.conftest import ROOT, Serve

Visit = Callable[..., Page]
#: Pages beside those that the navigation leads to.
ALSO = (
    "/activities/2",
    "/activities?q=nothing-has-such-a-title",
    "/activities?since=2020-01-01",
    "/report?sport=Run&since=2026",
    "/problems?all=1",
    "/data?q=heart",
)
WIDTHS = (390, 1280, 2560)
#: Titles that are too large for a page, and one that is written from right to left.
TITLES = (
    "W" * 400,
    "Sunday " * 60,
    "\N{WOMAN}\N{ZERO WIDTH JOINER}\N{ROCKET}" * 80,
    "\N{ARABIC LETTER SHEEN}" * 90,
)
#: The boxes that stick out of a page to the right, apart from what scrolls in a region of its own.
_STICKS_OUT = """() => [...document.querySelectorAll("body *")]
  .filter(e => !e.closest(".scroll, .skip") && e.getBoundingClientRect().right > innerWidth + 1)
  .map(e => e.outerHTML.slice(0, 120))"""
#: Of radio buttons only the chosen one, from which the arrow keys lead to the others.
_CONTROLS = """() => [...document.querySelectorAll(
    "a[href], button, input:not([type='radio']:not(:checked)), select, [tabindex='0']")]
  .filter(e => e.checkVisibility()).map(e => e.outerHTML.slice(0, 200))"""
_FOCUSED = "() => document.activeElement.outerHTML.slice(0, 200)"
_MOVING = """() => [...document.querySelectorAll("*")].filter(e => {
  const style = getComputedStyle(e)
  return style.animationName !== "none" || style.transitionDuration !== "0s"
}).map(e => e.outerHTML.slice(0, 120))"""


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A playground whose titles, gear and distances are as large as they get."""
    folder = tmp_path_factory.mktemp("large") / "Playground"
    drop = folder / "Strava Export"
    drop.mkdir(parents=True)
    rows = [
        {
            "activity_name": title,
            "distance": "9999999.0",
            "moving_time": "9999999",
            "activity_gear": "G" * 120,
            "filename": f"activities/{n}.gpx",
        }
        for n, title in enumerate(TITLES)
    ]
    files = {f"activities/{n}.gpx": gpx_activity(30) for n in range(len(TITLES))}
    tables = {"profile.csv": [["Athlete ID"], [77]]}
    export_zip(drop / "export_77.zip", rows, files=files, tables=tables)
    command = [sys.executable, "-m", "ingest", "run", "--quiet", "--playground", str(folder)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "DATABASE_URL": ""}
    subprocess.run(command, cwd=folder.parent, env=environment, check=True)
    return folder


def resize(page: Page, width: int) -> None:
    """Resize the window, and wait until scripts have drawn for it."""
    page.set_viewport_size({"width": width, "height": 844})
    drawn(page)


def drawn(page: Page) -> None:
    """Wait for the first frame: what is read from a page before it may not be final."""
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done)))")


def opened(visit: Visit, address: str, **options: Any) -> Page:
    page = visit(address, **options)
    page.wait_for_selector("h1")
    drawn(page)
    return page


def paths(page: Page) -> list[str]:
    """Where all pages are: a new one is tested as soon as the navigation has it."""
    links = page.locator("nav[aria-label=Pages] a").evaluate_all(
        "all => all.map(link => link.getAttribute('href'))"
    )
    assert {"/", "/activities"} <= set(links)
    return [*links, *ALSO]


def findings(page: Page, axe: str) -> list[str]:
    """What axe-core says is serious, with the element and, for colours, which they are."""
    page.evaluate(axe)
    found = page.evaluate("async () => (await axe.run()).violations")
    return [
        f"{one['impact']}: {one['help']}: {one['nodes'][0]['html']}\n"
        f"{one['nodes'][0]['failureSummary']}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


def headings(page: Page) -> list[int]:
    """The levels of the headings, in their order."""
    return [
        int(str(tag)[1])
        for tag in page.locator("h1, h2, h3, h4, h5, h6").evaluate_all(
            "all => all.map(h => h.tagName)"
        )
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_sticks_out_however_large_it_is(
    serve: Serve, large: Path, visit: Visit, scheme: str
) -> None:
    served = serve(playground=large)
    page = opened(visit, served.address, color_scheme=scheme)
    for path in paths(page):
        page.goto(f"{served.base}{path}")
        for width in WIDTHS:
            resize(page, width)
            assert page.evaluate(_STICKS_OUT) == [], (path, width)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (
                path,
                width,
            )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(
    serve: Serve, imported: Path, visit: Visit, axe: str, scheme: str
) -> None:
    served = serve(playground=imported)
    page = opened(visit, served.address, color_scheme=scheme)
    for path in paths(page):
        page.goto(f"{served.base}{path}")
        for width in WIDTHS[:2]:
            resize(page, width)
            assert findings(page, axe) == [], (path, width)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_where_nothing_is_yet(
    serve: Serve, visit: Visit, axe: str, scheme: str
) -> None:
    page = opened(visit, serve().address, color_scheme=scheme)
    assert page.locator("h1").inner_text() == "Nothing is here yet"
    assert findings(page, axe) == []
    assert headings(page) == [1, 2, 2]


def test_axe_would_find_what_is_wrong(serve: Serve, imported: Path, visit: Visit, axe: str) -> None:
    page = opened(visit, serve(playground=imported).address)
    page.evaluate("document.querySelector('main').append(document.createElement('input'))")
    assert any("label" in finding for finding in findings(page, axe))


def test_headings_are_in_order(serve: Serve, imported: Path, visit: Visit) -> None:
    served = serve(playground=imported)
    page = opened(visit, served.address)
    for path in paths(page):
        page.goto(f"{served.base}{path}")
        levels = headings(page)
        assert levels.count(1) == 1, path
        assert all(new <= old + 1 for old, new in zip([0, *levels], levels, strict=False)), path


def test_every_control_is_reached_by_keyboard_and_shows_that_it_is(
    serve: Serve, imported: Path, visit: Visit
) -> None:
    served = serve(playground=imported)
    page = opened(visit, served.address)
    for path in paths(page):
        page.goto(f"{served.base}{path}")
        controls = page.evaluate(_CONTROLS)
        reached = set()
        for _ in range(6 * len(controls)):  # a date has several parts
            page.keyboard.press("Tab")
            reached.add(page.evaluate(_FOCUSED))
            if reached >= set(controls):
                break
        assert set(controls) - reached == set(), path


def test_the_first_tab_leads_past_the_navigation(
    serve: Serve, imported: Path, visit: Visit
) -> None:
    page = opened(visit, serve(playground=imported).address)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.id == 'content'")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


@pytest.mark.parametrize(("wish", "moving"), [("reduce", 0), ("no-preference", 1)])
def test_nothing_moves_for_those_who_do_not_want_it(
    serve: Serve, imported: Path, visit: Visit, wish: str, moving: int
) -> None:
    served = serve(playground=imported)
    page = opened(visit, served.address, reduced_motion=wish)
    for path in paths(page):
        page.goto(f"{served.base}{path}")
        assert page.evaluate(_MOVING) == [], path
        page.evaluate("document.querySelector('h1').style.transition = 'color 1s'")
        assert len(page.evaluate(_MOVING)) == moving, path


def test_a_database_that_is_none_is_told_on_a_page(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "none.db").write_text("this is no database, but a text that is long enough")
    served = serve("--database", str(tmp_path / "none.db"))
    answer = served.session().get(f"{served.base}/activities", timeout=20)
    assert answer.status_code == 500
    assert "The database cannot be read" in answer.text
    assert "file is not a database" in answer.text
