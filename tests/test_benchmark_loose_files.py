"""The benchmark of loose files takes the device files of an export, and leaves out what is none."""

from __future__ import annotations

from pathlib import Path

from benchmarks.loose_files import unpack
from tests.builders import export_zip, fit_activity, gpx_activity


def test_only_device_files_are_unpacked(tmp_path: Path) -> None:
    files = {
        "activities/1.fit": fit_activity(),
        "activities/2.gpx": gpx_activity(),
        "activities/3.fit.gz": b"junk",
        "media/a.jpg": b"x",
    }
    export = export_zip(tmp_path / "export_1.zip", [{}], files)
    assert unpack(export, tmp_path / "watch") == 2
    found = {path.name for path in (tmp_path / "watch").rglob("*") if path.is_file()}
    assert found == {"1.fit", "2.gpx"}
