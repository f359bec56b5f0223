"""The page as a process of its own, as users start it, and a real browser.

The browser is Debian's chromium; without it tests are skipped, unless ``STRAVA_REQUIRE_CHROMIUM=1``
says that this is a failure.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.builders import export_zip, gpx_activity

ROOT = Path(__file__).parents[3]
SERVE = (sys.executable, "-m", "ingest", "serve", "--no-browser", "--port", "0")


@dataclass(frozen=True, slots=True)
class Served:
    """A page that is being served."""

    process: subprocess.Popen[str]
    #: Address with the launch token, as it was printed.
    address: str
    playground: Path

    @property
    def base(self) -> str:
        """Address without path and token."""
        parts = urlsplit(self.address)
        return f"{parts.scheme}://{parts.netloc}"

    def session(self) -> requests.Session:
        """A client that has exchanged the token."""
        session = requests.Session()
        assert session.get(self.address, timeout=20).status_code == 200
        return session


Serve = Callable[..., Served]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Start pages; they are stopped after the test."""
    with ExitStack() as stack:

        def start(*arguments: str, playground: Path | None = None, **environment: str) -> Served:
            folder = playground or tmp_path / "Playground"
            kept = {n: v for n, v in os.environ.items() if not n.startswith(("STRAVA", "DATABASE"))}
            process = subprocess.Popen(
                [*SERVE, "--playground", str(folder), *arguments],
                env={**kept, "PYTHONPATH": str(ROOT), **environment},
                cwd=tmp_path,
                stdout=subprocess.PIPE,
                text=True,
            )
            stack.callback(_stop, process)
            assert process.stdout is not None
            return Served(process, process.stdout.readline().strip(), folder)

        yield start


def _stop(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=20)


@pytest.fixture(scope="session")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A playground with five activities, one of them with a hostile title."""
    folder = tmp_path_factory.mktemp("web") / "Playground"
    drop = folder / "Strava Export"
    drop.mkdir(parents=True)
    rows = [
        {"activity_name": "Lunch Ride", "activity_type": "Ride", "distance": "40.5"},
        {"activity_name": "Morning Run", "distance": "10.0", "filename": "activities/2.gpx"},
        {"activity_name": "Evening Run", "distance": "5.0", "average_heart_rate": "150"},
        {"activity_name": "<script>document.title = 'owned'</script>", "activity_type": "Walk"},
        {"activity_name": "=1+1", "activity_type": "Swim", "distance": "1000"},
    ]
    files = {"activities/2.gpx": gpx_activity(30)}
    export_zip(
        drop / "export_77.zip", rows, files=files, tables={"profile.csv": [["Athlete ID"], [77]]}
    )
    command = [sys.executable, "-m", "ingest", "run", "--quiet", "--playground", str(folder)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "DATABASE_URL": ""}
    subprocess.run(command, cwd=folder.parent, env=environment, check=True)
    return folder


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A browser without a window."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        if os.environ.get("STRAVA_REQUIRE_CHROMIUM") == "1":
            pytest.fail("there is no chromium")
        pytest.skip("there is no chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core, which finds what people who do not see or use a mouse cannot use.

    It is the file ``axe.min.js`` that ``STRAVA_AXE`` names; without it tests are skipped, unless
    ``STRAVA_REQUIRE_AXE=1`` says that this is a failure.
    """
    file = Path(os.environ.get("STRAVA_AXE", "no file is named"))
    if not file.is_file():
        if os.environ.get("STRAVA_REQUIRE_AXE") == "1":
            pytest.fail(f"there is no axe-core at STRAVA_AXE: {file}")
        pytest.skip("there is no axe-core; STRAVA_AXE names its axe.min.js")
    return file.read_text(encoding="utf-8")


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Open pages in a fresh browser each; errors of a page, and requests that leave, fail.

    ``also`` are other hosts that a page may lead to.
    """
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def open_page(
        address: str, also: Collection[str] = (), expected: str = "", **options: object
    ) -> Page:
        """A page; an error with the ``expected`` text, as of a status, is no problem."""
        context = chromium.new_context(**options)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        hosts = {"", urlsplit(address).netloc, *also}
        page.on("pageerror", lambda error: problems.append(f"error: {error}"))
        page.on("console", lambda message: problems.extend(_error_in(message, also, expected)))
        page.on(
            "request",
            lambda r: None if urlsplit(r.url).netloc in hosts else problems.append(r.url),
        )
        page.goto(address)
        if "token=" in address:  # what answers leads on to the page by itself
            page.wait_for_url(lambda url: "token=" not in url)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert problems == []


def _error_in(message: ConsoleMessage, also: Collection[str], expected: str) -> Iterator[str]:
    """The text of a message that is an error of our pages, and not the one that is expected."""
    is_meant = bool(expected) and expected in message.text
    is_ours = urlsplit(message.location["url"]).netloc not in also
    if message.type == "error" and is_ours and not is_meant:
        yield message.text
