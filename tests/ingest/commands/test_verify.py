"""``--verify`` tells what it compared, what it could not,
and what it has nothing to compare with.
"""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from ingest.commands import verify
from ingest.config import make_config
from ingest.reporting.report import Report
from tests.builders import export_zip, fit_activity, gpx_activity, tcx_activity


def verified(folder: Path, **files: bytes) -> tuple[Report, str]:
    rows = [{"filename": f"activities/{name}"} for name in files]
    drop = folder / "drop"
    drop.mkdir()
    export_zip(
        drop / "export_5.zip", rows, {f"activities/{name}": data for name, data in files.items()}
    )
    out = io.StringIO()
    config = make_config(
        {}, playground=folder, database=f"sqlite:///{folder}/none.db", drop_folder=drop
    )
    return verify.verify_exports(config, Console(file=out)), out.getvalue()


def test_all_that_has_a_reference_is_compared(tmp_path: Path) -> None:
    files = {
        "1.fit": fit_activity(),
        "2.gpx": gpx_activity(),
        "3.tcx": tcx_activity(),
        "4.fit": b"no file at all",
    }
    report, said = verified(tmp_path, **files)
    assert report.notes == [
        "compared 3 device files with fitparse, gpxpy and tcxreader: 0 differences; "
        "1 files that they or strava-ingest cannot read were left out"
    ]
    assert said == ""


def test_a_format_without_reference_is_said_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify, "sniff", lambda data, origin: "kml" if b"<kml" in data else "fit")
    report, said = verified(
        tmp_path, **{"1.fit": fit_activity(), "2.kml": b"<kml/>", "3.kml": b"<kml></kml>"}
    )
    assert said.count("not compared: no other library") == 2
    assert "export_5.zip: activities/3.kml: not compared" in said
    assert report.notes[-1].startswith("compared 1 device files")
    assert report.notes[-1].endswith(
        "2 files were not compared, for no other library reads their format"
    )
