"""db.engine: every URL gives an engine that works, or a message that says what to do."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from db.engine import for_writing, make_engine, open_readonly, problem
from db.errors import DatabaseProblem
from db.url import shown_database


def _file(engine: sa.Engine) -> str:
    """The file of a SQLite engine."""
    assert engine.url.database is not None
    return engine.url.database


def test_a_fresh_database_can_be_written_and_read(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x INTEGER)")
        connection.exec_driver_sql("INSERT INTO t VALUES (1)")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT x FROM t").scalar() == 1


def test_ddl_and_rows_are_undone_together(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x INTEGER)")
        connection.exec_driver_sql("INSERT INTO t VALUES (1)")
        connection.rollback()
    assert sa.inspect(engine).get_table_names() == []


def test_what_is_read_first_does_not_change_until_the_transaction_ends(sqlite_url: str) -> None:
    engine = make_engine(sqlite_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x INTEGER)")
    with engine.begin() as connection:
        connection.exec_driver_sql("SELECT count(*) FROM t").scalar()
        with closing(sqlite3.connect(_file(engine), timeout=0)) as other:
            other.execute("INSERT INTO t VALUES (1)")
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                other.commit()


def test_a_savepoint_can_be_undone_alone(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x INTEGER)")
        savepoint = connection.begin_nested()
        connection.exec_driver_sql("INSERT INTO t VALUES (1)")
        savepoint.rollback()
        connection.exec_driver_sql("INSERT INTO t VALUES (2)")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT x FROM t").scalars().all() == [2]


def test_foreign_keys_are_enforced(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE parent (id INTEGER PRIMARY KEY)")
        connection.exec_driver_sql("CREATE TABLE child (id INTEGER REFERENCES parent (id))")
    with pytest.raises(sa.exc.IntegrityError), engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO child VALUES (1)")


def test_sqlite_keeps_the_rollback_journal_and_syncs_fully(sqlite_url: str) -> None:
    with make_engine(sqlite_url).connect() as connection:
        read = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "busy_timeout")
        }
    assert read == {"journal_mode": "delete", "synchronous": 2, "busy_timeout": 30_000}


def test_a_writing_transaction_waits_for_another_writer_even_if_it_reads_first(
    sqlite_url: str,
) -> None:
    engine = for_writing(make_engine(sqlite_url))
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x INTEGER)")
    other = sqlite3.connect(_file(engine), isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    other.execute("INSERT INTO t VALUES (1)")
    timer = threading.Timer(0.2, other.commit)
    timer.start()
    with engine.begin() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM t").scalar() == 1
        connection.exec_driver_sql("INSERT INTO t VALUES (2)")
    timer.join()
    other.close()


def test_a_database_in_memory_keeps_its_tables_between_transactions() -> None:
    engine = make_engine("sqlite://")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x INTEGER)")
    assert sa.inspect(engine).get_table_names() == ["t"]
    engine.dispose()


@pytest.mark.parametrize("name", ["läufe ünd 50% #1?.db", "a b.db"])
def test_a_file_name_may_hold_what_urls_give_a_meaning(tmp_path: Path, name: str) -> None:
    if "?" in name:
        name = name.replace("?", "")  # the one character that ends the path of a SQLAlchemy URL
    make_engine(f"sqlite:///{tmp_path.as_posix()}/{name}").dispose()
    open_readonly(f"sqlite:///{tmp_path.as_posix()}/{name}").dispose()


def test_all_names_of_postgresql_mean_psycopg_3(pg_url: str) -> None:
    rest = pg_url.partition("://")[2]
    for scheme in ("postgres", "postgresql", "postgresql+psycopg"):
        engine = make_engine(f"{scheme}://{rest}")
        assert engine.driver == "psycopg"
        engine.dispose()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("me:secret@localhost/x", "not a database URL"),
        ("host=localhost password=secret", "not a database URL"),
        ("mysql+pymysql://me:secret@localhost/x", r"neither SQLite nor PostgreSQL \(mysql\)"),
        ("secret://me@localhost/x", "neither SQLite nor PostgreSQL;"),
        ("postgresql://me:secret@localhost:port/x", "not a database URL"),
        ("postgresql://me:secret@127.0.0.1:1/x", "check that the server runs"),
        ("sqlite://strava.db", "sqlite:///path"),
        ("sqlite:///strava.db?mode=memory", "without options"),
    ],
)
def test_a_url_that_cannot_work_says_why_and_keeps_the_password(url: str, message: str) -> None:
    with pytest.raises(DatabaseProblem, match=message) as caught:
        make_engine(url)
    assert "secret" not in str(caught.value)


def test_a_missing_folder_is_named_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(DatabaseProblem, match=r"there is no folder .*missing"):
        make_engine(f"sqlite:///{(tmp_path / 'missing' / 'strava.db').as_posix()}")
    assert not (tmp_path / "missing").exists()


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8" * 2000)
    with pytest.raises(DatabaseProblem, match=r"photo\.jpg: file is not a database"):
        make_engine(f"sqlite:///{(tmp_path / 'photo.jpg').as_posix()}")


def test_a_missing_postgresql_database_is_named(pg_url: str) -> None:
    with pytest.raises(DatabaseProblem, match=r"nowhere.* does not exist.*createdb"):
        make_engine(pg_url.rpartition("/")[0] + "/nowhere")


def test_a_database_that_cannot_hold_every_name_is_refused(pg_url: str) -> None:
    name = f"{make_url(pg_url).database}_ascii"
    with psycopg.connect(pg_url, autocommit=True) as server:
        server.execute(
            f"CREATE DATABASE {name} ENCODING 'SQL_ASCII' TEMPLATE template0 LC_COLLATE 'C' "
            "LC_CTYPE 'C'"
        )
        try:
            with pytest.raises(DatabaseProblem, match="SQL_ASCII"):
                make_engine(pg_url.rpartition("/")[0] + f"/{name}")
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_reading_only_does_not_create_the_file(sqlite_url: str, tmp_path: Path) -> None:
    with pytest.raises(DatabaseProblem, match="no such file"):
        open_readonly(sqlite_url)
    assert list(tmp_path.iterdir()) == []


def test_reading_only_cannot_write(engine: sa.Engine, database_url: str) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x INTEGER)")
    reader = open_readonly(database_url)
    with reader.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM t").scalar() == 0
        with pytest.raises(sa.exc.DBAPIError, match=r"read-?only"):
            connection.exec_driver_sql("INSERT INTO t VALUES (1)")
    reader.dispose()


def test_what_a_killed_run_left_is_repaired_by_the_next_one(
    sqlite_url: str, tmp_path: Path
) -> None:
    engine = make_engine(sqlite_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x TEXT)")
        connection.exec_driver_sql("INSERT INTO t VALUES (?)", [("a" * 900,)] * 500)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA cache_size = 10")
        connection.exec_driver_sql("UPDATE t SET x = ?", ("b" * 900,))
        # The two files as a power cut in mid-transaction leaves them.
        for name in ("strava.db", "strava.db-journal"):
            shutil.copy(tmp_path / name, tmp_path / name.replace("strava", "cut"))
    url = sqlite_url.replace("strava.db", "cut.db")
    with pytest.raises(DatabaseProblem, match="the next import repairs it"):
        open_readonly(url)
    with make_engine(url).connect() as connection:
        assert connection.exec_driver_sql(
            "SELECT DISTINCT substr(x, 1, 1) FROM t"
        ).scalars().all() == ["a"]
    open_readonly(url).dispose()


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgres://me:secret@host:1/db?password=secret", "postgresql://me@host:1/db"),
        ("postgresql+psycopg://host/db", "postgresql://host/db"),
        ("sqlite:////a/b c.db", "/a/b c.db"),
        ("/a/b c.db", "/a/b c.db"),
        ("postgresql://me:secret@host:port/db", "the database (--database or DATABASE_URL)"),
        ("me:secret@host/db", "the database (--database or DATABASE_URL)"),
    ],
)
def test_a_described_url_has_no_password(url: str, shown: str) -> None:
    assert shown_database(url) == shown


def test_relative_paths_do_not_follow_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    engine = make_engine("sqlite:///strava.db")
    assert Path(_file(engine)) == tmp_path.resolve() / "strava.db"


@pytest.mark.parametrize(
    ("reason", "mode", "said"),
    [
        ("unable to open database file", 0o000, "strava.db may not be read"),
        ("attempt to write a readonly database", 0o444, "strava.db may not be written to"),
    ],
)
def test_permissions_are_called_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reason: str, mode: int, said: str
) -> None:
    engine = make_engine(f"sqlite:///{(tmp_path / 'strava.db').as_posix()}")
    # The superuser may do everything, so the system's answer is made up.
    monkeypatch.setattr("os.access", lambda path, use: path.is_dir() or bool(mode & use << 6))
    error = problem(engine, sqlite3.OperationalError(reason))
    assert f"permission denied: {tmp_path}/{said} by this user" in str(error)
    engine.dispose()
