"""originals and sqlite: bytes and rows as they were."""

from __future__ import annotations

import json
import shutil
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from db.dictionary import VIEWS
from db.engine import make_engine
from db.lock import run_lock
from db.models import Base, ImportRun
from ingest.demo import EXPORT_NAME
from tests.exporters.conftest import (
    Ask,
    Change,
    Export,
    asked,
    command,
    imported,
    made_empty,
)


def rows_of(url: str) -> dict[str, list[tuple[object, ...]]]:
    engine = make_engine(url)
    with engine.connect() as connection:
        found: dict[str, list[tuple[object, ...]]] = {
            table.name: sorted(
                (tuple(row) for row in connection.execute(sa.select(*table.columns))), key=repr
            )
            for table in Base.metadata.sorted_tables
        }
    engine.dispose()
    return found


def test_a_copy_from_sqlite_to_sqlite_has_every_row(
    export: Export, database: str, tmp_path: Path
) -> None:
    export("sqlite")
    assert rows_of(f"sqlite:///{(tmp_path / 'out' / 'strava.db').as_posix()}") == rows_of(database)


def test_a_copy_to_a_server_and_back_has_every_row(
    export: Export, database: str, pg_url: str, tmp_path: Path
) -> None:
    there = export("sqlite", "--to", pg_url)
    export("sqlite", "--database", pg_url)
    assert there["rows"] > 90_000
    assert described(pg_url) - described(database) == set(VIEWS)
    on_server, on_file = rows_of(pg_url), rows_of(database)
    assert on_server.pop("data_dictionary") != on_file.pop("data_dictionary")
    assert on_server == on_file
    assert rows_of(f"sqlite:///{(tmp_path / 'out' / 'strava.db').as_posix()}") == rows_of(database)


@pytest.mark.parametrize("engine", ["postgresql", "sqlite"])
def test_a_copy_describes_the_tables_and_views_that_it_has(
    export: Export, playground: Path, pg_url: str, tmp_path: Path, engine: str
) -> None:
    imported(playground, pg_url)
    of_somebody_s_view = sa.text("INSERT INTO data_dictionary VALUES ('gone', '', NULL, 'a view')")
    source = make_engine(pg_url)
    with source.begin() as connection:
        connection.execute(of_somebody_s_view)
    source.dispose()
    assert {"gone", *VIEWS} <= described(pg_url)
    out = f"sqlite:///{(tmp_path / 'out' / 'strava.db').as_posix()}"
    told = export("sqlite", "--database", pg_url)
    if engine == "postgresql":
        told = export("sqlite", "--to", pg_url, "--overwrite")
        out = pg_url
    assert described(out) == there(out)
    assert told["rows"] == sum(map(len, rows_of(out).values()))


def described(url: str) -> set[str]:
    """What ``data_dictionary`` describes."""
    return {name for (name,) in asked(url, "SELECT DISTINCT table_name FROM data_dictionary")}


def there(url: str) -> set[str]:
    """Tables and views of a database, without that of the migrations."""
    engine = make_engine(url)
    found = sa.inspect(engine)
    names = {*found.get_table_names(), *found.get_view_names()} - {"alembic_version"}
    engine.dispose()
    return names


def test_a_copy_can_be_imported_into(export: Export, playground: Path, pg_url: str) -> None:
    export("sqlite", "--to", pg_url)
    imported(playground, pg_url)
    engine = make_engine(pg_url)
    with engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(ImportRun)) == 2
    engine.dispose()


def test_a_server_that_holds_data_is_replaced_only_when_asked(
    export: Export, playground: Path, pg_url: str, database: str, change: Change
) -> None:
    export("sqlite", "--to", pg_url)
    refused = command(playground, "sqlite", "--to", pg_url)
    assert refused.exit_code == 1
    assert "already holds data" in refused.stderr
    change("UPDATE activities SET name = 'changed'")
    export("sqlite", "--to", pg_url, "--overwrite")
    assert rows_of(pg_url)["activities"] == rows_of(database)["activities"]


def test_a_database_is_not_copied_onto_itself(playground: Path, database: str) -> None:
    result = command(playground, "sqlite", "--to", database, "--overwrite")
    assert result.exit_code == 2
    assert "is the database to copy from" in result.stderr


def test_a_server_is_not_copied_onto_itself_under_another_name(
    playground: Path, pg_url: str
) -> None:
    made_empty(pg_url)
    other = pg_url.replace("127.0.0.1", "localhost")
    result = command(playground, "sqlite", "--database", pg_url, "--to", other, "--overwrite")
    assert result.exit_code == 2
    assert "is the database to copy from" in result.stderr


@pytest.mark.parametrize("suffix", ["-journal", "-wal"])
def test_a_copy_is_never_put_beside_the_journal_of_another_file(
    playground: Path, tmp_path: Path, suffix: str
) -> None:
    (tmp_path / f"strava.db{suffix}").write_text("of a file that is gone")
    result = command(playground, "sqlite", "--out", str(tmp_path))
    assert result.exit_code == 1
    assert f"strava.db{suffix} shows that a program still uses the database" in result.stderr
    assert not (tmp_path / "strava.db").exists()


def test_a_copy_takes_the_place_of_a_database_whose_program_was_killed(
    export: Export, database: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    with closing(sqlite3.connect(tmp_path / "old.db", isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = wal")
        connection.execute("CREATE TABLE old (n)")
        for suffix in ("", "-wal"):
            shutil.copy(tmp_path / f"old.db{suffix}", out / f"strava.db{suffix}")
    export("sqlite", "--overwrite")
    assert rows_of(f"sqlite:///{(out / 'strava.db').as_posix()}") == rows_of(database)


def test_a_copy_is_not_put_in_place_of_a_database_that_a_run_is_writing_to(
    playground: Path, tmp_path: Path
) -> None:
    url = made_empty(f"sqlite:///{(tmp_path / 'strava.db').as_posix()}")
    with run_lock(make_engine(url)):
        result = command(playground, "sqlite", "--out", str(tmp_path), "--overwrite")
    assert result.exit_code == 1
    assert "another run is writing to it" in result.stderr


def test_the_summary_names_the_database_that_was_written(export: Export, tmp_path: Path) -> None:
    file = tmp_path / "a copy.db"
    told = export("sqlite", "--to", f"sqlite:///{file.as_posix()}")
    assert told["out"] == str(file)


def test_the_summary_names_the_server_that_was_written(export: Export, pg_url: str) -> None:
    told = export("sqlite", "--to", pg_url)
    assert told["out"] == told["to"]
    assert told["out"].startswith("postgresql://")


def test_points_with_gaps_are_not_copied_as_if_they_had_none(
    playground: Path, change: Change, tmp_path: Path
) -> None:
    change("DELETE FROM track_points WHERE point_index = 3")
    result = command(playground, "sqlite", "--out", str(tmp_path / "out"))
    assert result.exit_code == 1
    assert "point_index has gaps" in result.stderr
    assert list((tmp_path / "out").iterdir()) == []


def test_originals_are_the_bytes_of_the_export(
    export: Export, playground: Path, tmp_path: Path, ask: Ask
) -> None:
    summary = export("originals")
    with zipfile.ZipFile(playground / "Strava Export" / EXPORT_NAME) as archive:
        for name, ids in ask(
            "SELECT name, activity_ids FROM import_files WHERE file_kind = 'activity'"
        ):
            (copy,) = (tmp_path / "out").glob(f"*_{ids}.*")
            assert copy.read_bytes() == archive.read(name)
            assert copy.name.endswith("".join(Path(name).suffixes))
    assert len(list((tmp_path / "out").iterdir())) == summary["files"]


def test_originals_of_an_unpacked_export_are_the_same(
    export: Export, playground: Path, tmp_path: Path, change: Change
) -> None:
    export("originals", out=tmp_path / "packed")
    zipped = playground / "Strava Export" / EXPORT_NAME
    with zipfile.ZipFile(zipped) as archive:
        archive.extractall(tmp_path / "unpacked" / "inner")
    zipped.unlink()
    shutil.move(tmp_path / "unpacked", playground / "Strava Export" / "unpacked")
    change("UPDATE import_files SET origin = 'unpacked'")
    export("originals", out=tmp_path / "folder")
    first, second = (
        {p.name: p.read_bytes() for p in (tmp_path / n).iterdir()} for n in ("packed", "folder")
    )
    assert first == second


def test_what_is_missing_is_listed(
    export: Export, playground: Path, change: Change, tmp_path: Path
) -> None:
    change(
        "UPDATE import_files SET name = 'activities/1.fit' WHERE file_id = (SELECT max(file_id) "
        "FROM import_files WHERE file_kind = 'activity')"
    )
    summary = export("originals")
    assert f"{EXPORT_NAME}: activities/1.fit: the file is not in the export" in summary["missing"]
    (playground / "Strava Export" / EXPORT_NAME).unlink()
    result = command(playground, "originals", "--out", str(tmp_path / "none"))
    lines = [line for line in result.stderr.splitlines() if line.startswith("missing: ")]
    assert "missing: export_" in lines[0]
    assert "the export is not in" in lines[0]
    result = command(playground, "originals", "--out", str(tmp_path / "none"), "--json")
    more = len(json.loads(result.stdout)["missing"]) - 10
    assert lines[10:] == [f"missing: {more} more; --json names them all"]
    assert result.exit_code == 1


@pytest.mark.parametrize("origin", ["..", "../secret", "/etc", "a\\b", ""])
def test_an_origin_that_leads_out_is_not_followed(
    playground: Path, change: Change, origin: str
) -> None:
    change("UPDATE import_files SET origin = :origin", origin=origin)
    result = command(playground, "originals")
    assert result.exit_code == 1
    assert "its export has an impossible name" in result.stderr


def test_a_name_that_leads_out_finds_nothing_and_writes_nothing_outside(
    playground: Path, change: Change
) -> None:
    (playground / "secret.fit").write_bytes(b"secret")
    folder = playground / "Strava Export" / "folder"
    folder.mkdir()
    (folder / "activities.csv").touch()
    change(
        "UPDATE import_files SET origin = 'folder', name = '../../secret.fit' WHERE file_id = "
        "(SELECT max(file_id) FROM import_files WHERE file_kind = 'activity')"
    )
    change("DELETE FROM import_files WHERE origin <> 'folder'")
    assert command(playground, "originals").exit_code == 1
    (folder / "link.fit").symlink_to(playground / "secret.fit")
    change("UPDATE import_files SET name = 'link.fit'")
    assert command(playground, "originals").exit_code == 1
    assert not list((playground / "Exports" / "originals").iterdir())


def test_nothing_secret_is_in_any_table(database: str) -> None:
    columns = [
        f"{table.name}.{c.name}" for table in Base.metadata.sorted_tables for c in table.columns
    ]
    assert not [name for name in columns if "token" in name or "secret" in name]
    assert asked(database, "SELECT count(*) FROM sync_state WHERE name LIKE '%token%'") == [(0,)]
