"""The files page: every exporter as a form, and what it writes as a download."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Page

from exporters.cli import app as exporters_app
from exporters.registry import EXPORTERS
from ingest.web.jobs.export_forms import arguments, fields, in_words
from tests.builders import gpx_activity
from tests.ingest.playground import Playground
from tests.ingest.web.conftest import ROOT, Serve, Served
from tests.ingest.web.test_looks import findings, headings

Visit = Callable[..., Page]
#: Parameters of commands that no form has: where things are, and how the command tells of them.
NOT_ON_THE_PAGE = {
    "out",
    "source",
    "to",
    "database",
    "playground",
    "copy_first",
    "quiet",
    "as_json",
    "progress",
}
HOSTILE = "<img src=x onerror=alert(1)> & ü #?%2e.gpx"


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database whose GPX files take some seconds."""
    folder = tmp_path_factory.mktemp("large")
    python_m("ingest", "demo", "--activities", "150", "--quiet", "--playground", str(folder))
    return folder / "demo.db"


@pytest.fixture
def own(imported: Path, tmp_path: Path) -> Path:
    """The imported playground, to write into."""
    return Path(shutil.copytree(imported, tmp_path / "Playground"))


@pytest.fixture
def served(serve: Serve, own: Path) -> Served:
    return serve(playground=own)


def python_m(*arguments: str) -> str:
    kept = {n: v for n, v in os.environ.items() if not n.startswith(("STRAVA", "DATABASE"))}
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        env={**kept, "PYTHONPATH": str(ROOT)},
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


def opened(served: Served, visit: Visit, **options: Any) -> Page:
    page = visit(served.address, **options)
    page.wait_for_selector("h1")
    page.goto(f"{served.base}/files")
    return page


def form(page: Page, name: str) -> Any:
    """The form of an exporter, unfolded."""
    page.get_by_text(f"Write {name}", exact=True).click()
    return page.locator("section", has=page.get_by_role("heading", name=name, exact=True))


def started(page: Page, name: str) -> None:
    """Start the export of the form that is unfolded, and wait for its end."""
    with page.expect_navigation():
        page.get_by_role("button", name=f"Start {name}", exact=True).click()
    page.locator("#job-title:not(:has-text('is going on'))").wait_for(timeout=60_000)


def saved(page: Page, link: str) -> tuple[str, bytes]:
    """The name and the bytes of what a link gives."""
    with page.expect_download() as download:
        page.get_by_role("link", name=link, exact=True).click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def start(served: Served, session: requests.Session, **values: str) -> requests.Response:
    return session.post(f"{served.base}/files", data=values, timeout=20)


def job(served: Served, session: requests.Session) -> dict[str, Any]:
    found: dict[str, Any] = session.get(f"{served.base}/files/state", timeout=20).json()
    return found


def until(condition: Callable[[], Any], seconds: float = 60) -> Any:
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError("it did not happen")


def ended(served: Served, session: requests.Session) -> str:
    """The page after the export has ended."""
    until(lambda: not job(served, session)["is_running"])
    return shown(served, session)


def shown(served: Served, session: requests.Session) -> str:
    return session.get(f"{served.base}/files", timeout=20).text


def download(served: Served, session: requests.Session, **query: str) -> requests.Response:
    return session.get(f"{served.base}/files/download", params=query, timeout=60)


def written_by_command(served: Served, tmp_path: Path, *arguments: str) -> dict[str, bytes]:
    """What the command itself writes, by name."""
    out = tmp_path / "by-command"
    place = ["--playground", str(served.playground), "--out", str(out)]
    python_m("exporters", *arguments, "--quiet", *place)
    files = [path for path in out.rglob("*") if path.is_file()]
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in files}


# --- In the browser


def test_a_csv_file_is_what_the_command_writes(
    served: Served, visit: Visit, tmp_path: Path
) -> None:
    page = opened(served, visit)
    form(page, "csv").get_by_label("Activities only").check()
    form(page, "json")  # another form is no part of it
    started(page, "csv")
    assert page.locator("#job-title").inner_text() == "The export csv is done"
    assert "1 file with 5 rows in " in page.locator("#job").inner_text()
    assert {saved(page, "Download what was written")} == set(
        written_by_command(served, tmp_path, "csv", "--activities-only").items()
    )


def test_a_list_of_chosen_sports_is_what_the_command_writes(
    served: Served, visit: Visit, tmp_path: Path
) -> None:
    page = opened(served, visit)
    form(page, "json").get_by_label("Sport").fill("Walk, swim")
    started(page, "json")
    name, content = saved(page, "Download json")
    options = ("--sport", "Walk", "--sport", "swim")
    assert {name: content} == written_by_command(served, tmp_path, "json", *options)
    assert len(json.loads(content)) == 2
    assert page.title() == "Files · strava-ingest"  # no title of an activity has changed it


def test_many_files_come_as_a_zip_of_what_the_command_writes(
    serve: Serve, large: Path, visit: Visit, tmp_path: Path
) -> None:
    served = serve("--database", str(large))
    page = opened(served, visit)
    form(page, "gpx").get_by_label("Since").fill("2026-06-01")
    started(page, "gpx")
    name, content = saved(page, "Download what was written")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        found = {one: archive.read(one) for one in archive.namelist()}
    options = ("--since", "2026-06-01", "--database", str(large))
    assert name == "gpx.zip"
    assert len(found) > 5
    assert found == written_by_command(served, tmp_path, "gpx", *options)


def test_progress_moves_and_an_export_that_is_cancelled_says_so(
    serve: Serve, large: Path, visit: Visit
) -> None:
    served = serve("--database", str(large))
    page = opened(served, visit)
    form(page, "json-files")
    page.get_by_role("button", name="Start json-files").click()
    page.wait_for_function("() => document.getElementById('bar')?.value > 5")
    assert page.locator("#stage").inner_text() == "JSON files"
    figures = page.locator("#figures").inner_text()
    assert " of 150, " in figures
    assert " per second, " in figures
    assert figures.endswith(" left")
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("heading", name="The export json-files did not finish").wait_for()
    text = page.locator("#job").inner_text()
    assert "Interrupted; the files written so far are complete. Run again with “Overwrite”" in text
    files = list((served.playground / "Exports" / "json-files").iterdir())
    assert 0 < len(files) < 150
    assert all(json.loads(file.read_text(encoding="utf-8")) for file in files)
    assert [path.name for path in (served.playground / "Exports").iterdir()] == ["json-files"]


def test_without_scripts_an_export_is_started_and_its_end_is_shown(
    served: Served, visit: Visit
) -> None:
    page = opened(served, visit, java_script_enabled=False)
    form(page, "geojson")
    started(page, "geojson")
    assert page.locator("#job-title").inner_text() == "The export geojson is done"
    assert "4 activities have no route" in page.locator("#job").inner_text()
    name, content = saved(page, "Download geojson")
    assert name.endswith(".geojson")
    features = json.loads(content)["features"]
    assert [one["properties"]["name"] for one in features if one["geometry"]] == ["Morning Run"]


def test_bad_options_are_told_in_the_command_s_words_and_the_form_is_kept(
    served: Served, visit: Visit
) -> None:
    page = opened(served, visit)
    gpx = form(page, "gpx")
    gpx.get_by_label("Since").fill("2026-05-02")
    gpx.get_by_label("Until").fill("2026-05-01")
    started(page, "gpx")
    said = "“Until” 2026-05-01 is before “Since” 2026-05-02."
    assert said in page.locator("#job").inner_text()
    assert gpx.get_by_label("Since").input_value() == "2026-05-02"
    gpx.get_by_label("Until").fill("")
    gpx.get_by_label("Ids").fill("one, two")
    started(page, "gpx")
    assert "Invalid value for “Ids”: 'one, two' is not a list" in page.locator("#job").inner_text()


def test_what_is_there_is_replaced_only_if_that_is_wanted(served: Served, visit: Visit) -> None:
    page = opened(served, visit)
    form(page, "json")
    started(page, "json")
    file = served.playground / "Exports" / "json" / "activities.json"
    file.write_text("mine", encoding="utf-8")
    json_form = form(page, "json")
    started(page, "json")
    assert "exists already; use “Overwrite” to replace it" in page.locator("#job").inner_text()
    assert file.read_text(encoding="utf-8") == "mine"
    json_form.get_by_label("Overwrite").check()
    started(page, "json")
    assert len(json.loads(file.read_text(encoding="utf-8"))) == 5


def test_files_that_lie_there_are_listed_and_hostile_names_stay_text(
    served: Served, visit: Visit
) -> None:
    folder = served.playground / "Exports" / "gpx"
    folder.mkdir(parents=True)
    (folder / HOSTILE).write_text("hostile", encoding="utf-8")
    (folder / "b.gpx").write_bytes(bytes(1_234_000))
    os.utime(folder / "b.gpx", (1_700_000_000,) * 2)
    page = opened(served, visit)
    assert "2 files, 1.2 MB, of 20" in page.locator("main").inner_text()
    page.get_by_text("Single files of gpx").click()
    assert saved(page, HOSTILE)[1] == b"hostile"
    assert "1.2 MB, 2023-11-1" in page.get_by_role("listitem").filter(has_text="b.gpx").inner_text()
    with zipfile.ZipFile(io.BytesIO(saved(page, "Download gpx as ZIP")[1])) as archive:
        assert sorted(archive.namelist()) == sorted([HOSTILE, "b.gpx"])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_that_can_be_unfolded_is_usable_too(
    served: Served, visit: Visit, axe: str, scheme: str
) -> None:
    folder = served.playground / "Exports" / "json-files"
    folder.mkdir(parents=True)
    for name in ("W" * 200, HOSTILE, *(f"{n}.json" for n in range(70))):
        (folder / name).touch()
    page = opened(served, visit, color_scheme=scheme)
    form(page, "json").get_by_label("Ids").fill("none")
    started(page, "json")
    page.get_by_role("link", name="To its form").click()
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    assert page.get_by_text("The others are in the ZIP.").count() == 1
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 844})
        assert findings(page, axe) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert headings(page) == [1, *[2] * (len(EXPORTERS) + 1)]


# --- Forms


@pytest.mark.parametrize("name", EXPORTERS)
def test_a_form_has_every_option_but_places_and_ways_to_tell(name: str) -> None:
    options = {option.name for option in exporters_app.commands[name].params}
    shown = {field.name for field in fields(EXPORTERS[name])}
    assert options - shown <= NOT_ON_THE_PAGE
    assert not shown & NOT_ON_THE_PAGE


def test_kinds_of_options_are_kinds_of_fields() -> None:
    report = {field.name: field for field in fields(EXPORTERS["report"])}
    assert {name: field.kind for name, field in report.items()} == {
        "athlete": "number",
        "routes": "number",
        "hide_around": "number",
        "public": "checkbox",
        "since": "date",
        "until": "date",
        "sports": "text",
        "ids": "text",
        "overwrite": "checkbox",
    }
    assert (report["routes"].default, report["routes"].least) == ("48", 0)
    assert report["sports"].help.endswith("such as Run or Ride; several with commas between.")


def test_a_value_never_becomes_another_option() -> None:
    some = fields(EXPORTERS["json"])
    form = {"since": "--out=/etc/x", "sports": "--quiet, --to", "overwrite": "", "out": "/etc/x"}
    assert list(arguments(some, form)) == [
        "--since=--out=/etc/x",
        "--sport=--quiet",
        "--sport=--to",
    ]


def test_only_options_become_words_not_parts_of_names() -> None:
    some = fields(EXPORTERS["json"])
    text = "a--since/b--since exists; use --overwrite, --out or '--since'"
    assert in_words(text, some) == ("a--since/b--since exists; use “Overwrite”, --out or “Since”")


def test_a_library_that_is_not_installed_is_told_with_the_line_that_installs_it(
    serve: Serve, own: Path, tmp_path: Path
) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import sys; sys.modules['pyarrow'] = None", encoding="utf-8"
    )
    served = serve(playground=own, PYTHONPATH=f"{tmp_path}{os.pathsep}{ROOT}")
    text = shown(served, served.session())
    assert "-m pip install &#34;strava-ingest[parquet]&#34;" in text
    assert "Write parquet" not in text
    assert "Write csv" in text


# --- Downloads


@pytest.mark.parametrize(
    "name",
    [
        "../strava.db",
        "../../strava.db",
        "..",
        ".",
        "/etc/passwd",
        "..\\strava.db",
        "%2e%2e/strava.db",
        "activities.json/",
        "./activities.json",
        "link.json",
        "folder/strava.db",
        ".activities.json.1.strava-partial",
        "a\0b",
    ],
)
def test_only_files_of_the_exporter_s_own_folder_are_given(served: Served, name: str) -> None:
    folder = served.playground / "Exports" / "json"
    folder.mkdir(parents=True)
    (folder / "activities.json").write_text("[]", encoding="utf-8")
    (folder / ".activities.json.1.strava-partial").write_text("[", encoding="utf-8")
    (folder / "link.json").symlink_to(served.playground / "strava.db")
    (folder / "folder").symlink_to(served.playground)
    session = served.session()
    assert download(served, session, exporter="json", file=name).status_code == 404
    assert download(served, session, exporter="json").content == b"[]"
    assert download(served, session, exporter="json", file="activities.json").content == b"[]"


@pytest.mark.parametrize(
    "exporter", ["", "..", ".", "../", "Exports", "/etc", "none", "csv/../json"]
)
def test_only_exporters_have_downloads(served: Served, exporter: str) -> None:
    answer = download(served, served.session(), exporter=exporter)
    assert answer.status_code == 404
    assert "There is no such file" in answer.text


def test_a_page_among_the_files_is_saved_and_never_shown(served: Served) -> None:
    folder = served.playground / "Exports"
    folder.mkdir()
    (folder / "report.html").write_text("<script>alert(1)</script>", encoding="utf-8")
    answer = download(served, served.session(), exporter="report")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_folders_in_folders_keep_their_names_in_the_zip(served: Served) -> None:
    session = served.session()
    start(served, session, exporter="parquet")
    assert "The export parquet is done" in ended(served, session)
    with zipfile.ZipFile(io.BytesIO(download(served, session, exporter="parquet").content)) as all_:
        assert any(name.startswith("track_points/year=") for name in all_.namelist())


def test_what_was_written_is_given_without_what_was_there(served: Served) -> None:
    old = served.playground / "Exports" / "gpx" / "old.gpx"
    old.parent.mkdir(parents=True)
    old.write_text("old", encoding="utf-8")
    os.utime(old, (1_700_000_000,) * 2)
    session = served.session()
    start(served, session, exporter="gpx")
    ended(served, session)
    newest = download(served, session, exporter="gpx", newest="1")
    assert newest.content.count(b"<trkpt") == 30
    with zipfile.ZipFile(io.BytesIO(download(served, session, exporter="gpx").content)) as archive:
        assert len(archive.namelist()) == 2


# --- The export as a process


def test_one_export_goes_on_at_a_time_and_imports_beside_it(serve: Serve, large: Path) -> None:
    served = serve("--database", str(large))
    session = served.session()
    start(served, session, exporter="json-files")
    until(lambda: job(served, session)["done"])
    answer = start(served, session, exporter="csv")
    assert answer.status_code == 409
    assert "an export is going on; wait until it has ended, or cancel it" in answer.text
    assert (
        session.post(f"{served.base}/import", data={"dry_run": "1"}, timeout=20).status_code == 200
    )
    assert job(served, session)["is_running"]
    session.post(f"{served.base}/files/cancel", timeout=20)
    assert "did not finish" in ended(served, session)


def test_who_writes_does_not_wait_while_an_export_goes_on(
    serve: Serve, large: Path, tmp_path: Path
) -> None:
    database = Path(shutil.copy(large, tmp_path / "own.db"))
    served = serve("--database", str(database))
    session = served.session()
    start(served, session, exporter="json-files")
    until(lambda: job(served, session)["done"])
    with closing(sqlite3.connect(database, timeout=0)) as writer:
        writer.execute("UPDATE activities SET name = 'written meanwhile'")
        writer.commit()
    assert job(served, session)["is_running"]
    session.post(f"{served.base}/files/cancel", timeout=20)
    ended(served, session)


def test_an_export_reads_every_engine(serve: Serve, playground: Playground) -> None:
    rows = [{"activity_id": 1, "filename": "activities/1.gpx"}]
    playground.add("export_77.zip", rows, files={"activities/1.gpx": gpx_activity(30)})
    playground.run()
    served = serve("--database", playground.database, playground=playground.folder)
    session = served.session()
    start(served, session, exporter="gpx")
    assert "The export gpx is done" in ended(served, session)
    assert download(served, session, exporter="gpx").content.count(b"<trkpt") == 30


def test_where_nothing_is_yet_the_command_says_what_to_do(serve: Serve) -> None:
    served = serve()
    session = served.session()
    start(served, session, exporter="csv")
    text = ended(served, session)
    assert "The export csv did not finish" in text
    assert "there is no such file; to create it" in text


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"exporter": "none"}, "there is no such export"),
        ({}, "there is no such export"),
        ({"exporter": "csv", "tables": "a\0b"}, "has a character that cannot be"),
    ],
)
def test_forms_that_are_not_of_the_page_start_nothing(
    served: Served, values: dict[str, str], reason: str
) -> None:
    session = served.session()
    answer = start(served, session, **values)
    assert answer.status_code == 400
    assert reason in answer.text
    assert job(served, session) == {"is_running": False}


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Cookie": ""}])
def test_other_pages_start_and_get_nothing(served: Served, headers: dict[str, str]) -> None:
    session = served.session()
    session.headers.update(headers)
    if "Cookie" in headers:
        session.cookies.clear()
        assert download(served, session, exporter="csv").status_code == 403
    assert start(served, session, exporter="csv").status_code == 403
    assert not (served.playground / ".export").exists()


def test_an_export_is_interrupted_when_the_page_ends(serve: Serve, large: Path) -> None:
    served = serve("--database", str(large))
    session = served.session()
    start(served, session, exporter="json-files")
    until(lambda: job(served, session)["done"])
    served.process.send_signal(signal.SIGTERM)
    served.process.wait(timeout=20)
    again = serve("--database", str(large))
    assert "the files written so far are complete" in ended(again, again.session()).lower()


@pytest.mark.skipif(os.name == "nt", reason="Windows hands no locks on")
def test_an_export_can_outlive_the_page_and_is_found_again(serve: Serve, large: Path) -> None:
    served = serve("--on-exit", "continue", "--database", str(large))
    session = served.session()
    start(served, session, exporter="json-files")
    until(lambda: job(served, session)["done"])
    facts = json.loads((served.playground / ".export" / "run.json").read_text(encoding="utf-8"))
    os.kill(facts["process"], signal.SIGSTOP)  # else it could end before the next page is there
    served.process.send_signal(signal.SIGTERM)
    served.process.wait(timeout=20)
    again = serve("--database", str(large))
    session = again.session()
    assert job(again, session)["is_running"]
    assert start(again, session, exporter="csv").status_code == 409
    os.kill(facts["process"], signal.SIGCONT)
    assert "The export json-files is done" in ended(again, session)
