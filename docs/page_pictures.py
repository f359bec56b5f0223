"""Takes the pictures of docs/page.md: the local page of a demo athlete, in Debian's chromium.

``python -m docs.page_pictures FOLDER``. The demo and its page are made in a temporary folder.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

ROOT: Final = Path(__file__).parents[1]
#: File, path of the page, and width and height of the window.
PICTURES: Final = (
    ("page-home.png", "/", 1100, 640),
    ("page-import.png", "/import", 1100, 760),
    ("page-connect.png", "/connect", 1100, 640),
    ("page-activities.png", "/activities?sport=Ride", 1100, 640),
    ("page-course.png", "/course?distance=25&climb=1200&start=9:00", 1100, 1000),
    ("page-activity.png", "/activities/10385666176", 1100, 1500),
    ("page-report.png", "/report?sport=Run", 1100, 900),
    ("page-files.png", "/files", 1100, 560),
    ("page-problems.png", "/problems", 1100, 640),
    ("page-data.png", "/data", 1100, 760),
)
#: Colours of a picture: enough for text, bars and photos, and a third of the bytes.
_COLOURS: Final = 256


def main() -> None:
    """Write the pictures."""
    folder = Path(sys.argv[1])
    with (
        tempfile.TemporaryDirectory() as place,
        _served(Path(place)) as address,
        _browser(address) as page,
    ):
        parts = urlsplit(address)
        for name, path, width, height in PICTURES:
            page.set_viewport_size({"width": width, "height": height})
            page.goto(f"{parts.scheme}://{parts.netloc}{path}")
            page.wait_for_selector("h1")
            page.screenshot(path=str(folder / name))
            shrink(folder / name)


@contextmanager
def _served(place: Path) -> Iterator[str]:
    """The address of a page of a demo athlete."""
    program = [sys.executable, "-m", "ingest"]
    subprocess.run([*program, "demo", "--quiet", "--playground", str(place)], cwd=ROOT, check=True)
    serve = [*program, "serve", "--no-browser", "--port", "0", "--playground", str(place)]
    process = subprocess.Popen(
        [*serve, "--database", str(place / "demo.db")], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.communicate(timeout=20)


@contextmanager
def _browser(address: str) -> Iterator[Page]:
    """A browser that has come in."""
    with chromium() as browser:
        page = browser.new_page()
        page.goto(address)
        page.wait_for_selector("h1")
        yield page


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


def shrink(file: Path) -> None:
    """Save a picture with few colours."""
    with Image.open(file) as picture:
        whole = picture.convert("RGB")
    # The most frequent colours stay as they are, so that those of a legend keep apart.
    colours, counts = np.unique(np.asarray(whole).reshape(-1, 3), axis=0, return_counts=True)
    palette = Image.new("P", (1, 1))
    palette.putpalette(colours[np.argsort(-counts)[:_COLOURS]].ravel().tolist())
    whole.quantize(palette=palette, dither=Image.Dither.NONE).save(file, optimize=True)


if __name__ == "__main__":
    main()
