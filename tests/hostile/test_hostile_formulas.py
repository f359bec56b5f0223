"""Titles that a spreadsheet would run: as they are in data files,
harmless where somebody asks for it.
"""

from __future__ import annotations

import csv
from pathlib import Path

import openpyxl
import pytest

from tests.builders import export_zip
from tests.exporters.conftest import command
from tests.ingest.playground import Playground

FORMULAS = [
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\n=1+1",
    "\uff1d1+1",
    '=HYPERLINK("http://x")',
]
HARMLESS = ["Run", "-12", "+3.5", "a=b", "'=1", "", "5 - 3"]


@pytest.fixture
def playground(tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database of activities with such titles."""
    monkeypatch.setattr("ingest.extract.copy_check.APART_S", 0)
    made = Playground(
        tmp_path / "Playground", f"sqlite:///{(tmp_path / 'Playground' / 'strava.db').as_posix()}"
    )
    rows = [
        {"activity_name": title, "activity_description": title} for title in [*FORMULAS, *HARMLESS]
    ]
    export_zip(made.drop / "export_77.zip", rows)
    made.run()
    made.engine.dispose()
    return made.folder


def column(folder: Path, name: str) -> dict[int, str]:
    with (folder / "activities.csv").open(encoding="utf-8", newline="") as file:
        return {int(row["activity_id"]): row[name] for row in csv.DictReader(file)}


@pytest.mark.parametrize("options", [("--tables", "activities"), ("--activities-only",)])
def test_formulas_get_an_apostrophe_only_when_asked(
    playground: Path, tmp_path: Path, options: tuple[str, ...]
) -> None:
    plain, safe = tmp_path / "plain", tmp_path / "safe"
    assert command(playground, "csv", "--out", str(plain), *options).exit_code == 0
    assert (
        command(playground, "csv", "--out", str(safe), "--spreadsheet-safe", *options).exit_code
        == 0
    )
    before, after = column(plain, "description"), column(safe, "description")
    formulas = {
        number: text
        for number, text in before.items()
        if text.strip() in {f.strip() for f in FORMULAS}
    }
    assert len(formulas) == len(FORMULAS)
    assert after == {number: "'" * (number in formulas) + text for number, text in before.items()}


def test_numbers_stay_numbers(playground: Path, tmp_path: Path) -> None:
    plain, safe = tmp_path / "plain", tmp_path / "safe"
    command(playground, "csv", "--out", str(plain))
    command(playground, "csv", "--out", str(safe), "--spreadsheet-safe")
    for name in ("elapsed_time_s", "start_time_utc", "utc_offset_s"):
        assert column(plain, name) == column(safe, name)
    assert (plain / "dates.csv").read_bytes() == (safe / "dates.csv").read_bytes()


def test_a_workbook_holds_texts_and_no_formula(playground: Path, tmp_path: Path) -> None:
    assert command(playground, "xlsx", "--out", str(tmp_path)).exit_code == 0
    book = openpyxl.load_workbook(tmp_path / "strava.xlsx")
    cells = [
        cell
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    ]
    assert "f" not in {cell.data_type for cell in cells}
    assert {text for text in FORMULAS if text in {cell.value for cell in cells}} >= {
        "=1+1",
        "-2+3",
        "@SUM(A1)",
    }
