"""A disk that is full: whatever is written, the user reads one sentence, and nothing half is left
behind.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from exporters.registry import EXPORTERS
from tests.exporters.conftest import imported

pytest.importorskip("resource", reason="Windows has no limit for the size of a file")

ROOT = Path(__file__).parents[2]
#: Runs one exporter with small chunks, so that queries are read halfway when a write fails, and in
#: a process that ends as usual: what is thrown away last must not print anything either.
RUN = """
import resource, sys
from exporters import columns, csv_tables, xlsx_book
from exporters.cli import app
columns._CHUNK = csv_tables._CHUNK = csv_tables._POINTS = xlsx_book._CHUNK = 7
limit = int(sys.argv.pop(1))
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
app()
"""


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A playground with a filled database."""
    playground = tmp_path_factory.mktemp("filled")
    imported(playground)
    return playground


def run_limited(limit: int, playground: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command line in a process that may write files of so many bytes at most."""
    return subprocess.run(
        [
            sys.executable,
            "-X",
            "dev",
            "-W",
            "ignore",
            "-c",
            RUN,
            str(limit),
            *arguments,
            "--playground",
            playground,
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("limit", [0, 20_000])
@pytest.mark.parametrize("name", EXPORTERS)
def test_an_exporter_on_a_full_disk_says_so_in_a_sentence(
    filled: Path, tmp_path: Path, name: str, limit: int
) -> None:
    out = tmp_path / ("report.html" if name == "report" else "out")
    limit = min(limit, 200) if name == "media" else limit  # the demo's photos are small
    done = run_limited(limit, filled, name, "--out", str(out), "--quiet")
    assert done.returncode == 1
    assert done.stderr.startswith(f"strava-export: {out}")
    assert "cannot be written" in done.stderr
    assert "choose another --out" in done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert "strava-partial" not in done.stderr
    assert not list(tmp_path.rglob(".*"))
    assert not out.is_file()


def test_a_full_disk_keeps_the_workbook_that_was_there(filled: Path, tmp_path: Path) -> None:
    (tmp_path / "strava.xlsx").write_bytes(b"older")
    done = run_limited(20_000, filled, "xlsx", "--out", str(tmp_path), "--overwrite")
    assert done.returncode == 1
    assert (tmp_path / "strava.xlsx").read_bytes() == b"older"
