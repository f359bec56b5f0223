"""The comparison with Strava's figures runs on an export, and says by how much ours differ."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import agreement
from tests.builders import export_zip, fit_activity

#: A run of 600 s at 3 m/s.
FILES = {"activities/1.fit": fit_activity(601), "activities/2.fit": fit_activity(601)}


def test_errors_are_per_cent_of_strava_s_figure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        {"filename": "activities/1.fit", "elapsed_time": 600, "moving_time": 600, "distance": 1.8},
        {"filename": "activities/2.fit", "elapsed_time": 600, "moving_time": 480, "distance": 1.8},
    ]
    agreement.main([str(export_zip(tmp_path / "export_77.zip", rows, files=FILES))])
    table = [line.split() for line in capsys.readouterr().out.splitlines()]
    moving = next(line for line in table if line[:2] == ["moving", "time"])
    assert moving == ["moving", "time", "Run", "fit", "2", "12.50", "25.00", "50%"]


def test_grade_adjusted_distances_are_compared_by_each_curve(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = {
        "filename": "activities/1.fit",
        "grade_adjusted_distance": 2250,
    }  # of 1,800 m on the flat
    agreement.main([str(export_zip(tmp_path / "export_77.zip", [row], files=FILES))])
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    found = {line[1]: line[5] for line in lines if line[0] == "flat"}
    assert found == {"(Kay)": "20.00", "(Strava)": "20.00"}


def test_ninety_per_cent_are_not_the_worst() -> None:
    pairs = [agreement.Pair("climb", "Run", "gpx", 100.0, 100.0 + error) for error in range(21)]
    assert [line.split() for line in agreement.lines(pairs)] == [
        ["climb", "Run", "gpx", "21", "10.00", "18.00", "10%"]
    ]
