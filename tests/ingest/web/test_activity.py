"""The page of one activity: what it shows, what it gives, and what it never does."""

from __future__ import annotations

import json
import os
import re
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.builders import export_zip, fit_activity, gpx_activity
from tests.ingest.web.conftest import ROOT, Serve, Served

Visit = Callable[..., Page]
HOSTILE = "<script>document.title = 'owned'</script>"
TABLES = {
    "profile.csv": [["Athlete ID"], [77]],
    "media.csv": [["Media Filename", "Media Caption"], ["media/a.png", HOSTILE]],
}


def png() -> bytes:
    """A red dot."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0\xff\0\0")
    chunks = chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


ROWS: list[dict[str, object]] = [
    {
        "activity_id": 11,
        "activity_name": "Along the meridian",
        "activity_description": f"First line\n{HOSTILE}",
        "filename": "activities/11.fit",
        "distance": "3.60",
        "moving_time": "1200",
        "elapsed_time": "1260",
        "average_heart_rate": "139",
        "average_cadence": "85",
        "media": "media/a.png|media/b.svg",
    },
    {
        "activity_id": 12,
        "activity_type": "Ride",
        "filename": "activities/12.gpx",
        "distance": "1.2",
    },
    {"activity_id": 13, "activity_type": "Yoga", "activity_name": ""},
]
FILES = {
    "activities/11.fit": fit_activity(1201),
    "activities/12.gpx": gpx_activity(400),
    "media/a.png": png(),
    "media/b.svg": b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
}


def run(playground: Path, *arguments: str) -> None:
    command = [sys.executable, "-m", "ingest", "run", "--quiet", "--playground", str(playground)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "DATABASE_URL": ""}
    subprocess.run(
        [*command, *arguments], cwd=playground.parent, env=environment, check=True, timeout=120
    )


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A playground with a run (FIT), a ride (GPX) and a yoga lesson without a file or a title."""
    playground = tmp_path_factory.mktemp("activity") / "Playground"
    drop = playground / "Strava Export"
    drop.mkdir(parents=True)
    export_zip(drop / "export_77.zip", ROWS, files=FILES, tables=TABLES)
    run(playground)
    return playground


@pytest.fixture
def served(serve: Serve, account: Path) -> Served:
    return serve(playground=account)


def opened(visit: Visit, served: Served, path: str, **options: object) -> Page:
    page = visit(served.address, **options)
    page.wait_for_selector("h1")
    page.goto(f"{served.base}{path}")
    return page


def tiles(page: Page) -> dict[str, str]:
    names = page.locator(".tiles dt").all_inner_texts()
    return dict(zip(names, page.locator(".tiles dd").all_inner_texts(), strict=True))


#: The colour of the first chart's line, which is the strongest one of its picture.
_LINE = """() => {
  const canvas = document.querySelector("canvas"), {width, height} = canvas
  const {data} = canvas.getContext("2d").getImageData(0, 0, width, height)
  return [0, 1, 2].map(c => data.reduce((sum, v, i) => i % 4 === c ? sum + v : sum, 0)).join()
}"""


def pixel(page: Page) -> str:
    return str(page.evaluate(_LINE))


def test_a_click_in_the_table_leads_to_the_figures_that_strava_shows(
    served: Served, visit: Visit
) -> None:
    page = opened(visit, served, "/activities")
    page.get_by_role("link", name="Along the meridian").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Along the meridian"
    found = tiles(page)
    assert found["Distance"] == "3.60 km"
    assert found["Moving time"] == "20:00"
    assert found["Average pace"] == "5:33 min/km"  # 1,200 s for 3.6 km
    assert found["Average heart rate"] == "139 bpm"
    assert found["Average cadence"] == "170 steps/min"  # Strava counts both legs
    strava = page.get_by_role("link", name="See it on Strava")
    assert strava.get_attribute("href") == "https://www.strava.com/activities/11"
    page.get_by_role("link", name="Plan its course").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Along the meridian"


def test_texts_of_other_people_are_only_text(served: Served, visit: Visit) -> None:
    page = opened(visit, served, "/activities/11")
    assert page.locator(".description").inner_text() == f"First line\n{HOSTILE}"
    assert page.locator(".photos img").first.get_attribute("alt") == HOSTILE
    assert page.title() == "Along the meridian · strava-ingest"


def test_all_charts_and_the_route_share_one_cursor(served: Served, visit: Visit) -> None:
    page = opened(visit, served, "/activities/11", viewport={"width": 1280, "height": 2400})
    names = page.locator("figcaption b").all_inner_texts()
    assert names == ["Altitude", "Pace", "Heart rate"]
    assert page.locator("canvas").count() == 3
    box = page.locator("figure .u-over").nth(1).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    said = page.locator("figcaption output").all_inner_texts()
    assert all(re.search(r" at 1\.(79|80|81) km, (9:5\d|10:0\d)$", text) for text in said), said
    assert said[0].startswith("400 m at")
    assert re.match(r"5:3\d min/km at", said[1])
    first = page.locator("#here").get_attribute("d")
    page.mouse.move(box["x"] + box["width"] - 2, box["y"] + box["height"] / 2)
    assert page.locator("#here.on").get_attribute("d") != first


def test_charts_can_be_walked_by_keyboard_over_distance_and_over_time(
    served: Served, visit: Visit
) -> None:
    page = opened(visit, served, "/activities/11")
    slider = page.get_by_label("Position along the way")
    slider.focus()
    page.keyboard.press("End")
    assert slider.get_attribute("aria-valuetext") == "3.60 km, 20:00"
    before = page.locator("canvas").first.screenshot()
    page.get_by_label("time", exact=True).check()
    assert page.locator("canvas").first.screenshot() != before  # its axis has other words
    page.keyboard.press("Tab")
    assert page.locator("figcaption output").first.inner_text().endswith("at 3.60 km, 20:00")


def test_charts_are_drawn_anew_in_the_dark(served: Served, visit: Visit) -> None:
    page = opened(visit, served, "/activities/11", color_scheme="light")
    light = pixel(page)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"light => ({_LINE})() !== light", arg=light)


def test_tables_have_the_splits_laps_efforts_and_zones(served: Served, visit: Visit) -> None:
    page = opened(visit, served, "/activities/11")
    headings = page.locator(".columns h2").all_inner_texts()
    assert headings == ["Splits", "Laps", "Best efforts", "Heart rate zones"]
    splits = page.get_by_role("region", name="Splits").locator("tbody tr").all_inner_texts()
    assert [row.split("\t")[:3] for row in splits[:3]] == [
        [f"{n}", "5:33", "5:33"] for n in (1, 2, 3)
    ]
    assert splits[3].replace("\u00a0", " ").startswith("4 (0.60 km)\t3:20\t5:33")


def test_each_fact_tells_its_source(served: Served, visit: Visit) -> None:
    page = opened(visit, served, "/activities/11")
    page.get_by_text("facts, their sources").click()
    rows = page.get_by_role("region", name="Facts and their sources").locator("tbody tr")
    found = {
        row.locator("code").inner_text(): row.locator("td").all_inner_texts() for row in rows.all()
    }
    assert found["distance_m"] == ["3 600 m".replace(" ", "\u202f", 1), "export", ""]
    assert found["start_latitude"][1] == "device file"
    assert found["timezone_name"][1] == "worked out"


def test_the_page_says_what_is_not_there(served: Served, visit: Visit) -> None:
    page = opened(visit, served, "/activities/13")
    assert page.get_by_role("heading", level=1).inner_text() == "Activity without a title"
    assert page.get_by_text("There are no track points").is_visible()
    assert page.get_by_role("link", name="Original file").count() == 0


def test_without_scripts_figures_route_and_tables_are_there(served: Served, visit: Visit) -> None:
    page = opened(visit, served, "/activities/12", java_script_enabled=False)
    assert "Distance" in tiles(page)
    assert str(page.locator("svg.map .line").get_attribute("d")).count(" ") > 100
    assert page.get_by_text("The curves need scripts").is_visible()
    assert page.get_by_label("Position along the way").is_visible() is False


def test_the_original_file_is_the_one_of_the_export(served: Served) -> None:
    answer = served.session().get(f"{served.base}/activities/11/original", timeout=20)
    assert answer.content == FILES["activities/11.fit"]
    assert answer.headers["content-disposition"] == 'attachment; filename="11.fit"'


def test_photos_are_shown_and_all_else_is_only_a_download(served: Served) -> None:
    session = served.session()
    photo = session.get(f"{served.base}/activities/11/media/0", timeout=20)
    assert (photo.content, photo.headers["content-type"]) == (FILES["media/a.png"], "image/png")
    other = session.get(f"{served.base}/activities/11/media/1", timeout=20)
    assert other.headers["content-type"] == "application/octet-stream"
    assert other.headers["content-disposition"].startswith("attachment")


@pytest.mark.parametrize(
    "path",
    [
        "/activities/99",
        "/activities/99/original",
        "/activities/13/original",
        "/activities/11/media/2",
        "/activities/11/media/99999999999999999999",
        "/activities/1e3",
        "/activities/99999999999999999999999",
        "/activities/..%2f..%2fetc",
        "/activities/11/media/..%2f0",
    ],
)
def test_what_there_is_not_is_a_page_that_says_so(served: Served, path: str) -> None:
    answer = served.session().get(f"{served.base}{path}", timeout=20)
    assert answer.status_code == 404
    assert "There is no such page" in answer.text


def test_files_of_an_export_that_was_moved_away_are_missed_by_name(
    serve: Serve, tmp_path: Path
) -> None:
    playground = tmp_path / "Playground"
    playground.mkdir()
    elsewhere = export_zip(tmp_path / "export_77.zip", ROWS, files=FILES, tables=TABLES)
    run(playground, str(elsewhere))
    served = serve(playground=playground)
    session = served.session()
    for path in ("original", "media/0"):
        answer = session.get(f"{served.base}/activities/11/{path}", timeout=20)
        assert answer.status_code == 404
        assert "The file is not there" in answer.text
    assert "export_77.zip" in session.get(f"{served.base}/activities/11/original", timeout=20).text


def test_points_of_postgresql_give_the_same_charts(
    serve: Serve, account: Path, tmp_path: Path, pg_url: str
) -> None:
    playground = tmp_path / "Other"
    playground.mkdir()
    run(playground, "--database", pg_url, str(account / "Strava Export" / "export_77.zip"))
    pages = [serve(playground=account), serve("--database", pg_url, playground=playground)]
    data = [
        json.loads(
            re.findall(
                r'id="points">(.*?)</script>',
                served.session().get(f"{served.base}/activities/11", timeout=20).text,
            )[0]
        )
        for served in pages
    ]
    assert data[0] == data[1]
    assert len(data[0]["times"]) == 1201
