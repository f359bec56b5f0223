"""The benchmark of the marts runs, so that its figures can be had at any time."""

from __future__ import annotations

import pytest

from benchmarks import marts as benchmark
from db.marts import MARTS


def test_the_benchmark_prints_seconds_of_every_mart(capsys: pytest.CaptureFixture[str]) -> None:
    benchmark.main(["--activities", "30"])
    head, *lines = capsys.readouterr().out.splitlines()
    assert head.startswith("sqlite: all marts of 30 activities in ")
    assert [line.split()[0] for line in lines] == [mart.table.name for mart in MARTS]
