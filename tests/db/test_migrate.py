"""db.migrate: every older database becomes one of today, or stays exactly as it is."""

from __future__ import annotations

import logging
import os
import shutil
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from db import backup, migrate
from db.engine import make_engine
from db.errors import DatabaseProblem
from db.migrations.render import render_item
from db.models.base import TIMESTAMP, UtcTimestamp

FIRST = """
import sqlalchemy as sa
from alembic import op

revision = "20260101_0000"
down_revision = None


def upgrade():
    op.create_table(
        "activities",
        sa.Column("activity_id", sa.BigInteger, primary_key=True),
        sa.Column("name", sa.Text),
    )
    op.create_table(
        "tracks",
        sa.Column(
            "activity_id",
            sa.BigInteger,
            sa.ForeignKey("activities.activity_id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sqlite_with_rowid=False,
    )


def downgrade():
    op.drop_table("tracks")
    op.drop_table("activities")
"""

SECOND = """
import sqlalchemy as sa
from alembic import op

revision = "20260102_0000"
down_revision = "20260101_0000"


def upgrade():
    with op.batch_alter_table("activities", recreate="auto") as table:
        table.add_column(sa.Column("distance_m", sa.Double))
        table.alter_column("name", existing_type=sa.Text, nullable=False)
    with op.batch_alter_table("tracks") as table:
        table.add_column(sa.Column("source", sa.String))
        table.create_check_constraint("ck_tracks_source", "source <> ''")


def downgrade():
    with op.batch_alter_table("tracks") as table:
        table.drop_constraint("ck_tracks_source", type_="check")
        table.drop_column("source")
    with op.batch_alter_table("activities") as table:
        table.drop_column("distance_m")
        table.alter_column("name", existing_type=sa.Text, nullable=True)
"""

BROKEN = """
import sqlalchemy as sa
from alembic import op

revision = "20260103_0000"
down_revision = "20260102_0000"


def upgrade():
    op.create_table("laps", sa.Column("activity_id", sa.BigInteger, primary_key=True))
    op.execute("DELETE FROM activities")
    op.execute("SELECT x FROM nowhere")
"""


@pytest.fixture
def versions(tmp_path: Path) -> Path:
    folder = tmp_path / "versions 100%"
    folder.mkdir()
    (folder / "20260101_0000_first.py").write_text(FIRST)
    return folder


@pytest.fixture
def filled(engine: sa.Engine, versions: Path) -> sa.Engine:
    """At the first revision, with an activity, its track and a view,
    while the code knows the second.
    """
    migrate.upgrade(engine, None, versions=versions)
    with engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO activities VALUES (1, 'Walk')")
        connection.exec_driver_sql("INSERT INTO tracks VALUES (1)")
        connection.exec_driver_sql(
            "CREATE VIEW named AS SELECT a.name FROM activities a JOIN tracks t USING (activity_id)"
        )
    (versions / "20260102_0000_second.py").write_text(SECOND)
    return engine


def test_an_empty_database_gets_every_migration_and_no_backup(
    engine: sa.Engine, versions: Path, tmp_path: Path
) -> None:
    (versions / "20260102_0000_second.py").write_text(SECOND)
    assert migrate.current(engine) is None
    report = migrate.upgrade(engine, tmp_path / "backups", versions=versions)
    assert report == migrate.MigrationReport(
        from_revision=None, to_revision="20260102_0000", applied=("20260101_0000", "20260102_0000")
    )
    assert migrate.current(engine) == "20260102_0000"
    assert not (tmp_path / "backups").exists()


def test_a_database_that_is_up_to_date_is_left_alone(
    filled: sa.Engine, versions: Path, tmp_path: Path
) -> None:
    migrate.upgrade(filled, None, versions=versions)
    report = migrate.upgrade(filled, tmp_path / "backups", versions=versions)
    assert (report.applied, report.backup) == ((), None)


def test_rows_and_their_references_survive_a_change_of_their_table(
    filled: sa.Engine, versions: Path
) -> None:
    report = migrate.upgrade(filled, None, versions=versions)
    assert report.applied == ("20260102_0000",)
    with filled.connect() as connection:
        assert connection.exec_driver_sql("SELECT * FROM activities").all() == [(1, "Walk", None)]
        assert connection.exec_driver_sql("SELECT activity_id FROM tracks").scalars().all() == [1]
        assert connection.exec_driver_sql("SELECT name FROM named").scalars().all() == ["Walk"]
    with pytest.raises(sa.exc.IntegrityError), filled.begin() as connection:
        connection.exec_driver_sql("INSERT INTO tracks VALUES (2, 'file')")


def test_a_copied_table_of_sqlite_stays_without_rowid(sqlite_url: str, versions: Path) -> None:
    engine = make_engine(sqlite_url)
    (versions / "20260102_0000_second.py").write_text(SECOND)
    migrate.upgrade(engine, None, versions=versions)
    assert sa.inspect(engine).get_table_options("tracks") == {"sqlite_with_rowid": False}


def test_going_back_reverses_it(filled: sa.Engine, versions: Path) -> None:
    migrate.upgrade(filled, None, versions=versions)
    migrate.downgrade(filled, "20260101_0000", versions=versions)
    assert [column["name"] for column in sa.inspect(filled).get_columns("activities")] == [
        "activity_id",
        "name",
    ]
    with filled.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM tracks").scalar() == 1


def test_a_migration_that_fails_half_way_changes_nothing(filled: sa.Engine, versions: Path) -> None:
    (versions / "20260103_0000_broken.py").write_text(BROKEN)
    with pytest.raises(DatabaseProblem, match=r"(?s)nowhere.*nothing is changed"):
        migrate.upgrade(filled, None, versions=versions)
    assert migrate.current(filled) == "20260101_0000"
    assert sorted(sa.inspect(filled).get_table_names()) == [
        "activities",
        "alembic_version",
        "tracks",
    ]
    with filled.connect() as connection:
        assert connection.exec_driver_sql("SELECT * FROM activities").all() == [(1, "Walk")]


def test_a_migration_that_would_orphan_rows_is_undone(sqlite_url: str, versions: Path) -> None:
    engine = make_engine(sqlite_url)
    migrate.upgrade(engine, None, versions=versions)
    with engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO activities VALUES (1, 'Walk')")
        connection.exec_driver_sql("INSERT INTO tracks VALUES (1)")
    (versions / "20260102_0000_second.py").write_text(
        SECOND.replace("def upgrade():", "def upgrade():\n    op.execute('DELETE FROM activities')")
    )
    with pytest.raises(DatabaseProblem, match="rows of tracks without their row of activities"):
        migrate.upgrade(engine, None, versions=versions)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM activities").scalar() == 1


def test_a_newer_database_is_refused(filled: sa.Engine, versions: Path) -> None:
    migrate.upgrade(filled, None, versions=versions)
    (versions / "20260102_0000_second.py").unlink()
    with pytest.raises(
        DatabaseProblem, match=r"newer version of strava-ingest .*20260102_0000.*update"
    ):
        migrate.upgrade(filled, None, versions=versions)


def test_a_database_with_tables_of_the_same_name_is_refused(
    engine: sa.Engine, versions: Path
) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE activities (x INTEGER)")
    with pytest.raises(DatabaseProblem, match=r"another program .* \(activities\)"):
        migrate.upgrade(engine, None, versions=versions)
    assert sa.inspect(engine).get_table_names() == ["activities"]


def test_the_database_of_another_program_with_alembic_is_refused(
    engine: sa.Engine, versions: Path
) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32))")
        connection.exec_driver_sql("INSERT INTO alembic_version VALUES ('c0ffee')")
    with pytest.raises(DatabaseProblem, match=r"another program .*c0ffee"):
        migrate.upgrade(engine, None, versions=versions)


def test_tables_of_others_may_stand_beside_ours(engine: sa.Engine, versions: Path) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE weather (x INTEGER)")
    assert migrate.upgrade(engine, None, versions=versions).applied == ("20260101_0000",)
    assert "weather" in sa.inspect(engine).get_table_names()


def test_logging_of_the_caller_is_not_touched(sqlite_url: str, versions: Path) -> None:
    before = (list(logging.root.handlers), logging.root.level, logging.getLogger("alembic").level)
    migrate.upgrade(make_engine(sqlite_url), None, versions=versions)
    assert (
        list(logging.root.handlers),
        logging.root.level,
        logging.getLogger("alembic").level,
    ) == before


# --- Backups
# --------------------------------------------------------------------------------------------------


def test_sqlite_is_copied_whole_before_a_migration(
    sqlite_url: str, versions: Path, tmp_path: Path
) -> None:
    engine = make_engine(sqlite_url)
    migrate.upgrade(engine, None, versions=versions)
    with engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO activities VALUES (1, 'Walk')")
    os.chmod(tmp_path / "strava.db", 0o600)
    (versions / "20260102_0000_second.py").write_text(SECOND)
    report = migrate.upgrade(engine, tmp_path / "backups", versions=versions)
    assert list((tmp_path / "backups").iterdir()) == [report.backup]
    assert report.backup is not None
    assert report.backup.match("strava.db.20260101_0000.*Z.bak")
    assert os.name == "nt" or stat.S_IMODE(report.backup.stat().st_mode) == 0o600
    with closing(sqlite3.connect(report.backup)) as copy:
        assert copy.execute("SELECT * FROM activities").fetchall() == [(1, "Walk")]
        assert copy.execute("SELECT version_num FROM alembic_version").fetchall() == [
            ("20260101_0000",)
        ]


def test_the_newest_three_backups_of_a_database_are_kept(
    sqlite_url: str, versions: Path, tmp_path: Path
) -> None:
    engine = make_engine(sqlite_url)
    migrate.upgrade(engine, None, versions=versions)
    kept = [
        f"strava.db.{revision}.2026010{day}T000000Z.bak" for day, revision in ((2, "c"), (3, "a"))
    ]
    for name in [*kept, "strava.db.z.20260101T000000Z.bak", "other.db.a.20250101T000000Z.bak"]:
        (tmp_path / name).touch()
    new = backup.save(engine, tmp_path, "b")
    assert isinstance(new, Path)
    assert {file.name for file in tmp_path.glob("*.bak")} == {
        *kept,
        new.name,
        "other.db.a.20250101T000000Z.bak",
    }


def test_without_a_backup_sqlite_is_not_migrated(
    sqlite_url: str, versions: Path, tmp_path: Path
) -> None:
    engine = make_engine(sqlite_url)
    migrate.upgrade(engine, None, versions=versions)
    (versions / "20260102_0000_second.py").write_text(SECOND)
    (tmp_path / "backups").write_text("a file where the folder should be")
    with pytest.raises(DatabaseProblem, match="no backup could be written"):
        migrate.upgrade(engine, tmp_path / "backups", versions=versions)
    assert migrate.current(engine) == "20260101_0000"


@pytest.mark.skipif(shutil.which("pg_dump") is None, reason="pg_dump is not installed")
def test_postgresql_is_dumped_before_a_migration(
    pg_url: str, versions: Path, tmp_path: Path
) -> None:
    engine = make_engine(pg_url)
    migrate.upgrade(engine, None, versions=versions)
    (versions / "20260102_0000_second.py").write_text(SECOND)
    report = migrate.upgrade(engine, tmp_path / "backups", versions=versions)
    assert report.backup is not None
    assert report.backup.read_bytes().startswith(b"PGDMP")
    assert list((tmp_path / "backups").iterdir()) == [report.backup]
    assert stat.S_IMODE(report.backup.stat().st_mode) == 0o600
    engine.dispose()


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (None, "pg_dump is not installed"),
        ("#!/bin/sh\necho 'server version mismatch' >&2\nexit 1\n", "version mismatch"),
    ],
)
@pytest.mark.skipif(os.name == "nt", reason="a shell script")
def test_postgresql_is_migrated_with_a_warning_where_it_cannot_be_dumped(
    pg_url: str,
    versions: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    script: str | None,
    reason: str,
) -> None:
    engine = make_engine(pg_url)
    migrate.upgrade(engine, None, versions=versions)
    (versions / "20260102_0000_second.py").write_text(SECOND)
    (tmp_path / "bin").mkdir()
    if script:
        (tmp_path / "bin" / "pg_dump").write_text(script)
        (tmp_path / "bin" / "pg_dump").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    report = migrate.upgrade(engine, tmp_path / "backups", versions=versions)
    assert (report.to_revision, report.backup) == ("20260102_0000", None)
    assert reason in report.warnings[0]
    assert list((tmp_path / "backups").iterdir()) == []
    engine.dispose()


@pytest.mark.skipif(os.name == "nt", reason="a shell script")
def test_pg_dump_learns_the_password_but_not_from_its_arguments() -> None:
    url = sa.make_url("postgresql+psycopg://me:se%20cret@host:1/db?sslmode=require")
    assert backup._address(url) == "postgresql://me@host:1/db?sslmode=require"
    assert backup._environment(url)["PGPASSWORD"] == "se cret"
    assert "secret" not in backup._address(sa.make_url("postgresql://host/db?password=secret"))


# --- Writing migrations
# ----------------------------------------------------------------------------------------------


def test_a_generated_migration_makes_what_the_models_say(engine: sa.Engine, tmp_path: Path) -> None:
    written = migrate.revision("create everything", versions=tmp_path)
    assert written.name.endswith("_create_everything.py")
    migrate.upgrade(engine, None, versions=tmp_path)
    assert migrate.schema_differences(engine) == []
    migrate.downgrade(engine, "base", versions=tmp_path)
    assert sa.inspect(engine).get_table_names() == ["alembic_version"]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (UtcTimestamp(), "sa.TIMESTAMP()"),
        (TIMESTAMP, "sa.TIMESTAMP()"),
        (sa.types.to_instance(sqlite.DATETIME), "sa.DateTime()"),
        (sa.String(length=9), "sa.String(length=9)"),
        (sa.Double(), "sa.Double()"),
    ],
)
def test_migrations_name_only_plain_types(kind: sa.types.TypeEngine[object], text: str) -> None:
    assert render_item("type", kind, None) == text


def test_all_but_types_is_left_to_alembic() -> None:
    assert render_item("column", sa.Column("x"), None) is False
