"""The benchmark of the parsers runs, so that its figures can be had at any time."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from benchmarks import parsers as benchmark
from tests.builders import fit_activity


def test_the_benchmark_prints_points_and_files_per_second(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "1.fit.gz").write_bytes(gzip.compress(fit_activity(50)))
    (tmp_path / "2.fit").write_bytes(fit_activity(20))
    (tmp_path / "3.fit").write_bytes(b"not a FIT file")
    benchmark.main(["--samples", str(tmp_path), "--passes", "1"])
    table = capsys.readouterr().out
    assert "fitparse" in table
    assert "files/s" in table
    assert table.splitlines()[1].split()[1:4:2] == ["2", "70"]
