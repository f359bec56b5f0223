"""The measurement of the report runs, on a few activities."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from benchmarks.report import main


def test_both_pages_are_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "report.html"
    main(["--activities", "60", "--out", str(page)])
    lines = capsys.readouterr().out.splitlines()
    found = [re.fullmatch(r"60 activities, (.*): [\d.]+ s, of them .* MB", one) for one in lines]
    assert [one[1] for one in found if one] == ["all", "for others"]
    html = page.read_text(encoding="utf-8")
    for key in ("split-pace", "climb-speed", "power", "zones", "route-map", "routes"):
        assert f'<section id="{key}"' in html
