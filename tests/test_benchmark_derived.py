"""The benchmark of the derived figures runs, so that its figures can be had at any time."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import derived as benchmark
from tests.builders import fit_activity


def test_the_benchmark_prints_points_per_second_of_both_sides(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "1.fit").write_bytes(fit_activity(50))
    (tmp_path / "2.fit").write_bytes(b"not a FIT file")
    benchmark.main(["--samples", str(tmp_path), "--passes", "1"])
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:4] for line in lines[1:]] == [
        ["as", "runs", "1", "50"],
        ["as", "rides", "1", "50"],
    ]
