"""A lake that is brought up to date: read back equal, only what changed is written, two at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pytest
import sqlalchemy as sa
from deltalake import DeltaTable, write_deltalake
from duckdb_extensions import import_extension

from db.engine import make_engine
from db.migrate import upgrade
from db.models import Base
from db.opening import snapshot
from exporters import delta_lake, lake_table
from exporters.columns import read_table
from exporters.config import make_config
from exporters.errors import ExportError, TargetExists
from exporters.job import Job, Outcome
from exporters.lake_table import DIGEST, LakeTable
from exporters.selection import Selection
from tests.db.filled import fill
from tests.exporters.conftest import Ask, Change, Export, command

TABLES = sorted(Base.metadata.tables)
#: One of athletes, one of activities, one of points, one of nobody: enough where all are alike.
SOME = ("athletes", "activities", "track_points", "dates")


@pytest.fixture
def two(sqlite_url: str) -> Iterator[sa.Engine]:
    """A database with rows of two athletes in every table."""
    engine = filled(make_engine(sqlite_url))
    yield engine
    engine.dispose()


@pytest.fixture
def two_on_each(engine: sa.Engine) -> sa.Engine:
    """The same, on each engine."""
    return filled(engine)


def filled(engine: sa.Engine) -> sa.Engine:
    upgrade(engine, None)
    with engine.begin() as connection:
        fill(connection)
        connection.execute(sa.text("UPDATE tracks SET point_count = 1"))
    return engine


def exported(engine: sa.Engine, out: Path, *tables: str, overwrite: bool = False) -> Outcome:
    config = make_config({}, playground=out.parent, database=engine.url)
    with snapshot(engine.url) as connection:
        job = Job(connection=connection, out=out, config=config, overwrite=overwrite)
        return delta_lake.export(job, tables=tables)


def change(engine: sa.Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))


def held(engine: sa.Engine, name: str) -> list[tuple[Any, ...]]:
    """The rows of a table in the database."""
    table = Base.metadata.tables[name]
    with snapshot(engine.url) as connection:
        batches = list(read_table(connection, table, Selection()))
    return rows_of(pa.Table.from_batches(batches) if batches else None, name)


def rows_of(found: pa.Table | None, name: str) -> list[tuple[Any, ...]]:
    columns = list(Base.metadata.tables[name].columns.keys())
    if found is None:
        return []
    return sorted(zip(*(found[column].to_pylist() for column in columns), strict=True), key=repr)


def by_polars(out: Path, name: str) -> list[tuple[Any, ...]]:
    return rows_of(pl.read_delta(str(out / name)).to_arrow(), name)


@pytest.fixture(scope="module")
def duck() -> Iterator[duckdb.DuckDBPyConnection]:
    import_extension("delta")
    with duckdb.connect() as connection:
        connection.execute("LOAD delta; SET TimeZone = 'UTC'")
        yield connection


def by_duckdb(duck: duckdb.DuckDBPyConnection, out: Path, name: str) -> list[tuple[Any, ...]]:
    found = duck.sql(f"SELECT * FROM delta_scan('{(out / name).as_posix()}')").to_arrow_table()
    return rows_of(found, name)


def versions(out: Path, names: Sequence[str] = TABLES) -> Mapping[str, int]:
    return {name: DeltaTable(out / name).version() for name in names}


def test_after_two_exports_duckdb_and_polars_read_what_the_database_holds(
    two_on_each: sa.Engine, tmp_path: Path, duck: duckdb.DuckDBPyConnection
) -> None:
    out = tmp_path / "lake"
    exported(two_on_each, out)
    change(
        two_on_each,
        "UPDATE activities SET name = 'another' WHERE activity_id = 10",
        "DELETE FROM laps WHERE activity_id = 20",
        "UPDATE tracks SET parser_version = 99 WHERE activity_id = 21",
        "UPDATE track_points SET heartrate_bpm = 150 WHERE activity_id = 21",
    )
    exported(two_on_each, out)
    for name in TABLES:
        expected = held(two_on_each, name)
        assert (name, by_polars(out, name)) == (name, expected)
        assert (name, by_duckdb(duck, out, name)) == (name, expected)


def test_a_second_export_of_the_same_rows_commits_nothing(two: sa.Engine, tmp_path: Path) -> None:
    out = tmp_path / "lake"
    exported(two, out)
    before = versions(out)
    again = exported(two, out)
    assert (again.rows, again.files, again.notes) == (0, 0, ("nothing has changed",))
    assert versions(out) == before


def test_only_the_athlete_that_changed_is_written(two: sa.Engine, tmp_path: Path) -> None:
    out = tmp_path / "lake"
    exported(two, out, *SOME)
    before = versions(out, SOME)
    change(two, "UPDATE activities SET name = 'another' WHERE activity_id = 10")
    again = exported(two, out, *SOME)
    assert again.details == {"athletes_written": 1, "athletes_removed": 0}
    assert again.rows == 2
    changed = {name for name, version in versions(out, SOME).items() if version != before[name]}
    assert changed == {"activities"}


def test_points_of_others_stay_in_their_files(two: sa.Engine, tmp_path: Path) -> None:
    out = tmp_path / "lake"
    exported(two, out, "track_points")
    before = files(out, "track_points")
    change(two, "UPDATE tracks SET parser_version = 99 WHERE activity_id = 10")
    exported(two, out, "track_points")
    kept = before & files(out, "track_points")
    assert kept == {file for file in before if "athlete_bucket=2/" in file}
    assert kept < before


def files(out: Path, name: str) -> set[str]:
    return set(DeltaTable(out / name).file_uris())


@pytest.mark.parametrize(
    "changed",
    [
        "UPDATE import_files SET crc32 = 7 WHERE athlete_id = 1 AND file_kind = 'activity'",
        "UPDATE activities SET start_time_utc = '2020-01-01 00:00:00' WHERE activity_id = 10",
        "UPDATE tracks SET fetched_at = '2020-01-01 00:00:00' WHERE activity_id = 10",
    ],
)
def test_points_are_written_again_when_what_they_come_from_changed(
    two: sa.Engine, tmp_path: Path, changed: str
) -> None:
    change(two, "UPDATE import_files SET file_kind = 'activity'")
    exported(two, tmp_path / "lake", "track_points")
    change(two, changed)
    again = exported(two, tmp_path / "lake", "track_points")
    assert again.details == {"athletes_written": 1, "athletes_removed": 0}


def test_an_athlete_that_is_forgotten_leaves_the_lake(two: sa.Engine, tmp_path: Path) -> None:
    out = tmp_path / "lake"
    exported(two, out)
    for table in reversed(Base.metadata.sorted_tables):
        if "athlete_id" in table.c:
            change(two, f"DELETE FROM {table.name} WHERE athlete_id = 2")
        elif "activity_id" in table.c:
            change(two, f"DELETE FROM {table.name} WHERE activity_id IN (20, 21)")
    again = exported(two, out)
    assert again.details == {"athletes_written": 0, "athletes_removed": 1}
    for name in TABLES:
        assert by_polars(out, name) == held(two, name)


def test_overwrite_writes_everything_again(two: sa.Engine, tmp_path: Path) -> None:
    out = tmp_path / "lake"
    first = exported(two, out, *SOME)
    again = exported(two, out, *SOME, overwrite=True)
    assert (again.rows, again.details) == (first.rows, first.details)
    assert by_polars(out, "track_points") == held(two, "track_points")


def test_rows_that_a_compaction_moved_together_are_known(two: sa.Engine, tmp_path: Path) -> None:
    out = tmp_path / "lake"
    exported(two, out, *SOME)
    for name in ("activities", "track_points"):
        DeltaTable(out / name).optimize.compact()
    assert exported(two, out, *SOME).rows == 0


def test_a_new_column_is_added_and_its_rows_written_again(two: sa.Engine, tmp_path: Path) -> None:
    out = tmp_path / "lake"
    table = Base.metadata.tables["goals"]
    whole = delta_lake.lake_schema(table)
    older = whole.remove(whole.get_field_index("target"))
    LakeTable.open(str(out / "goals"), older, {}, (), is_new=False)
    exported(two, out, "goals")
    assert by_polars(out, "goals") == held(two, "goals")


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ({"x": [1]}, "is a Delta table that strava-ingest did not write"),
        ({DIGEST: [1], "athlete_id": ["a"]}, r"other columns \(athlete_id\).* use --overwrite"),
        ({DIGEST: [1], "gone": [1]}, r"other columns \(gone\)"),
    ],
)
def test_a_table_of_another_shape_is_refused(
    two: sa.Engine, tmp_path: Path, columns: dict[str, list[Any]], told: str
) -> None:
    write_deltalake(tmp_path / "lake" / "goals", pa.table(columns))
    with pytest.raises(TargetExists, match=told):
        exported(two, tmp_path / "lake", "goals")


def test_other_files_are_not_mixed_with_a_table(two: sa.Engine, tmp_path: Path) -> None:
    place = tmp_path / "lake" / "goals"
    place.mkdir(parents=True)
    (place / "mine.txt").write_text("mine")
    with pytest.raises(TargetExists, match="exists already and is no Delta table"):
        exported(two, tmp_path / "lake", "goals")


@pytest.mark.parametrize("is_there", [False, True], ids=["at first", "later"])
def test_two_exports_of_one_athlete_at_once_leave_its_rows_once(
    two_on_each: sa.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_there: bool
) -> None:
    out = tmp_path / "lake"
    if is_there:
        exported(two_on_each, out, *SOME)
    change(
        two_on_each, "UPDATE activities SET name = 'first'", "UPDATE tracks SET parser_version = 98"
    )
    together = threading.Barrier(2)
    seen: dict[int, set[str]] = {}
    digests = LakeTable.digests

    def met(table: LakeTable) -> Mapping[int, int]:
        found = digests(table)
        waited = seen.setdefault(threading.get_ident(), set())
        if table.place not in waited:
            waited.add(table.place)
            together.wait(30)  # both have seen the same version before one of them writes
        return found

    with ThreadPoolExecutor(2) as pool:
        monkeypatch.setattr(LakeTable, "digests", met)
        writing = [pool.submit(exported, two_on_each, out, *SOME) for _ in range(2)]
        assert all(one.result() for one in writing)
    monkeypatch.undo()
    for name in SOME:
        assert (name, by_polars(out, name)) == (name, held(two_on_each, name))
    assert exported(two_on_each, out, *SOME).rows == 0


def test_a_writer_that_always_comes_second_says_so(
    two_on_each: sa.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "lake"
    exported(two_on_each, out, "goals")
    change(two_on_each, "UPDATE goals SET target = 5")
    write = write_deltalake

    def outrun(table: DeltaTable, *arguments: Any, **options: Any) -> None:
        other = pl.read_delta(str(out / "goals")).to_arrow()
        write(str(out / "goals"), other, mode="overwrite")  # somebody else, just before
        write(table, *arguments, **options)

    monkeypatch.setattr(lake_table, "write_deltalake", outrun)
    monkeypatch.setattr(lake_table, "sleep", lambda _: None)
    with pytest.raises(ExportError, match="another export keeps writing the same athletes"):
        exported(two_on_each, out, "goals")


def test_the_command_line_tells_what_it_wrote(
    export: Export, playground: Path, tmp_path: Path, change: Change, ask: Ask
) -> None:
    first = export("delta")
    assert (first["athletes_written"], first["athletes_removed"]) == (1, 0)
    change("UPDATE activities SET name = 'another'")
    ((activities,),) = ask("SELECT count(*) FROM activities")
    assert export("delta")["rows"] == activities
    told = command(playground, "delta", "--out", str(tmp_path / "out"))
    assert (told.exit_code, "nothing has changed" in told.stderr) == (0, True)


@pytest.mark.parametrize(
    ("name", "url", "told"),
    [
        ("csv", "s3://club/lake", "only parquet and delta write to a URL"),
        ("delta", "gs://club/lake", "of URLs only s3://bucket/folder"),
        ("delta", "s3://", "of URLs only s3://bucket/folder"),
    ],
)
def test_a_url_that_cannot_be_written_to_is_refused(
    playground: Path, name: str, url: str, told: str
) -> None:
    refused = command(playground, name, "--out", url)
    assert refused.exit_code == 2
    assert told in refused.stderr
