"""The import page: a ZIP that is dropped becomes activities, whatever comes between."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import requests
from filelock import FileLock
from playwright.sync_api import Error, Page, Route

from ingest.demo import build_export
from ingest.web import uploads
from ingest.web.uploads import content_digest
from tests.builders import export_zip, gpx_activity
from tests.ingest.web.conftest import Serve, Served

Visit = Callable[..., Page]
ACTIVITIES = 250
#: Drops a file as a mouse does; only a real mouse can do it from outside of the browser.
DROP = """([zone, input]) => {
  const data = new DataTransfer();
  data.items.add(input.files[0]);
  const options = { dataTransfer: data, bubbles: true, cancelable: true };
  zone.dispatchEvent(new DragEvent("drop", options));
}"""


@pytest.fixture(scope="session")
def big(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export that takes some seconds to import, and some pieces to send."""
    path = tmp_path_factory.mktemp("big") / "export_900000001.zip"
    build_export(path, activities=ACTIVITIES)
    assert path.stat().st_size > uploads.BLOCK + 2_000_000
    return path


@pytest.fixture
def long(tmp_path: Path) -> Path:
    """An export whose import is not over before somebody can cancel it."""
    path = tmp_path / "export_900000002.zip"
    build_export(path, activities=4 * ACTIVITIES)
    return path


@pytest.fixture
def small(tmp_path: Path) -> Path:
    rows = [{"activity_name": "Morning Run", "filename": "activities/1.gpx"}]
    return export_zip(
        tmp_path / "export_77.zip", rows, files={"activities/1.gpx": gpx_activity(30)}
    )


@pytest.fixture
def served(serve: Serve, tmp_path: Path) -> Served:
    """A page on an empty playground, of a user with a folder Downloads."""
    (tmp_path / "Downloads").mkdir()
    return serve(HOME=str(tmp_path))


def dropped(served: Served) -> Path:
    """The drop folder, which is there."""
    folder = served.playground / "Strava Export"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def opened(served: Served, visit: Visit, **options: Any) -> Page:
    """The import page in a browser."""
    page = visit(served.address, **options)
    page.wait_for_selector("h1")
    page.goto(f"{served.base}/import")
    return page


def count(served: Served) -> int:
    with sqlite3.connect(served.playground / "strava.db") as connection:
        return int(connection.execute("SELECT count(*) FROM activities").fetchone()[0])


def until(condition: Callable[[], Any], seconds: float = 60) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError("it did not happen")


def put(
    served: Served, session: requests.Session, body: Any, name: str = "export_77.zip", **query: Any
) -> requests.Response:
    facts: dict[str, Any] = {"name": name, "size": len(body), "offset": 0, **query}
    address = f"{served.base}/import/upload"
    return session.put(address, params=facts, data=body, timeout=120)


def start(served: Served, session: requests.Session, **form: str) -> requests.Response:
    return session.post(f"{served.base}/import", data=form, timeout=20)


def job(served: Served, session: requests.Session) -> dict[str, Any]:
    found: dict[str, Any] = session.get(f"{served.base}/import/state", timeout=20).json()
    return found


# --- In the browser


def test_a_zip_that_is_dropped_becomes_activities_with_moving_progress(
    served: Served, visit: Visit, big: Path
) -> None:
    page = visit(served.address)
    page.get_by_role("link", name="Import an export").click()
    page.get_by_role("heading", name="Send an export").wait_for()  # the script shows it
    source = page.evaluate_handle("Object.assign(document.createElement('input'), {type: 'file'})")
    source.as_element().set_input_files(big)  # type: ignore[union-attr]
    page.evaluate(DROP, [page.query_selector("#drop"), source])
    page.wait_for_selector("#bar")
    seen: set[str] = set()
    while page.get_by_role("heading", name="The import is done").count() == 0:
        with suppress(Error):  # the page loads itself anew when the import is done
            seen.update(page.locator("#figures").all_inner_texts())
        page.wait_for_timeout(100)
    moving = [text for text in seen if re.match(r"[\d\u202f ]+ of \d+ files, .* points/s", text)]
    assert len(moving) > 2, seen
    assert any(text.endswith(" left") for text in moving)
    page.get_by_role("link", name="See all activities").click()
    assert page.locator("h1").inner_text() == "Activities"
    assert count(served) == ACTIVITIES
    assert (dropped(served) / big.name).read_bytes() == big.read_bytes()


def test_an_import_that_is_cancelled_goes_on_later(
    served: Served, visit: Visit, long: Path
) -> None:
    shutil.copy(long, dropped(served))
    page = opened(served, visit)
    page.get_by_role("button", name=f"Import {long.name}").click()
    page.wait_for_function("() => document.getElementById('bar')?.value > 120")
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("heading", name="The import did not finish").wait_for()
    assert "nterrupted" in page.locator("#job").inner_text()
    before = count(served)
    assert 0 < before < 4 * ACTIVITIES
    page.get_by_role("button", name=f"Import {long.name}").click()
    page.get_by_role("heading", name="The import is done").wait_for(timeout=60_000)
    assert count(served) == 4 * ACTIVITIES
    ends = page.locator("tbody th").all_inner_texts()
    assert ends[0] == "done"
    assert ends[1].startswith("failed: interrupted")


def test_who_comes_back_sees_how_far_it_is(served: Served, visit: Visit, big: Path) -> None:
    shutil.copy(big, dropped(served))
    page = opened(served, visit)
    page.get_by_role("button", name=f"Import {big.name}").click()
    page.wait_for_selector("#bar")
    other = page.context.new_page()
    page.close()
    other.goto(f"{served.base}/import")
    assert other.get_by_role("heading", name="An import is going on").count() == 1
    other.get_by_role("heading", name="The import is done").wait_for(timeout=60_000)


def test_a_file_that_lies_among_the_downloads_is_imported_without_scripts(
    served: Served, visit: Visit, small: Path
) -> None:
    shutil.move(small, small.parent / "Downloads" / "export_77.zip")
    page = opened(served, visit, java_script_enabled=False)
    assert not page.locator("#send").is_visible()
    page.get_by_role("button", name="Import export_77.zip in Downloads").click()
    page.get_by_role("heading", name="The import is done").wait_for(timeout=60_000)
    assert "Activities: 1 new." in page.locator("#job").inner_text()
    assert count(served) == 1


def test_a_dry_run_says_so_and_writes_nothing(served: Served, visit: Visit, small: Path) -> None:
    shutil.copy(small, dropped(served))
    page = opened(served, visit)
    page.get_by_label("Dry run").check()
    page.get_by_role("button", name="Import export_77.zip").click()
    page.get_by_role("heading", name="The dry run is done; nothing was written").wait_for()
    assert "if this were no dry run: 1 new." in page.locator("#job").inner_text()
    assert not (served.playground / "strava.db").exists()


def test_a_time_zone_that_there_is_not_is_told_in_words(
    served: Served, visit: Visit, small: Path
) -> None:
    shutil.copy(small, dropped(served))
    page = opened(served, visit)
    page.get_by_label("Your home time zone").fill("Mars/Base")
    page.get_by_role("button", name="Import export_77.zip").click()
    page.get_by_role("heading", name="The import did not finish").wait_for()
    assert "Mars/Base" in page.locator("#job").inner_text()


def test_an_upload_goes_on_where_it_stopped(served: Served, visit: Visit, big: Path) -> None:
    part = dropped(served) / f"{big.name}.part"
    half = uploads.BLOCK + 12_345
    part.write_bytes(big.read_bytes()[:half])
    page, offsets = opened(served, visit), list[str]()
    assert f"A part of {big.name} is here" in page.locator("#send").inner_text()
    page.on("request", lambda r: offsets.append(r.url) if r.method == "PUT" else None)
    page.locator("#file").set_input_files(big)
    page.wait_for_selector("#bar")
    assert offsets[0].endswith(f"&offset={half}")
    assert (dropped(served) / big.name).read_bytes() == big.read_bytes()
    assert not part.exists()


def test_a_part_of_another_file_of_that_name_is_not_gone_on_with(
    served: Served, visit: Visit, small: Path
) -> None:
    (dropped(served) / "export_77.zip.part").write_bytes(b"x" * 100)
    page = opened(served, visit)
    page.locator("#file").set_input_files(small)
    page.get_by_role("heading", name="The import is done").wait_for()
    assert (dropped(served) / "export_77.zip").read_bytes() == small.read_bytes()


# --- Uploads


def test_an_export_that_is_there_is_never_replaced(served: Served, small: Path) -> None:
    session = served.session()
    (dropped(served) / "export_77.zip").write_bytes(b"the old one")
    (dropped(served) / "export_77 (1).zip").write_bytes(b"another old one")
    answer = put(served, session, small.read_bytes())
    assert Path(answer.json()["path"]).name == "export_77 (2).zip"
    assert Path(answer.json()["path"]).read_bytes() == small.read_bytes()
    assert (dropped(served) / "export_77.zip").read_bytes() == b"the old one"
    assert (dropped(served) / "export_77 (1).zip").read_bytes() == b"another old one"


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".zip",
        "../export.zip",
        "..\\export.zip",
        "/etc/cron.d/export.zip",
        "C:\\export.zip",
        "a/b.zip",
        "a\0.zip",
        "a\n.zip",
        "export.html",
        f"{'x' * 300}.zip",
    ],
)
def test_names_that_are_no_plain_zip_are_refused(served: Served, name: str) -> None:
    session = served.session()
    before = files_below(served.playground.parent)
    answer = put(served, session, b"PK", name=name)
    assert answer.status_code == 400
    assert "rename the file" in answer.text or "is no ZIP" in answer.text
    assert files_below(served.playground.parent) == before


def test_characters_that_some_disks_refuse_are_replaced(served: Served) -> None:
    answer = put(served, served.session(), b"PK", name='export: "1"?.zip')
    assert Path(answer.json()["path"]).name == "export_ _1__.zip"


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Cookie": ""}],
)
def test_an_upload_of_another_page_is_refused(served: Served, headers: dict[str, str]) -> None:
    session = served.session()
    session.headers.update(headers)
    if "Cookie" in headers:
        session.cookies.clear()
    assert put(served, session, b"PK").status_code == 403
    assert start(served, session).status_code == 403
    assert not (served.playground / "Strava Export").exists()
    assert not (served.playground / ".import").exists()


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ({"offset": 1}, "does not fit"),
        ({"offset": -1}, "no number"),
        ({"size": 0}, "empty"),
        ({"size": "many"}, "no number"),
        ({"size": 1}, "longer"),
    ],
)
def test_pieces_that_do_not_fit_are_refused(
    served: Served, query: dict[str, Any], reason: str
) -> None:
    answer = put(served, served.session(), b"PK", **query)
    assert answer.status_code == 400
    assert reason in answer.text
    assert not list(dropped(served).glob("*.zip"))
    if query.get("offset"):
        assert list(dropped(served).iterdir()) == []


def test_what_has_arrived_of_a_broken_connection_is_gone_on_with(
    served: Served, small: Path
) -> None:
    session, data = served.session(), small.read_bytes()
    half = len(data) // 2

    def broken() -> Iterator[bytes]:
        yield data[:half]
        time.sleep(0.5)
        raise ConnectionResetError

    with pytest.raises((requests.RequestException, ConnectionResetError)):
        put(served, session, Body(broken(), len(data)), size=len(data))
    part = dropped(served) / "export_77.zip.part"
    until(lambda: part.exists() and part.stat().st_size == half)
    query = {"name": "export_77.zip", "size": str(len(data))}
    there = session.get(f"{served.base}/import/upload", params=query, timeout=20).json()
    assert there == {"have": half, "digest": content_digest(part)}
    answer = put(served, session, data[half:], size=len(data), offset=half)
    assert Path(answer.json()["path"]).read_bytes() == data


def test_the_digest_is_that_of_the_digests_of_the_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "BLOCK", 2)
    (tmp_path / "x").write_bytes(b"abc")
    # sha256(sha256("ab") + sha256("c")), by another program
    assert (
        content_digest(tmp_path / "x")
        == "115323e562c4a4fdf7ceacedca660dc4bbe1389dab9323aad08440907c7426d0"
    )


# --- A full disk, and memory


def test_a_file_for_which_there_is_no_room_is_refused_before_it_is_sent(served: Served) -> None:
    session = served.session()
    query = {"name": "export_77.zip", "size": str(10**13)}
    answer = session.get(f"{served.base}/import/upload", params=query, timeout=20)
    assert answer.status_code == 507
    assert "export_77.zip has 10,000.0 GB, and the disk has only" in answer.text


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no full device")
def test_a_disk_that_is_full_leaves_no_half_export(served: Served, big: Path) -> None:
    part = dropped(served) / f"{big.name}.part"
    part.symlink_to("/dev/full")
    answer = put(served, served.session(), big.read_bytes(), name=big.name)
    assert answer.status_code == 507
    assert "there is no room for export_900000001.zip: No space left on device" in answer.text
    assert list(dropped(served).iterdir()) == []


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux limits others")
def test_a_disk_that_fills_up_on_the_way_is_told_in_the_browser(
    served: Served, visit: Visit, big: Path
) -> None:
    import resource

    limit = uploads.BLOCK + 1_000_000
    resource.prlimit(served.process.pid, resource.RLIMIT_FSIZE, (limit, limit))
    page = opened(served, visit, expected="507")
    page.locator("#file").set_input_files(big)
    problem = page.locator("#send-problem")
    problem.filter(has_text="there is no room for export_900000001.zip").wait_for()
    assert list(dropped(served).iterdir()) == []
    assert page.locator("#drop").is_visible()


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system does not tell")
def test_memory_is_flat_while_300_mb_are_sent(served: Served) -> None:
    session, size = served.session(), 300_000_000
    put(served, session, b"PK", name="first.zip")  # what a first upload loads
    before = peak_mb(served)
    answer = put(served, session, Body(zeros(size), size), size=size)
    assert answer.json()["have"] == size
    assert peak_mb(served) - before < 30
    Path(answer.json()["path"]).unlink()


# --- The run as a process


def test_only_what_the_page_offers_is_imported(served: Served, small: Path) -> None:
    session = served.session()
    answer = start(served, session, export=str(small))  # lies beside the playground
    assert answer.status_code == 400
    assert "no longer there" in answer.text
    assert job(served, session) == {"is_running": False}


def test_what_was_sent_and_is_no_export_is_told_by_what_it_is(served: Served) -> None:
    session = served.session()
    sent = put(served, session, b"<!DOCTYPE html><html>Log in</html>").json()
    answer = start(served, session, export=sent["path"])
    assert answer.status_code == 400
    assert "is a web page, not the export" in answer.text


def test_a_form_that_is_too_large_starts_nothing(served: Served) -> None:
    session = served.session()
    assert start(served, session, dry_run="1", timezone="x" * 20_000).status_code == 413
    assert job(served, session) == {"is_running": False}


def test_strange_names_in_the_drop_folder_do_not_take_the_page_away(served: Served) -> None:
    folder = dropped(served)
    try:
        (folder / os.fsdecode(b"\xff.zip.part")).write_bytes(b"PK")
    except OSError:
        pytest.skip("this system has no such names")
    (folder / "B.ZIP.part").write_bytes(b"PK")
    (folder / "a.txt.part").write_bytes(b"PK")
    answer = served.session().get(f"{served.base}/import", timeout=20)
    assert answer.status_code == 200
    assert "B.ZIP" in answer.text
    assert "a.txt" not in answer.text


@pytest.mark.skipif(os.name == "nt", reason="Windows hands no locks on")
def test_the_end_of_another_page_leaves_an_import_alone(serve: Serve, big: Path) -> None:
    served = serve()
    shutil.copy(big, dropped(served))
    session = served.session()
    start(served, session)
    until(lambda: job(served, session)["done"])
    other = serve(playground=served.playground)
    other.process.send_signal(signal.SIGTERM)
    other.process.wait(timeout=20)
    until(lambda: not job(served, session)["is_running"])
    assert count(served) == ACTIVITIES


def test_one_run_goes_on_at_a_time(served: Served, big: Path) -> None:
    shutil.copy(big, dropped(served))
    session = served.session()
    assert start(served, session).status_code == 200
    answer = start(served, session)
    assert answer.status_code == 409
    assert "an import is going on" in answer.text


def test_a_run_of_the_terminal_is_told_in_words(served: Served, small: Path) -> None:
    shutil.copy(small, dropped(served))
    session = served.session()
    with FileLock(served.playground / "strava.db.lock"):
        start(served, session)
        until(lambda: not job(served, session)["is_running"])
    text = session.get(f"{served.base}/import", timeout=20).text
    assert "The import did not finish" in text
    assert "another run is writing to it" in text


def test_stopping_an_upload_keeps_what_was_sent(served: Served, visit: Visit, big: Path) -> None:
    page = opened(served, visit)
    held: list[Route] = []
    page.route(re.compile(r"&offset=[1-9]"), lambda r: held.append(r))  # piece 2 does not leave
    page.locator("#file").set_input_files(big)
    page.locator("#sent").filter(has_text="% sent").wait_for()
    page.get_by_role("button", name="Stop").click()
    assert "choose the file again" in page.locator("#send-problem").inner_text()
    assert (dropped(served) / f"{big.name}.part").stat().st_size == uploads.BLOCK
    page.unroute_all(behavior="ignoreErrors")
    page.locator("#file").set_input_files(big)
    page.wait_for_selector("#bar")
    assert (dropped(served) / big.name).read_bytes() == big.read_bytes()


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="the system does not tell")
def test_the_database_is_not_named_where_everybody_can_see_it(
    serve: Serve, tmp_path: Path, small: Path
) -> None:
    database = tmp_path / "my-secret-name.db"
    served = serve("--database", str(database))
    shutil.copy(small, dropped(served))
    session = served.session()
    start(served, session)
    process = until(lambda: child_of(served.process.pid))
    command = Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")
    assert b"run" in command
    assert not [word for word in command if b"secret" in word]
    until(lambda: not job(served, session)["is_running"])
    assert database.exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows hands no locks on")
def test_an_import_can_outlive_the_page_and_is_found_again(serve: Serve, big: Path) -> None:
    served = serve("--on-exit", "continue")
    shutil.copy(big, dropped(served))
    session = served.session()
    start(served, session)
    until(lambda: job(served, session)["done"])
    served.process.send_signal(signal.SIGTERM)
    served.process.wait(timeout=20)
    again = serve(playground=served.playground)
    session = again.session()
    assert job(again, session)["is_running"]
    assert start(again, session).status_code == 409
    until(lambda: not job(again, session)["is_running"])
    assert "The import is done" in session.get(f"{again.base}/import", timeout=20).text
    assert count(again) == ACTIVITIES


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_an_import_is_interrupted_when_the_page_ends(
    serve: Serve, big: Path, sign: signal.Signals
) -> None:
    served = serve()
    shutil.copy(big, dropped(served))
    session = served.session()
    start(served, session)
    until(lambda: job(served, session)["done"])
    served.process.send_signal(sign)
    served.process.wait(timeout=20)
    again = serve(playground=served.playground)
    session = again.session()
    until(lambda: not job(again, session)["is_running"])
    text = session.get(f"{again.base}/import", timeout=20).text
    assert "The import did not finish" in text
    assert "nterrupted" in text


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_run_that_was_killed_is_not_taken_for_one_that_goes_on(serve: Serve, big: Path) -> None:
    served = serve("--on-exit", "continue")
    shutil.copy(big, dropped(served))
    session = served.session()
    start(served, session)
    until(lambda: job(served, session)["done"])
    os.kill(int(child_of(served.process.pid)), signal.SIGKILL)
    until(lambda: not job(served, session)["is_running"])
    text = session.get(f"{served.base}/import", timeout=20).text
    assert "It was ended from outside" in text


# --- Helpers


def files_below(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def zeros(size: int) -> Iterator[bytes]:
    block = bytes(1_000_000)
    for _ in range(size // len(block)):
        yield block


class Body:
    """A body that is made while it is sent, of a length that is told."""

    def __init__(self, pieces: Iterator[bytes], size: int) -> None:
        self._pieces, self._size = pieces, size

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces

    def __len__(self) -> int:
        return self._size


def peak_mb(served: Served) -> float:
    text = Path(f"/proc/{served.process.pid}/status").read_text(encoding="ascii")
    found = re.search(r"VmHWM:\s+(\d+) kB", text)
    assert found
    return int(found[1]) / 1000


def child_of(process: int) -> str:
    """The run, which is the only child of the page; any of its threads can have started it."""
    for file in Path(f"/proc/{process}/task").glob("*/children"):
        if found := file.read_text(encoding="ascii").split():
            return found[0]
    return ""
