"""The benchmark of the local page runs, so that its figures can be had at any time."""

from __future__ import annotations

import pytest

from benchmarks import page as benchmark


def test_the_benchmark_prints_the_time_of_every_page(capsys: pytest.CaptureFixture[str]) -> None:
    benchmark.main(["--activities", "30", "--passes", "1"])
    head, _, *lines = capsys.readouterr().out.splitlines()
    assert head.startswith("sqlite, 30 activities: listens after ")
    assert [line.split()[-1] for line in lines] == [
        *benchmark.PAGES,
        *benchmark.LONG,
        *benchmark.FILES,
    ]
    assert all(float(line.split()[0]) > 0 for line in lines)
