"""Takes pictures of the reports of made accounts, in Debian's chromium.

``python -m docs.report_pictures FOLDER`` writes ``report.png``, the picture of the README and the
manual. With ``--accounts`` it also writes the reports of a runner, a rider, a swimmer and of an
account that ended in 2022, each on a screen and on a phone, light and dark, to be looked at after a
change.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal

import sqlalchemy as sa
from playwright.sync_api import Browser

from db.engine import for_writing, make_engine
from docs.page_pictures import ROOT, chromium, shrink
from ingest.config import make_config
from ingest.demo import EXPORT_NAME, build_export
from ingest.demo.build import UNTIL
from ingest.reporting.progress import Progress
from ingest.run.pipeline import run

#: Accounts, and the sports that are chosen of the demo athlete's.
SPORTS: Final = {
    "runner": ("Run", "TrailRun", "Walk", "WeightTraining"),
    "rider": ("Ride", "VirtualRide", "Hike"),
    "swimmer": ("Swim", "Yoga"),
}
SCREEN, PHONE = 1280, 390
_SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
_ENDED: Final = datetime(2022, 10, 30, tzinfo=UTC)
#: Height of report.png: the first sections.
_TOP: Final = 2900


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the pictures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--accounts", action="store_true", help="also those of four accounts")
    parser.add_argument("--activities", type=int, default=1200)
    options = parser.parse_args(arguments)
    folder: Path = options.folder
    with tempfile.TemporaryDirectory() as place, chromium() as browser:
        made = _imported(Path(place, "made"), options.activities)
        _picture(browser, _report(made), folder / "report.png", SCREEN, "light", _TOP)
        for name, page in _accounts(made, options.activities) if options.accounts else ():
            for width in (SCREEN, PHONE):
                for scheme in _SCHEMES:
                    _picture(browser, page, folder / f"{name}-{width}-{scheme}.png", width, scheme)


def _accounts(made: Path, activities: int) -> Iterator[tuple[str, Path]]:
    """The accounts and their reports."""
    for name, sports in SPORTS.items():
        yield name, _report(made, *(f"--sport={sport}" for sport in sports))
    ended = _imported(made.with_name("ended"), activities // 3, _ENDED)
    engine = for_writing(make_engine(f"sqlite:///{(ended / 'strava.db').as_posix()}"))
    with engine.begin() as connection:  # the account's export is of a later year
        connection.execute(sa.text("UPDATE import_files SET exported_at = '2026-03-01 12:00:00'"))
    engine.dispose()
    yield "ended", _report(ended)


def _imported(playground: Path, activities: int, until: datetime = UNTIL) -> Path:
    """A playground with the database of a made account of four years."""
    drop = playground / "Strava Export"
    drop.mkdir(parents=True)
    build_export(drop / EXPORT_NAME, activities=activities, years=4, until=until)
    run(make_config({}, playground=playground, skip_api=True), Progress())
    return playground


def _report(playground: Path, *options: str) -> Path:
    """The file of a report."""
    out = playground / "report.html"
    program = [sys.executable, "-m", "exporters", "report", "--quiet", "--out", str(out)]
    subprocess.run([*program, "--playground", str(playground), *options], cwd=ROOT, check=True)
    return out


def _picture(
    browser: Browser,
    page: Path,
    file: Path,
    width: int,
    scheme: Literal["light", "dark"],
    height: int | None = None,
) -> None:
    """Take a picture of a whole page, or of its top."""
    tab = browser.new_page(viewport={"width": width, "height": height or 900}, color_scheme=scheme)
    tab.goto(page.as_uri())
    tab.screenshot(path=str(file), full_page=height is None)
    tab.close()
    shrink(file)


if __name__ == "__main__":
    main()
