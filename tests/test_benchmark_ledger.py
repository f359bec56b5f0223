"""The benchmark of the ledger runs, so that its figures can be had at any time."""

from __future__ import annotations

import re

import pytest

from benchmarks import ledger as benchmark


def test_the_benchmark_prints_every_question_with_and_without_the_index(
    capsys: pytest.CaptureFixture[str], pg_url: str
) -> None:
    benchmark.main(["--exports", "7", "--files", "11", "--server", pg_url])
    rows, _, _, *questions = capsys.readouterr().out.splitlines()
    assert rows.split() == ["rows", str(7 * (11 + 2))]
    assert len(questions) == 5
    assert all(re.search(r" [\d.]+ ms, +[\d.]+ ms without the index$", line) for line in questions)
