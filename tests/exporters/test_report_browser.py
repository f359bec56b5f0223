"""The report in a real browser: its plots are drawn, nothing sticks out on a phone, and no request
leaves.

Needs Debian's chromium; without one the tests are skipped, unless ``STRAVA_REQUIRE_CHROMIUM=1``
says that this is a failure.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.exporters.conftest import command

PLOTS = ["weekly", "years", "calendar", "gear", "split-pace", "efforts", "power", "load", "routes"]
#: What the test's copy of the page says about itself.
PROBE = """<script>
addEventListener("load", () => {
  const root = document.documentElement;
  root.dataset.width = `${root.scrollWidth} ${root.clientWidth}`;
  root.dataset.height = root.scrollHeight;
  const bar = document.querySelector("#weekly .large rect");
  bar.dispatchEvent(new PointerEvent("pointermove", { bubbles: true, clientX: 200, clientY: 200 }));
  const tip = document.getElementById("tip");
  root.dataset.tip = tip.hidden ? "" : tip.textContent;
  const figures = [...document.querySelectorAll("#years figure")];
  document.querySelectorAll("#years button")[1].click();
  root.dataset.tabs = figures.map((figure) => Number(!figure.hidden)).join("");
  document.querySelectorAll("#years button")[0].click();
  document.body.dispatchEvent(new PointerEvent("pointermove", { bubbles: true }));
  for (const section of document.querySelectorAll("section")) {
    const shown = [...section.querySelectorAll("svg")]
        .filter((svg) => svg.getBoundingClientRect().width > 0);
    section.dataset.shown = shown.length;
    section.dataset.boxes = JSON.stringify(shown.map((svg) => {
      const box = svg.getBoundingClientRect();
      return [box.left, box.top, box.width, box.height].map(Math.round);
    }));
    section.dataset.wide = [...section.querySelectorAll("svg text")].filter((text) => {
      const box = text.getBoundingClientRect();
      return box.width > 0 && (box.right > root.clientWidth || box.left < 0);
    }).length;
  }
});
</script>"""


@pytest.fixture(scope="module")
def chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found:
        return found
    if os.environ.get("STRAVA_REQUIRE_CHROMIUM") == "1":
        pytest.fail("no chromium")
    return pytest.skip("no chromium")


@pytest.fixture(scope="module")
def page(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report as it is written."""
    out = tmp_path_factory.mktemp("report") / "report.html"
    assert command(made, "report", "--out", str(out)).exit_code == 0
    return out


def browse(
    chromium: str, folder: Path, page: Path, *options: str, width: int = 1280, height: int = 4000
) -> str:
    """Open a page with a browser that reaches nobody; what it prints."""
    arguments = [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        "--hide-scrollbars",
    ]
    arguments += [
        "--host-resolver-rules=MAP * 0.0.0.0",
        "--disable-background-networking",
        "--disable-component-update",
    ]
    arguments += [
        f"--user-data-dir={folder / 'profile'}",
        f"--window-size={width},{height}",
        *options,
        page.as_uri(),
    ]
    done = subprocess.run([chromium, *arguments], capture_output=True, timeout=120, check=True)
    return done.stdout.decode()


def probed(page: Path, folder: Path) -> Path:
    """A copy that measures itself."""
    copy = folder / "copy.html"
    text = page.read_text(encoding="utf-8").replace("</body>", f"{PROBE}</body>")
    copy.write_text(text, encoding="utf-8")
    return copy


def framed(page: Path, folder: Path, width: int, height: int) -> Path:
    """A page that shows another one at the width of a phone: windows of a browser are 500 pixels
    wide at least.
    """
    frame = folder / "frame.html"
    inner = (
        f'<iframe src="{page.name}" style="border:0;width:{width}px;height:{height}px"></iframe>'
    )
    frame.write_text(f'<!doctype html><body style="margin:0">{inner}', encoding="utf-8")
    return frame


def colours(pixels: np.ndarray) -> int:
    """How many there are."""
    return len(np.unique(pixels.astype(np.uint32) @ np.array([1, 256, 65536], dtype=np.uint32)))


def measured(html: str) -> dict[str, dict[str, str]]:
    """What each section says about itself."""
    tags = re.findall(r'<section id="([\w-]+)"([^>]*)>', html)
    return {key: dict(re.findall(r'data-(\w+)="([^"]*)"', rest)) for key, rest in tags}


@pytest.fixture(scope="module")
def dom(chromium: str, page: Path) -> str:
    """What the browser made of the page, with what it measured at 1280 pixels."""
    return browse(chromium, page.parent, probed(page, page.parent), "--dump-dom")


@pytest.mark.parametrize("is_dark", [False, True])
def test_every_plot_is_drawn(
    chromium: str, page: Path, dom: str, tmp_path: Path, is_dark: bool
) -> None:
    shot = tmp_path / "shot.png"
    options = (f"--screenshot={shot}", f"--blink-settings=preferredColorScheme={int(not is_dark)}")
    browse(
        chromium, tmp_path, page, *options, height=int(re.findall(r'data-height="(\d+)"', dom)[0])
    )
    pixels = np.asarray(Image.open(shot).convert("RGB"))
    assert colours(pixels) > 100
    assert (pixels[2, 2].mean() < 60) == is_dark
    sections = measured(dom)
    for key in PLOTS:
        boxes = json.loads(unescape(sections[key]["boxes"]))
        assert boxes, key
        for left, top, across, down in boxes:
            box = pixels[top : top + down, left : left + across]
            assert box.size, key
            assert colours(box) > 3, (key, top)
            assert box.std() > 3, (key, top)


def test_every_drawing_has_marks(dom: str) -> None:
    for key in PLOTS:
        (section,) = re.findall(rf'<section id="{key}".*?</section>', dom, re.DOTALL)
        drawings = re.findall(r"<svg.*?</svg>", section, re.DOTALL)
        assert drawings, key
        for drawing in drawings:
            assert re.search(r"<(path|rect|circle)[ >]", drawing), key


def test_marks_speak_and_tabs_turn(dom: str) -> None:
    assert re.search(r'data-tip="Week of \d+ \w+ \d+: \w+ ', dom)
    assert re.search(r'data-tabs="010+"', dom)
    assert re.search(r'<div id="tip"[^>]* hidden', dom)


def test_a_phone_shows_every_plot(chromium: str, page: Path, tmp_path: Path) -> None:
    shot = tmp_path / "shot.png"
    frame = framed(probed(page, tmp_path), tmp_path, 390, 6000)
    browse(chromium, tmp_path, frame, f"--screenshot={shot}", width=500, height=6000)
    pixels = np.asarray(Image.open(shot).convert("RGB"))[:, :390]
    for top in range(0, 6000, 500):
        assert colours(pixels[top : top + 500]) > 20, top


def test_nothing_sticks_out_on_a_phone(chromium: str, page: Path, tmp_path: Path) -> None:
    copy = probed(page, tmp_path)
    frame = framed(copy, tmp_path, 390, 6000)
    script = """<script>addEventListener("load", () => setTimeout(() => {
      document.body.append(document.querySelector("iframe").contentDocument.documentElement.cloneNode(true));
    }, 300));</script>"""
    frame.write_text(frame.read_text(encoding="utf-8") + script, encoding="utf-8")
    options = ("--dump-dom", "--allow-file-access-from-files", "--virtual-time-budget=3000")
    html = browse(chromium, tmp_path, frame, *options, width=500)
    found = re.search(r'data-width="(\d+) (\d+)"', html)
    assert found, html[:500]
    assert found.groups() == ("390", "390")
    sections = measured(html)
    assert {key: sections[key]["wide"] for key in PLOTS} == dict.fromkeys(PLOTS, "0")


def requests(log: Path) -> list[str]:
    """What the page asked for; a browser has errands of its own, which no page has initiated."""
    facts = json.loads(log.read_text(encoding="utf-8"))
    starts = facts["constants"]["logEventTypes"]["URL_REQUEST_START_JOB"]
    asked = [
        event["params"]
        for event in facts["events"]
        if event["type"] == starts and "url" in event.get("params", {})
    ]
    return [
        one["url"]
        for one in asked
        if one["initiator"] != "not an origin" and not one["url"].startswith("file:")
    ]


def test_no_request_leaves(chromium: str, page: Path, tmp_path: Path) -> None:
    log = tmp_path / "net.json"
    browse(
        chromium, tmp_path, page, f"--log-net-log={log}", f"--screenshot={tmp_path / 'shot.png'}"
    )
    assert requests(log) == []


def test_a_request_would_be_seen(chromium: str, tmp_path: Path) -> None:
    leak, log = tmp_path / "leak.html", tmp_path / "net.json"
    leak.write_text('<!doctype html><img src="http://example.org/x.png">', encoding="utf-8")
    browse(
        chromium, tmp_path, leak, f"--log-net-log={log}", f"--screenshot={tmp_path / 'shot.png'}"
    )
    assert requests(log) == ["http://example.org/x.png"]


def test_the_policy_of_the_page_stops_requests(chromium: str, page: Path, tmp_path: Path) -> None:
    leak, log = tmp_path / "leak.html", tmp_path / "net.json"
    text = page.read_text(encoding="utf-8").replace(
        "</main>", '<img src="http://example.org/x.png"></main>'
    )
    leak.write_text(text, encoding="utf-8")
    browse(
        chromium, tmp_path, leak, f"--log-net-log={log}", f"--screenshot={tmp_path / 'shot.png'}"
    )
    assert requests(log) == []
