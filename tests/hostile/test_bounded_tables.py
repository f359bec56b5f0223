"""Tables that no account has are refused by rows, cells and width, before they fill the memory."""

from __future__ import annotations

import tracemalloc

import pytest

from ingest.errors import TooLarge
from ingest.transform.tables import TABLES, csvfile
from ingest.transform.tables.activities import read_activities
from ingest.transform.tables.csvfile import MAX_CELLS, MAX_ROWS, MAX_WIDTH, read_csv

MIB = 1024 * 1024


def refusal(data: bytes) -> str:
    with pytest.raises(TooLarge) as caught:
        read_csv(data, "a.csv")
    return caught.value.reason


def test_a_table_of_too_many_rows_is_refused_at_the_first_row_too_many() -> None:
    tracemalloc.start()
    try:
        reason = refusal(b"id\n" + b"1\n" * 20_000_000)
        assert tracemalloc.get_traced_memory()[1] < 400 * MIB
    finally:
        tracemalloc.stop()
    assert reason == f"has more than the limit of {MAX_ROWS:,} rows"


def test_a_table_of_too_many_cells_is_refused() -> None:
    row = b"1" + b"," * 9_999 + b"\n"
    assert (
        refusal(row * (MAX_CELLS // 10_000 + 2))
        == f"has more than the limit of {MAX_CELLS:,} cells"
    )


@pytest.mark.parametrize("row", [b"," * (MAX_WIDTH + 1), (b",1" * 50_000 + b',"\n"') * 3])
def test_a_row_of_absurd_width_is_refused(row: bytes) -> None:
    assert refusal(b"id,name\n" + row) == f"has a row of more than the limit of {MAX_WIDTH:,} cells"


def test_a_wide_table_of_many_rows_is_no_absurd_row() -> None:
    row = b"1" + b",2" * 1000 + b"\n"
    assert len(read_csv(row * 200, "a.csv").rows) == 199


@pytest.mark.parametrize("name", ["activities.csv", *TABLES])
def test_every_table_is_bounded(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csvfile, "MAX_ROWS", 5)
    data = b"Activity ID,Activity Date\n" + b"1,2\n" * 6
    read = read_activities if name == "activities.csv" else TABLES[name].read
    with pytest.raises(TooLarge, match="rows"):
        read(data, name)


@pytest.mark.parametrize("row", [b"\n", b"\r", b",\n"])
def test_blank_rows_count_too(row: bytes) -> None:
    assert (
        refusal(b"id,name\n" + row * (MAX_ROWS + 5))
        == f"has more than the limit of {MAX_ROWS:,} rows"
    )
