"""The benchmark of the ledger runs, so that its figures can be had at any time."""

from __future__ import annotations

import re

import pytest

from benchmarks import ledger as benchmark


def test_each_question_finds_its_rows_and_is_timed_with_and_without_the_index(
    capsys: pytest.CaptureFixture[str], pg_url: str
) -> None:
    benchmark.main(["--exports", "7", "--files", "11", "--server", pg_url])
    rows, _, _, *questions = capsys.readouterr().out.splitlines()
    assert rows.split() == ["rows", str(7 * (11 + 5))]
    lines = [
        re.fullmatch(r"(.+?) +(\d+) found +[\d.]+ ms, +[\d.]+ ms without the index", line)
        for line in questions
    ]
    assert [(line[1], int(line[2])) for line in lines if line] == [
        ("dates of exports", 7),
        ("exports", 7),
        ("places of exports", 7),
        ("loose files", 14),
        ("ZIPs of loose files", 7),
    ]
