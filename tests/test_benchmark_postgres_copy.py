"""The benchmark of COPY runs, so that its figures can be had at any time."""

from __future__ import annotations

import pytest

from benchmarks import postgres_copy as benchmark


def test_the_benchmark_prints_seconds_of_every_way(
    pg_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    benchmark.main(["--activities", "20", "--passes", "1", "--server", pg_url])
    head, _, *lines = capsys.readouterr().out.splitlines()
    assert head.startswith("20 activities, ")
    assert [line[:26].strip() for line in lines] == list(benchmark.WAYS)
    assert all(float(line.split()[-2]) > 0 for line in lines)
