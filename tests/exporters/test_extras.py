"""The base install has no pyarrow, pandas and polars: all but Parquet and frames work without."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

from exporters.errors import MissingExtra
from exporters.extras import missing, needs
from exporters.registry import EXPORTERS

ROOT = Path(__file__).parents[2]
#: Makes a process forget that these libraries are installed.
WITHOUT = (
    "import sys; sys.modules.update(dict.fromkeys(['deltalake', 'pandas', 'polars', 'pyarrow']));"
)
IMPORT_ALL = """
import json, pkgutil
from importlib import import_module
import db, exporters, ingest
from exporters.extras import needs
lacking = []
for package in (db, exporters, ingest):
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if found.name.endswith("__main__") or ".migrations." in found.name:
            continue
        try:
            with needs("all"):
                import_module(found.name)
        except exporters.errors.MissingExtra:
            lacking.append(found.name)
print(json.dumps(lacking))
"""


def run_without(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run code in a process that has only what the base install has."""
    return subprocess.run(
        [sys.executable, "-c", WITHOUT + code, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_extra_of_each_exporter_is_known_to_be_installed() -> None:
    assert [missing(exporter.extra) for exporter in EXPORTERS.values()] == [None] * len(EXPORTERS)


def test_what_is_missing_is_found_without_loading_it() -> None:
    code = """
from exporters.extras import missing
err = missing("parquet")
print(err.commands[0])
"""
    assert run_without(code).stdout.strip() == 'pip install "strava-ingest[parquet]"'


def test_only_tables_of_arrow_import_what_the_base_install_lacks() -> None:
    done = run_without(IMPORT_ALL)
    assert done.returncode == 0, done.stderr
    assert set(json.loads(done.stdout)) == {
        "exporters.bucket",
        "exporters.columns",
        "exporters.delta_lake",
        "exporters.frames",
        "exporters.lake_table",
        "exporters.parquet_files",
        "exporters.parquet_points",
        "exporters.query_table",
    }


@pytest.mark.parametrize("name", [name for name, one in EXPORTERS.items() if not one.extra])
def test_every_other_exporter_works_in_the_base_install(
    playground: Path, tmp_path: Path, name: str
) -> None:
    out = tmp_path / ("report.html" if name == "report" else "out")
    code = "from exporters.cli import main; main()"
    done = run_without(code, name, "--playground", str(playground), "--out", str(out), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["files"] > 0


def test_the_demo_is_imported_in_the_base_install(tmp_path: Path) -> None:
    code = "from ingest.cli import main; main()"
    arguments = ("demo", "--activities", "3", "--json", "--playground", str(tmp_path))
    done = run_without(code, *arguments)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["activities_new"] == 3


@pytest.mark.parametrize(
    ("name", "library", "extra"),
    [("parquet", "pyarrow", "parquet"), ("delta", "pyarrow", "lake")],
)
def test_an_exporter_says_in_a_line_what_installs_it(
    playground: Path, tmp_path: Path, name: str, library: str, extra: str
) -> None:
    code = "from exporters.cli import main; main()"
    out = str(tmp_path / "out")
    done = run_without(code, name, "--playground", str(playground), "--out", out, "--quiet")
    assert done.returncode == 1
    assert re.fullmatch(
        f"strava-export: this needs {library}, which is not installed; to install it:\n"
        rf'    python -m pip install "strava-ingest\[{extra}\]"\n',
        done.stderr,
    )


@pytest.mark.parametrize(
    ("lacking", "engine"), [("pyarrow", "pandas"), ("pandas", "pandas"), ("polars", "polars")]
)
def test_frames_say_in_a_line_what_installs_them(lacking: str, engine: str) -> None:
    code = (
        f"import sys; sys.modules[{lacking!r}] = None\n"
        f"import exporters\nexporters.dataframe('laps', 'sqlite:///none.db', {engine!r})"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stderr.splitlines()[-1] == (
        f"exporters.errors.MissingExtra: this needs {lacking}, which is not installed; to install "
        "it: "
        'python -m pip install "strava-ingest[frames]"'
    )


def test_a_library_that_no_extra_installs_is_not_promised() -> None:
    with pytest.raises(ModuleNotFoundError, match="nowhere"), needs("all"):
        import_module("nowhere")


def test_each_extra_that_a_message_names_exists() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = {one.extra for one in EXPORTERS.values() if one.extra} | {"frames", "all"}
    assert extras <= set(project["optional-dependencies"])
    base = " ".join(project["dependencies"])
    assert not [name for name in ("deltalake", "pandas", "polars", "pyarrow") if name in base]


def test_the_error_is_one_of_exporting() -> None:
    with pytest.raises(MissingExtra, match="strava-ingest\\[parquet\\]"), needs("parquet"):
        raise ModuleNotFoundError("no pyarrow", name="pyarrow.parquet")
