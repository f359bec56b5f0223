"""csv, json, parquet, xlsx: what comes out is what is in."""

from __future__ import annotations

import csv
import io
import json
import math
import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import openpyxl
import pandas
import polars
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from db.models import Base
from exporters import csv_tables, parquet_files, parquet_points, xlsx_book
from exporters.errors import ExportError
from exporters.files import whole_file
from exporters.xlsx_book import Sheets
from tests.conformance.cases import Rows
from tests.exporters.conftest import (
    ACTIVITIES,
    Ask,
    Change,
    Export,
    imported,
    job_of,
    made_empty,
)

POINTS = "SELECT * FROM track_points ORDER BY activity_id, point_index"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def test_csv_has_every_table_and_every_row(export: Export, ask: Ask, out: Path) -> None:
    export("csv")
    assert {path.stem for path in out.iterdir()} == set(Base.metadata.tables)
    for name in Base.metadata.tables:
        with (out / f"{name}.csv").open(newline="", encoding="utf-8") as file:
            header, *rows = csv.reader(file)
        assert header == [column.name for column in Base.metadata.tables[name].columns]
        assert len(rows) == ask(f"SELECT count(*) FROM {name}")[0][0]


def test_csv_points_are_the_very_numbers(export: Export, ask: Ask, out: Path) -> None:
    export("csv", "--tables", "track_points")
    with (out / "track_points.csv").open(newline="", encoding="utf-8") as file:
        rows = [
            tuple(float(cell) if cell else None for cell in row)
            for row in list(csv.reader(file))[1:]
        ]
    assert sorted(rows) == ask(POINTS)


def test_csv_points_of_both_engines_are_texts_as_python_writes_them(
    database_url: str, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_tables, "_POINTS", 3)  # so that lines of several chunks follow
    numbers = [3000.0, 0.0001, -9.9e-05, 1e-05, -1.5e-07, 5e-324, 1e16, -1.25e300, 10.00001, 1 / 3]
    rows = Rows(made_empty(database_url), out)
    rows.athlete()
    for activity_id in (1, 2):
        rows.activity(activity_id)
        rows.track(activity_id, {"latitude": [*numbers, None], "temperature_c": [None, *numbers]})
    rows.finish()
    with job_of(database_url, out) as job:
        assert csv_tables.export(job, tables=("track_points",)).rows == 22
    texts = ["3000", *map(repr, numbers[1:])]
    pairs = list(zip([*texts, ""], ["", *texts], strict=True))
    assert (out / "track_points.csv").read_text().splitlines()[1:] == [
        f"{activity_id},{index},{index},{latitude},,,,,,,,{temperature}"
        for activity_id in (1, 2)
        for index, (latitude, temperature) in enumerate(pairs)
    ]


def test_csv_files_do_without_numpy_whose_threads_slow_down_sqlite(
    playground: Path, out: Path
) -> None:
    code = "import sys; sys.modules['numpy'] = None; from exporters.cli import app; app()"
    arguments = ["csv", "--playground", str(playground), "--out", str(out)]
    subprocess.run([sys.executable, "-c", code, *arguments], check=True)
    assert (out / "track_points.csv").stat().st_size > 1_000_000


def test_csv_writes_times_with_their_zone_and_flags_as_words(export: Export, out: Path) -> None:
    export("csv", "--activities-only")
    with (out / "activities.csv").open(newline="", encoding="utf-8") as file:
        first = next(csv.DictReader(file))
    assert first["start_time_utc"] == "2023-11-27T09:47:12Z"
    assert first["start_time_local"] == "2023-11-27T10:47:12"
    assert first["has_track"] == "true"
    assert "gear_name" in first


def test_csv_keeps_quotes_commas_and_line_ends(export: Export, change: Change, out: Path) -> None:
    title = 'He said "go",\nand\r\nwent; =1+1 \U0001f600'
    change("UPDATE activities SET name = :name", name=title)
    export("csv", "--activities-only")
    text = (out / "activities.csv").read_bytes().decode()
    assert {row["name"] for row in csv.DictReader(io.StringIO(text, newline=""))} == {title}


def test_json_is_one_flat_list_by_start(export: Export, ask: Ask, out: Path) -> None:
    export("json")
    found = json.loads((out / "activities.json").read_text(encoding="utf-8"))
    starts = [one["start_time_utc"] for one in found]
    assert len(found) == ACTIVITIES
    assert starts == sorted(starts)
    for column in ("activity_id", "name", "distance_m", "moving_time_s", "gear_id"):
        assert [
            (one["activity_id"], one[column])
            for one in sorted(found, key=lambda one: one["activity_id"])
        ] == ask(f"SELECT activity_id, {column} FROM activities ORDER BY activity_id")


def test_a_newer_activity_is_one_line_more_at_the_end_of_the_json(
    export: Export, out: Path
) -> None:
    export("json", "--until", "2025-06-30")
    before = (out / "activities.json").read_text(encoding="utf-8").splitlines()
    export("json", "--overwrite")
    after = (out / "activities.json").read_text(encoding="utf-8").splitlines()
    assert len(before) < len(after)
    assert [line.rstrip(",") for line in after[: len(before) - 1]] == [
        line.rstrip(",") for line in before[:-1]
    ]


def test_parquet_reads_back_to_the_same_rows_everywhere(
    export: Export, ask: Ask, out: Path
) -> None:
    export("parquet")
    expected = ask(POINTS)
    dataset = pq.read_table(out / "track_points").drop_columns("year")
    assert sorted(zip(*dataset.to_pydict().values(), strict=True)) == expected
    with duckdb.connect() as connection:
        query = (
            f"SELECT * EXCLUDE year FROM read_parquet('{out}/track_points/**/*.parquet', "
            "hive_partitioning=true)"
        )
        assert sorted(connection.execute(query).fetchall()) == expected
    lazy = polars.scan_parquet(out / "track_points" / "**" / "*.parquet", hive_partitioning=True)
    assert sorted(lazy.drop("year").collect().rows()) == expected


def test_parquet_partitions_hold_the_year_of_the_start(export: Export, ask: Ask, out: Path) -> None:
    export("parquet", "--tables", "track_points")
    query = (
        "SELECT substr(start_time_utc, 1, 4), count(*) FROM activities JOIN track_points "
        "USING (activity_id) GROUP BY 1"
    )
    found = {
        path.name.removeprefix("year="): pq.read_table(path).num_rows
        for path in (out / "track_points").iterdir()
    }
    assert found == dict(ask(query))


def test_parquet_has_types_comments_and_units(export: Export, out: Path) -> None:
    export("parquet", "--tables", "activities,laps")
    schema = pq.read_schema(out / "activities.parquet")
    assert schema.field("start_time_utc").type == pa.timestamp("us", "UTC")
    assert schema.field("start_time_local").type == pa.timestamp("us")
    assert schema.field("activity_id").type == pa.int64()
    assert schema.field("distance_m").type == pa.float64()
    assert schema.field("is_commute").type == pa.bool_()
    assert schema.field("distance_m").metadata[b"comment"] == b"Distance as Strava counts it"
    assert schema.field("distance_m").metadata[b"unit"] == b"m"
    assert not schema.field("activity_id").nullable


def test_points_of_an_activity_without_a_start_have_a_partition_too(
    export: Export, change: Change, ask: Ask, out: Path
) -> None:
    ((activity_id, count),) = ask(
        "SELECT activity_id, point_count FROM tracks WHERE point_count > 0 LIMIT 1"
    )
    change("UPDATE activities SET start_time_utc = NULL WHERE activity_id = :id", id=activity_id)
    export("parquet", "--tables", "track_points")
    assert (pandas.read_parquet(out / "track_points")["year"] == 0).sum() == count


def test_a_parquet_dataset_without_points_still_has_its_columns(
    export: Export, change: Change, out: Path
) -> None:
    change("DELETE FROM track_points")
    change("UPDATE tracks SET point_count = 0")
    export("parquet", "--tables", "track_points")
    assert pq.read_table(out / "track_points").schema.names == list(
        Base.metadata.tables["track_points"].columns.keys()
    )


def test_several_processes_write_the_same_points(
    database: str, out: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet_points, "_WORTH_A_PROCESS", 1)
    monkeypatch.setattr(parquet_points, "_PART", 20_000)
    with job_of(database, out) as job:
        parquet_files.export(job, tables=("track_points",))
    table = pq.read_table(out / "track_points").drop_columns("year")
    assert sorted(zip(*table.to_pydict().values(), strict=True)) == ask(POINTS)


def test_a_file_in_wal_mode_is_read_by_one_process(
    playground: Path, database: str, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet_points, "_WORTH_A_PROCESS", 1)
    monkeypatch.setattr(parquet_points, "_PART", 20_000)
    monkeypatch.setattr(parquet_points, "ProcessPoolExecutor", None)
    with closing(sqlite3.connect(playground / "strava.db")) as connection:
        connection.execute("PRAGMA journal_mode = wal")
    with job_of(database, out) as job:
        assert parquet_files.export(job, tables=("track_points",)).rows == job.point_count


WORKER = """
import multiprocessing, time
from concurrent.futures import ProcessPoolExecutor
from db.child_process import follow_parent

if __name__ == "__main__":
    spawn = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(1, mp_context=spawn, initializer=follow_parent)
    import os
    print(pool.submit(os.getpid).result(), flush=True)
    time.sleep(60)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")
def test_a_parent_that_is_killed_leaves_no_process_behind(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(WORKER)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, env=environment
    ) as parent:
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        parent.kill()
    deadline = time.monotonic() + 10
    while is_running(worker) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not is_running(worker)


def is_running(process: int) -> bool:
    """A zombie, which nobody has waited for yet, is none."""
    try:
        return " Z " not in Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False


def test_several_processes_share_the_snapshot_of_a_server(
    pg_url: str, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet_points, "_WORTH_A_PROCESS", 1)
    monkeypatch.setattr(parquet_points, "_PART", 20_000)
    imported(made, pg_url)
    with job_of(pg_url, tmp_path / "out") as job:
        outcome = parquet_files.export(job, tables=("track_points",))
        assert outcome.rows == job.point_count > 0


def test_xlsx_has_typed_sheets(export: Export, ask: Ask, out: Path) -> None:
    export("xlsx")
    book = openpyxl.load_workbook(out / "strava.xlsx", read_only=True)
    rows = list(book["activities"].iter_rows(values_only=True))
    first = dict(zip(rows[0], rows[1], strict=True))
    assert {"activities", "laps", "splits", "summaries"} <= set(book.sheetnames)
    assert len(rows) == ACTIVITIES + 1
    assert first["start_time_utc"] == datetime(2023, 11, 27, 9, 47, 12)
    assert first["has_track"] is True
    assert isinstance(first["distance_m"], int | float)
    laps = list(book["laps"].iter_rows(values_only=True))
    assert len(laps) - 1 == ask("SELECT count(*) FROM laps")[0][0]
    book.close()


def test_columns_of_the_xlsx_summaries_say_what_they_mean(export: Export, out: Path) -> None:
    export("xlsx")
    (cell,) = (
        c
        for c in openpyxl.load_workbook(out / "strava.xlsx")["summaries"][1]
        if c.value == "distance_km"
    )
    assert "Distance" in cell.comment.text


def test_xlsx_summaries_add_up_to_the_activities(export: Export, ask: Ask, out: Path) -> None:
    export("xlsx")
    book = openpyxl.load_workbook(out / "strava.xlsx", read_only=True)
    header, *rows = book["summaries"].iter_rows(values_only=True)
    summaries = [dict(zip(header, row, strict=True)) for row in rows]
    book.close()
    for period in ("year", "month"):
        some = [row for row in summaries if row["period"] == period]
        assert sum(row["activities"] for row in some) == ACTIVITIES
        assert sum(row["distance_km"] for row in some) == pytest.approx(
            ask("SELECT sum(distance_m) / 1000.0 FROM activities")[0][0]
        )
        for row in some:
            assert row["distance_mi"] == pytest.approx(row["distance_km"] / 1.609344)
            feet = row["total_elevation_gain_m"] / 0.3048
            assert row["total_elevation_gain_ft"] == pytest.approx(feet)


def test_a_title_is_never_a_formula_in_excel(export: Export, change: Change, out: Path) -> None:
    change("UPDATE activities SET name = '=1+1', description = :long", long="x" * 40_000)
    summary = export("xlsx")
    book = openpyxl.load_workbook(out / "strava.xlsx", read_only=True)
    cell = next(book["activities"].iter_rows(min_row=2, min_col=3, max_col=3))[0]
    assert (cell.value, cell.data_type) == ("=1+1", "s")
    assert f"{ACTIVITIES} texts are longer" in summary["notes"][0]
    book.close()


def test_a_table_that_no_sheet_holds_goes_on_in_the_next(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "book.xlsx"), {"constant_memory": True}) as book:
        assert Sheets(book, max_rows=4).add("laps", [("n", None)], ((n,) for n in range(7))) == 7
    found = openpyxl.load_workbook(tmp_path / "book.xlsx")
    values = {
        name: [row[0] for row in found[name].iter_rows(values_only=True)]
        for name in found.sheetnames
    }
    assert values == {"laps": ["n", 0, 1, 2], "laps 2": ["n", 3, 4, 5], "laps 3": ["n", 6]}


def test_excel_has_no_infinite_numbers(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "book.xlsx")) as book:
        Sheets(book).add("n", [("n", None)], [(math.inf,), (math.nan,), (1.0,)])
    cells = openpyxl.load_workbook(tmp_path / "book.xlsx")["n"]["A"][1:]
    assert [cell.value for cell in cells] == [None, None, 1]


def test_a_workbook_that_cannot_be_written_is_an_error_that_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: xlsxwriter.Workbook) -> None:
        raise FileCreateError("disk full")

    monkeypatch.setattr(xlsxwriter.Workbook, "close", full)
    with (
        pytest.raises(ExportError, match=r"my.xlsx cannot be written \(disk full\)"),
        whole_file(tmp_path / "my.xlsx") as partial,
        xlsx_book.open_book(partial),
    ):
        pass


def test_ids_that_excel_would_round_are_text(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "book.xlsx")) as book:
        Sheets(book).add("ids", [("id", None)], [(2**60 + 1,), (datetime(2026, 5, 1, tzinfo=UTC),)])
    assert openpyxl.load_workbook(tmp_path / "book.xlsx")["ids"]["A2"].value == str(2**60 + 1)
