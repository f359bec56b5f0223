"""A CSV is read however it was saved."""

from __future__ import annotations

import csv
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.errors import BadTable
from ingest.transform.tables import csvfile
from ingest.transform.tables.csvfile import read_csv
from tests.ingest.transform.tables.header_rows import csv_bytes

TEXT = "id,name\n1,Über die Brücke – été ☀️\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_every_encoding_with_or_without_bom_gives_the_same_rows(encoding: str) -> None:
    file = read_csv(TEXT.encode(encoding), "a.csv")
    assert file.header == ("id", "name")
    assert file.rows == [(2, ("1", "Über die Brücke – été ☀️"))]


def test_windows_1252_is_the_fallback() -> None:
    assert read_csv("id,name\n1,Höhe €\n".encode("cp1252"), "a.csv").rows == [(2, ("1", "Höhe €"))]


def test_one_cut_emoji_does_not_spoil_the_accents_of_the_file() -> None:
    data = "id,name\n1,Höhe über\n2,".encode() + b"\xf0\x9f\x9a" + b"\n"
    rows = read_csv(data, "a.csv").rows
    assert rows[0] == (2, ("1", "Höhe über"))
    assert rows[1] == (3, ("2", "\ufffd"))


def test_windows_line_ends_separate_rows_and_stay_inside_cells() -> None:
    assert read_csv(b'id,name\r\n1,"a\r\nb"\r\n2,c\r\n', "a.csv").rows == [
        (2, ("1", "a\r\nb")),
        (3, ("2", "c")),
    ]


def test_backslashes_escape_nothing() -> None:
    assert read_csv(b'id,name\n1,"Loop \\""the hard way\\"" C:\\"\n2,x\n', "a.csv").rows[0] == (
        2,
        ("1", 'Loop \\"the hard way\\" C:\\'),
    )


def test_a_cell_above_the_limit_is_read_and_the_limit_put_back() -> None:
    before = csv.field_size_limit()
    assert read_csv(b"id,name\n1," + b"x" * 200_000 + b"\n", "a.csv").rows[0][1][1] == "x" * 200_000
    assert csv.field_size_limit() == before


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_nul_bytes_are_dropped(encoding: str) -> None:
    text = '\0\0id,name\n1,a\0b\n\0\n2,"c\0\nd"\n\0'
    assert read_csv(text.encode(encoding), "a.csv").rows == [(2, ("1", "ab")), (4, ("2", "c\nd"))]


def test_a_replacement_character_that_was_written_is_no_damage() -> None:
    assert read_csv("id,name\n1,\ufffd\n".encode(), "a.csv").rows == [(2, ("1", "\ufffd"))]


@pytest.mark.parametrize("cut", range(6))
def test_letters_across_the_borders_of_chunks_stay_whole(
    cut: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csvfile, "_CHUNK", cut + 1)
    assert read_csv(TEXT.encode(), "a.csv").rows == [(2, ("1", "Über die Brücke – été ☀️"))]


def test_the_separator_is_told_from_the_first_line_however_many_blank_ones_precede_it() -> None:
    assert read_csv(b"\n" * 30_000 + b"id;name\n1;a,b\n", "a.csv").rows == [(30_002, ("1", "a,b"))]


def test_an_emoji_does_not_multiply_the_memory() -> None:
    data = "id,name\n1,🚲\n".encode() + b"2,the same again and again\n" * 40_000
    plain = data.replace("🚲".encode(), b"bike")
    peaks = []
    for each in (plain, data):
        tracemalloc.start()
        read_csv(each, "a.csv")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + len(data)


@pytest.mark.parametrize("data", [b"\0", b"\xef\xbb\xbf\0\0"])
def test_a_file_of_nothing_but_nul_bytes_is_empty(data: bytes) -> None:
    with pytest.raises(BadTable, match="the file is empty"):
        read_csv(data, "a.csv")


def test_blank_rows_are_left_out_and_still_counted() -> None:
    assert read_csv(b"id,name\n\n,\n1,a\n", "a.csv").rows == [(4, ("1", "a"))]


def test_short_and_long_rows_stay_as_they_are() -> None:
    assert read_csv(b"id,name\n1\n2,b,c\n", "a.csv").rows == [(2, ("1",)), (3, ("2", "b", "c"))]


@pytest.mark.parametrize("mark", [";", "\t"])
def test_what_a_spreadsheet_saved_with_another_separator_is_read(mark: str) -> None:
    assert read_csv(f"id{mark}name\n1{mark}a,b\n".encode(), "a.csv").rows == [(2, ("1", "a,b"))]


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", b"\n\n"])
def test_a_file_without_a_header_is_named(data: bytes) -> None:
    with pytest.raises(BadTable) as caught:
        read_csv(data, "export.zip/a.csv")
    assert caught.value.origin == "export.zip/a.csv"


CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufeff"), max_size=30)


@settings(deadline=None)
@given(st.lists(st.lists(CELL, min_size=2, max_size=4), max_size=6))
def test_any_text_comes_back_as_it_was_written(rows: list[list[str]]) -> None:
    file = read_csv(csv_bytes([["id", "name"], *rows]), "a.csv")
    assert [cells for _, cells in file.rows] == [tuple(row) for row in rows if any(row)]
