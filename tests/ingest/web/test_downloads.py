"""The chosen activities as files, and that nobody who writes has to wait for them."""

from __future__ import annotations

import io
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
import tracemalloc
import zipfile
from contextlib import closing
from pathlib import Path

import openpyxl
import pytest

from db.errors import DatabaseProblem
from db.opening import copied, snapshot
from ingest.web.zip_stream import zipped
from tests.builders import gpx_activity
from tests.ingest.playground import FEBRUARY, Playground
from tests.ingest.web.conftest import ROOT, Serve, Served

GPX = {f"activities/{n}.gpx": gpx_activity(400) for n in range(30)}
PATHS = ("/", "/activities", "/activities.csv", "/activities.xlsx", "/activities.gpx.zip")


def rows(count: int) -> list[dict[str, object]]:
    return [{"activity_id": 100 + n, "filename": f"activities/{n}.gpx"} for n in range(count)]


@pytest.fixture
def served(serve: Serve, imported: Path) -> Served:
    return serve(playground=imported)


def fetched(served: Served, path: str) -> bytes:
    answer = served.session().get(f"{served.base}{path}", timeout=60)
    assert answer.status_code == 200
    assert "attachment" in answer.headers["content-disposition"]
    return answer.content


def left_over(playground: Path) -> list[Path]:
    return list(playground.glob(".download-*"))


def test_the_workbook_holds_what_is_chosen(served: Served) -> None:
    book = openpyxl.load_workbook(io.BytesIO(fetched(served, "/activities.xlsx?sport=Run")))
    head, *found = book["activities"].values
    assert {row[head.index("sport_type")] for row in found} == {"Run"}
    assert len(found) == 2
    assert left_over(served.playground) == []


def test_the_zip_holds_a_gpx_file_of_each_chosen_activity_with_positions(served: Served) -> None:
    with zipfile.ZipFile(io.BytesIO(fetched(served, "/activities.gpx.zip?sport=Run"))) as archive:
        assert archive.testzip() is None
        (name,) = archive.namelist()
        assert "Morning" in name
        assert archive.read(name).count(b"<trkpt") == 30
    assert left_over(served.playground) == []


def test_without_positions_there_is_no_zip_but_a_page_that_says_so(served: Served) -> None:
    answer = served.session().get(f"{served.base}/activities.gpx.zip?sport=Swim", timeout=60)
    assert answer.status_code == 404
    assert "None of the chosen activities has positions." in answer.text
    assert left_over(served.playground) == []


def test_a_browser_that_goes_away_leaves_nothing_behind(
    serve: Serve, playground: Playground
) -> None:
    playground.add("export_77.zip", rows(30), files=GPX)
    playground.run()
    served = serve("--database", playground.database, playground=playground.folder)
    session = served.session()
    for path in PATHS[2:]:
        with session.get(f"{served.base}{path}", stream=True, timeout=60) as answer:
            answer.raw.read(10)
    ends_at = time.monotonic() + 20
    while left_over(playground.folder) and time.monotonic() < ends_at:
        time.sleep(0.05)
    assert left_over(playground.folder) == []


def test_what_a_killed_page_has_left_is_removed_after_a_day(
    serve: Serve, imported: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "Playground"
    shutil.copytree(imported, folder)
    old, new = folder / ".download-old", folder / ".download-new"
    for left, age in ((old, 25), (new, 1)):
        left.mkdir()
        (left / "copy.db").touch()
        os.utime(left, (time.time() - age * 3600,) * 2)
    fetched(serve(playground=folder), "/activities.csv")
    assert left_over(folder) == [new]


def test_a_zip_takes_the_memory_of_a_piece(tmp_path: Path) -> None:
    with (tmp_path / "large.gpx").open("wb") as file:
        file.truncate(48 * 1024 * 1024)
    tracemalloc.start()
    sent = sum(map(len, zipped([("large.gpx", tmp_path / "large.gpx")])))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert sent > 0
    assert peak < 4 * 1024 * 1024


def test_a_zip_of_nothing_is_one() -> None:
    with zipfile.ZipFile(io.BytesIO(b"".join(zipped([])))) as archive:
        assert archive.namelist() == []


def write(file: Path) -> None:
    """Write as a program does that does not wait."""
    with closing(sqlite3.connect(file, timeout=0)) as writer:
        writer.execute("UPDATE activities SET name = 'written' WHERE name = 'Lunch Ride'")
        writer.commit()


def test_who_writes_does_not_wait_for_long_reading(imported: Path, tmp_path: Path) -> None:
    file = tmp_path / "strava.db"
    file.write_bytes((imported / "strava.db").read_bytes())
    titles = "SELECT count(*) FROM activities WHERE name = 'Lunch Ride'"
    with copied(f"sqlite:///{file}", tmp_path) as connection:
        assert connection.exec_driver_sql(titles).scalar() == 1
        write(file)
        assert connection.exec_driver_sql(titles).scalar() == 1
    with snapshot(f"sqlite:///{file}") as connection:
        assert connection.exec_driver_sql(titles).scalar() == 0
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            write(file)
    assert [path.name for path in tmp_path.iterdir()] == ["strava.db"]


def test_a_database_that_is_none_is_not_copied(tmp_path: Path) -> None:
    (tmp_path / "none.db").write_text("this is no database, but a text that is long enough")
    url = f"sqlite:///{tmp_path / 'none.db'}"
    with pytest.raises(DatabaseProblem, match="not a database"), copied(url, tmp_path):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["none.db"]


def test_a_run_does_not_fail_while_pages_and_files_are_asked_for(
    serve: Serve, playground: Playground
) -> None:
    playground.add("export_77.zip", rows(10), files=GPX)
    playground.run()
    playground.add("export_77-2.zip", rows(30), when=FEBRUARY, files=GPX)
    served = serve("--database", playground.database, playground=playground.folder)
    session, is_over = served.session(), threading.Event()
    answers: list[tuple[str, int]] = []

    def ask(path: str) -> None:
        while not is_over.is_set():
            with session.get(f"{served.base}{path}", timeout=60) as answer:
                answers.append((path, answer.status_code))

    threads = [threading.Thread(target=ask, args=(path,)) for path in PATHS]
    for thread in threads:
        thread.start()
    command = [sys.executable, "-m", "ingest", "run", "--strict", "--quiet"]
    where = ["--playground", str(playground.folder), "--database", playground.database]
    done = subprocess.run(
        [*command, *where], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    is_over.set()
    for thread in threads:
        thread.join()
    assert (done.returncode, done.stderr) == (0, "")
    assert set(answers) == {(path, 200) for path in PATHS}
    csv = session.get(f"{served.base}/activities.csv", timeout=60).text
    assert len(csv.splitlines()) == 31
