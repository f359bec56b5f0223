"""The benchmark of row security runs, so that its figures can be had at any time."""

from __future__ import annotations

import pytest

from benchmarks import row_security as benchmark


def test_the_benchmark_prints_every_role_and_leaves_none(
    capsys: pytest.CaptureFixture[str], pg_url: str
) -> None:
    benchmark.main(["--athletes", "12", "--activities", "3", "--points", "5", "--server", pg_url])
    *lines, last = capsys.readouterr().out.splitlines()
    assert len(lines) == 12
    assert all(line.endswith(" ms") for line in lines)
    assert last.startswith("owner writes points/s: ")
