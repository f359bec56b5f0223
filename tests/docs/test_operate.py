"""The commands of ``docs/operate.md`` do what the page says, on both engines.

They run as they are printed. Only the names of PostgreSQL databases and of the folder are replaced
by those of the test.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from db.engine import make_engine
from db.migrate import downgrade
from db.models import Activity, Athlete, ImportIssue, ImportRun, QueueItem
from db.revision import current, head
from ingest.demo import EXPORT_NAME
from tests.builders import gpx_activity
from tests.docs.conftest import ACTIVITIES
from tests.docs.operating import Machine, blocks, installation, needed, row_counts, shell

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the page was tried on Linux")

#: Sections with commands that tests cannot run: they need root and a running systemd.
BY_HAND = {"For the whole machine", "A run as another user", "For one user, without root"}
RUN_HERE = {
    "Backup and restore",
    "SQLite",
    "PostgreSQL",
    "From one engine to the other",
    "Updates",
    "What to watch",
    "Forget an export or an athlete",
}
#: What the last of some runs says of itself: new, changed and unchanged activities, files read.
NOTHING_NEW = (0, 0, ACTIVITIES, 0)


@contextmanager
def opened(url: str) -> Iterator[sa.Engine]:
    engine = make_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


def last_run(url: str) -> tuple[Any, ...]:
    columns = (
        ImportRun.activities_new,
        ImportRun.activities_changed,
        ImportRun.activities_unchanged,
        ImportRun.files_read,
    )
    with opened(url) as engine, engine.connect() as connection:
        newest = sa.select(*columns).order_by(ImportRun.run_id.desc()).limit(1)
        return tuple(connection.execute(newest).one())


def after_runs(counts: dict[str, int], runs: int = 1) -> dict[str, int]:
    """The same rows after runs that found nothing new: each adds a row about itself."""
    return {**counts, "import_runs": counts["import_runs"] + runs}


@pytest.fixture
def machine(tmp_path: Path, imported: Path) -> Machine:
    """An installation whose SQLite database has been filled."""
    needed("sqlite3")
    return Machine(installation(tmp_path / "strava", imported))


@pytest.fixture
def both(machine: Machine, _server: str) -> Iterator[Machine]:
    """The same with a server, on which none of the page's databases is there yet."""
    for program in ("psql", "pg_dump", "pg_restore", "createdb"):
        needed(program)
    servers = {
        name: make_url(_server)
        .set(drivername="postgresql", database=f"strava_test_{uuid.uuid4().hex[:12]}")
        .render_as_string(hide_password=False)
        for name in ("strava", "strava_restored")
    }
    yield Machine(machine.folder, servers)
    with psycopg.connect(_server, autocommit=True) as connection:
        for url in servers.values():
            connection.execute(f"DROP DATABASE IF EXISTS {make_url(url).database} WITH (FORCE)")


@pytest.fixture
def on_server(both: Machine) -> Machine:
    """The same after the move to the server, where the rows are now, too."""
    both.run(shell("From one engine to the other")[0])
    return both


def test_every_section_with_commands_is_run_by_a_test_or_was_tried_by_hand() -> None:
    assert {block.section for block in blocks("sh")} == RUN_HERE | BY_HAND


def as_cron(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the command of a crontab's line as cron does: with /bin/sh and hardly any environment."""
    time, _, command = line.partition("  ")
    assert re.fullmatch(r"\d+ \d+ \* \* \*", time)
    assert "%" not in command  # a line break to cron
    return subprocess.run(
        ["/bin/sh", "-c", command.replace("/home/me/strava", str(folder))],
        cwd=folder.parent,
        env={"HOME": str(folder.parent), "SHELL": "/bin/sh", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_lines_of_cron_work_and_print_nothing(tmp_path: Path, dropped: Path) -> None:
    machine = Machine(installation(tmp_path / "strava", dropped))
    imports, saves = (block.text.strip() for block in blocks("cron"))

    for line in (imports, saves, saves):
        ended = as_cron(line, machine.folder)
        assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")

    counts = row_counts(machine.sqlite_url)
    assert counts["activities"] == ACTIVITIES
    assert row_counts(f"sqlite:///{tmp_path / 'backup' / 'strava.db'}") == counts


def test_cron_mails_one_line_when_a_run_fails(tmp_path: Path, dropped: Path) -> None:
    folder = installation(tmp_path / "strava", dropped)
    (folder / ".env").write_text("DATABASE_URL=postgresql://me@127.0.0.1:1/strava\n")

    ended = as_cron(blocks("cron")[0].text.strip(), folder)

    assert (ended.returncode, ended.stdout) == (1, "")
    assert re.fullmatch(r"strava-ingest: .*Connection refused.*\n", ended.stderr)


def test_the_file_of_the_playground_holds_what_cannot_be_made_again(machine: Machine) -> None:
    token = machine.folder / "Playground" / ".strava-token.json"
    token.write_text("{}")

    machine.run(shell("Backup and restore")[0])

    file = machine.folder.parent / "backup" / "playground.tar.gz"
    with tarfile.open(file) as archive:
        names = {Path(name).name for name in archive.getnames()}
    assert {token.name, "export_900000001.zip"} <= names
    assert not {name for name in names if name.endswith((".db", ".lock"))}
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_an_export_and_an_athlete_are_forgotten(machine: Machine) -> None:
    with opened(machine.sqlite_url) as engine, engine.connect() as connection:
        athlete_id = connection.scalars(sa.select(Athlete.athlete_id)).one()
    before = row_counts(machine.sqlite_url)
    (commands,) = shell("Forget an export or an athlete")
    folder = machine.folder / "Playground" / "Strava Export" / "watch"
    folder.mkdir()
    (folder / "2026-05-01.gpx").write_bytes(gpx_activity(60))
    machine.run("python -m ingest run --quiet")
    with_file = row_counts(machine.sqlite_url)["activities"]
    assert with_file == before["activities"] + 1
    look, export, file, athlete = (
        line.replace("export_77.zip", EXPORT_NAME).replace(
            "--athlete 77", f"--athlete {athlete_id}"
        )
        for line in commands.splitlines()
    )
    machine.run(look)
    assert row_counts(machine.sqlite_url)["activities"] == with_file
    machine.run(file)
    assert row_counts(machine.sqlite_url)["activities"] == before["activities"]
    for line in (export, athlete):
        machine.run(line)
        assert row_counts(machine.sqlite_url)["activities"] == 0
        machine.run(f"python -m ingest run --quiet 'Playground/Strava Export/{EXPORT_NAME}'")
        assert row_counts(machine.sqlite_url)["activities"] == before["activities"]


def test_sqlite_is_saved_and_restored(machine: Machine) -> None:
    save, restore, compare = shell("SQLite")
    before = row_counts(machine.sqlite_url)
    backup = machine.folder.parent / "backup"
    backup.mkdir()

    machine.run(save)
    saved = sorted(backup.glob("*.db"))
    assert len(saved) == 2
    assert [row_counts(f"sqlite:///{file}") for file in saved] == [before, before]

    (machine.folder / "Playground" / "strava.db").write_bytes(b"not a database any more")
    machine.run(restore)
    assert last_run(machine.sqlite_url) == NOTHING_NEW
    assert row_counts(machine.sqlite_url) == after_runs(before)

    said = machine.run(compare)
    assert set(re.findall(r"^[<>] (\w+) ", said, flags=re.MULTILINE)) == {"import_runs"}
    told = (machine.folder / "rows-before.txt").read_text("utf-8").split()
    assert dict(zip(told[::2], map(int, told[1::2]), strict=True)) == before


def test_postgresql_is_saved_and_restored(on_server: Machine) -> None:
    save, restore, compare = shell("PostgreSQL")
    before = row_counts(on_server.servers["strava"])

    on_server.run(save)
    on_server.run(restore)
    assert last_run(on_server.servers["strava_restored"]) == NOTHING_NEW
    assert row_counts(on_server.servers["strava_restored"]) == after_runs(before)
    assert before["track_points"] > 0

    said = on_server.run(compare)
    assert set(re.findall(r"^[<>] (\w+) ", said, flags=re.MULTILINE)) == {"import_runs"}


def test_the_next_run_goes_on_after_a_move_to_the_other_engine_and_back(both: Machine) -> None:
    there, back = shell("From one engine to the other")
    before = row_counts(both.sqlite_url)

    both.run(there)
    assert last_run(both.servers["strava"]) == NOTHING_NEW
    moved = row_counts(both.servers["strava"])
    # The server has a view more, which its dictionary describes.
    assert moved.pop("data_dictionary") > before["data_dictionary"]
    assert moved.items() <= after_runs(before).items()
    assert len(moved) == len(before) - 1

    both.run(back)
    url = f"sqlite:///{both.folder / 'Playground' / 'back.db'}"
    assert last_run(url) == NOTHING_NEW
    assert row_counts(url) == after_runs(before, 2)


def older(url: str) -> str | None:
    """Take a database back by one revision, as if the version before had written it."""
    with opened(url) as engine:
        downgrade(engine, "-1")
        return current(engine)


def revision(url: str) -> str | None:
    with opened(url) as engine:
        return current(engine)


def migrate(machine: Machine, url: str) -> Path:
    """Run ``migrate`` as the page says it; the backup that it names in the page's words."""
    *_, command = shell("Updates")[0].splitlines()
    said = machine.run(f"{command} --database '{url}'")

    assert revision(url) == head()
    shown = blocks("text", "Updates")[0].text
    words, backup = r"[\w/.]+\.bak", re.search(r"Playground/backups/\S+\.bak", said)
    numbers = r"\d{8}_\d{4}"
    assert backup is not None
    assert re.sub(numbers, "", re.sub(words, "", said)) == (
        re.sub(numbers, "", re.sub(words, "", shown))
    )
    return machine.folder / backup[0]


def test_the_backup_of_an_update_of_sqlite_leads_back(machine: Machine) -> None:
    before, url = older(machine.sqlite_url), machine.sqlite_url
    counts = row_counts(url)

    backup = migrate(machine, url)
    assert re.fullmatch(rf"strava\.db\.{before}\.\d{{8}}T\d{{6}}Z\.bak", backup.name)
    assert before != head()

    machine.run(shell("Updates")[2])
    assert revision(url) == before
    assert row_counts(url) == counts


def test_the_backup_of_an_update_of_postgresql_leads_back(on_server: Machine) -> None:
    url, restored = on_server.servers["strava"], on_server.servers["strava_restored"]
    before, counts = older(url), row_counts(url)

    backup = migrate(on_server, url)

    restore = shell("PostgreSQL")[1].partition("python -m ingest")[0]
    on_server.run(restore.replace("../backup/strava.dump", str(backup)))
    assert revision(restored) == before
    assert row_counts(restored) == counts


#: Start of the runs that the queries are to tell about.
NOON = datetime(2001, 11, 1, 12, tzinfo=UTC)


def tell(url: str) -> None:
    """A run that succeeded, one that failed and one that was killed; an issue; a queue."""
    runs: list[dict[str, Any]] = [
        {"started_at": NOON, "finished_at": NOON + timedelta(minutes=1), "status": "done"},
        {
            "started_at": NOON + timedelta(days=1),
            "finished_at": NOON + timedelta(days=1),
            "status": "failed",
            "error": "no such host",
            "resume_at": NOON + timedelta(days=2),
        },
        {
            "started_at": NOON + timedelta(days=2),
            "status": "running",
            "resume_at": NOON + timedelta(days=3),
        },
    ]
    with opened(url) as engine, engine.begin() as connection:
        for values in runs:
            connection.execute(sa.insert(ImportRun).values(version="0.1.0", **values))
        connection.execute(
            sa.insert(ImportIssue).values(
                athlete_id=1,
                origin="export_1.zip",
                name="a.fit",
                kind="corrupt",
                reason="cut",
                found_at=NOON,
                run_id=1,
            )
        )
        first, second = connection.execute(sa.select(Activity.activity_id).limit(2)).scalars()
        for activity_id, item, parked in (
            (first, "detail", False),
            (first, "streams", False),
            (second, "streams", True),
        ):
            connection.execute(
                sa.insert(QueueItem).values(
                    activity_id=activity_id,
                    item=item,
                    athlete_id=1,
                    priority=0,
                    queued_at=NOON,
                    failed_days=5 if parked else 0,
                    is_parked=parked,
                )
            )


def answers(url: str) -> list[list[tuple[Any, ...]]]:
    """What a database answers to the page's queries, times as text and flags as whole numbers."""
    text = re.sub(r"^--.*\n", "", blocks("sql")[0].text, flags=re.MULTILINE)
    with opened(url) as engine, engine.connect() as connection:
        return [
            [
                tuple(
                    int(cell) if isinstance(cell, int) else str(cell)[:19] if cell else cell
                    for cell in row
                )
                for row in connection.exec_driver_sql(query)
            ]
            for query in text.split(";\n")
            if query.strip()
        ]


@pytest.mark.parametrize("where", ["sqlite", "postgresql"])
def test_the_queries_tell_what_is_wrong(where: str, request: pytest.FixtureRequest) -> None:
    if where == "sqlite":
        url = request.getfixturevalue("machine").sqlite_url
    else:
        url = request.getfixturevalue("on_server").servers["strava"]
    tell(url)

    last_runs, success, failed, export, activity, issues, queue, resume = answers(url)

    at = [f"2001-11-0{day} 12:00:00" for day in range(1, 5)]
    assert [(row[0], row[1], row[-1]) for row in last_runs[:3]] == [
        (at[2], "running", None),
        (at[1], "failed", "no such host"),
        (at[0], "done", None),
    ]
    # The run that filled the database is of today, so it is the last one that succeeded.
    assert success[0][0] > at[3]
    assert failed == [(1,)]
    assert export == [("2026-10-31 00:00:00",)]
    assert activity == [("2026-09-02 11:40:27",)]
    assert issues == [("corrupt", 1, at[0])]
    assert queue == [
        ("detail", 0, 1, at[0]),
        ("streams", 0, 1, at[0]),
        ("streams", 1, 1, at[0]),
    ]
    assert resume == [(at[3],)]


def test_both_engines_tell_the_age_of_the_newest_export(on_server: Machine) -> None:
    age, space = shell("What to watch")

    days = int((datetime.now(UTC) - datetime(2026, 10, 31, tzinfo=UTC)) / timedelta(days=1))
    assert on_server.run(age).split() == [str(days)] * 2
    assert "Playground/strava.db" in on_server.run(space)
