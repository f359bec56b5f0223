"""Reads limits of gear, and says which line is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.errors import UsageError
from ingest.transform.gear_limits import read_gear_limits


def limits(path: Path) -> list[tuple[str, float, int]]:
    found = read_gear_limits(path)
    assert found is not None
    return [(limit.gear, limit.limit_km, limit.line) for limit in found]


def test_without_a_file_nothing_is_said(tmp_path: Path) -> None:
    assert read_gear_limits(tmp_path / "gear_limits.csv") is None


@pytest.mark.parametrize(
    "text",
    [
        "gear,limit_km\nBlue shoes,800\n\nb77,12000.5\n",
        "\ufeffGear;Limit_km\r\nBlue shoes;800\r\n;\r\nb77;12000,5\r\n",
        'gear,limit_km\n"Blue shoes", 800\n\n b77 ,"12000,5"',
    ],
)
def test_a_spreadsheet_may_have_written_it(tmp_path: Path, text: str) -> None:
    path = tmp_path / "gear_limits.csv"
    path.write_bytes(text.encode())
    assert limits(path) == [("Blue shoes", 800.0, 2), ("b77", 12000.5, 4)]


def test_a_header_alone_limits_nothing(tmp_path: Path) -> None:
    path = tmp_path / "gear_limits.csv"
    path.write_text("gear,limit_km\n")
    assert read_gear_limits(path) == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "line 1: its first line must be gear,limit_km"),
        ("name,km\nA,1\n", "line 1: its first line must be gear,limit_km"),
        ("gear,limit_km\nA,800\nB\n", "line 3: not a name and a limit"),
        ("gear,limit_km\n,800\n", "line 2: not a name and a limit"),
        ("gear,limit_km\nA,1,200\n", "line 2: not a name and a limit"),
        ("gear,limit_km\nA,far\n", "line 2: far is no distance"),
        ("gear,limit_km\nA,0\n", "line 2: 0 is no distance"),
        ("gear,limit_km\nA,-5\n", "line 2: -5 is no distance"),
        ("gear,limit_km\nA,inf\n", "line 2: inf is no distance"),
        ("gear,limit_km\nA,800\nB,1\n a,900\n", "line 4: a has a limit in line 2 already"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "gear_limits.csv"
    path.write_text(text)
    with pytest.raises(UsageError) as caught:
        read_gear_limits(path)
    assert str(caught.value).startswith(f"{path}, {said}")


def test_another_encoding_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "gear_limits.csv"
    path.write_bytes("gear,limit_km\nBlaue Läufer,800\n".encode("latin-1"))
    with pytest.raises(UsageError, match=r"gear_limits\.csv: not UTF-8"):
        read_gear_limits(path)


def test_a_folder_of_that_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "gear_limits.csv").mkdir()
    with pytest.raises(UsageError, match=r"gear_limits\.csv: "):
        read_gear_limits(tmp_path / "gear_limits.csv")
