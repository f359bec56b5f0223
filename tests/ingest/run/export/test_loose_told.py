"""What runs say of loose device files: in the summary, with ``--json`` and before they are read."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from ingest.commands.issue_facts import ADVICE
from ingest.commands.issues import show_issues
from ingest.commands.run import tell
from ingest.commands.watch import _line
from ingest.config import make_config
from ingest.reporting.report import Report
from tests.builders import gpx_activity
from tests.ingest.playground import FEBRUARY, Playground
from tests.ingest.test_cli import ROOT

MANUAL = (ROOT / "docs" / "manual.md").read_text(encoding="utf-8")

Said = pytest.CaptureFixture[str]
_START = datetime(2024, 5, 1, 6, tzinfo=UTC)


def gpx(day: int) -> bytes:
    return gpx_activity(60, start=_START + timedelta(days=day))


def drop(playground: Playground) -> None:
    """Two files of a watch, and two more in a ZIP."""
    for day in (1, 2):
        (playground.drop / f"{day}.gpx").write_bytes(gpx(day))
    with zipfile.ZipFile(playground.drop / "old.zip", "w") as archive:
        for day in (3, 4):
            archive.writestr(f"{day}.gpx", gpx(day))


def said(playground: Playground, report: Report, capsys: Said, **options: Any) -> str:
    """The summary of a run that ended well."""
    config = make_config({}, playground=playground.folder, database=playground.database, **options)
    assert tell(report, config, quiet=False, as_json=False) == 0
    return capsys.readouterr().out


def test_a_run_that_finds_only_loose_files_has_found_something(
    playground: Playground, capsys: Said
) -> None:
    drop(playground)
    first, again = playground.run(), playground.run()
    assert (first.files_read, first.loose_files_read, first.only_from_files) == (4, 4, 4)
    assert (again.files_read, again.loose_files_read, again.only_from_files) == (0, 0, 4)
    for report in (first, again):
        text = said(playground, report, capsys)
        assert "No export found" not in text
        assert "Activities that only device files tell of so far: 4\n" in text


def test_an_empty_folder_may_be_filled_with_device_files(
    playground: Playground, capsys: Said
) -> None:
    text = said(playground, playground.run(), capsys)
    assert "No export found" in text
    assert "FIT, GPX and" in text


def test_what_strava_tells_of_is_no_longer_counted(playground: Playground, capsys: Said) -> None:
    (playground.drop / "1.gpx").write_bytes(gpx(1))
    assert playground.run().only_from_files == 1
    row = {"activity_id": 1, "filename": "activities/1.gpx"}
    playground.add("export_77.zip", [row], FEBRUARY, files={"activities/1.gpx": gpx(1)})
    report = playground.run()
    assert report.only_from_files == 0
    assert "only device files" not in said(playground, report, capsys)


def test_a_dry_run_counts_the_files_that_a_run_would_read(
    playground: Playground, capsys: Said
) -> None:
    drop(playground)
    before = playground.run(dry_run=True)
    assert (before.files_read, before.loose_files_read) == (4, 4)
    text = said(playground, before, capsys, dry_run=True)
    assert "Device files to read: 4. Nothing was written.\nOf these, 4 lie in no export: " in text
    playground.run()
    (playground.drop / "5.gpx").write_bytes(gpx(5))
    assert playground.run(dry_run=True).loose_files_read == 1
    assert playground.run().loose_files_read == 1
    assert playground.run(dry_run=True).loose_files_read == 0


def test_a_dry_run_looks_into_the_zips_of_garmins_export(playground: Playground) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("1.gpx", gpx(1))
        archive.writestr("2.gpx", gpx(2))
    with zipfile.ZipFile(playground.drop / "garmin.zip", "w") as archive:
        folder = "DI_CONNECT/DI-Connect-Uploaded-Files"
        archive.writestr(f"{folder}/UploadedFiles_0-_Part1.zip", inner.getvalue())
    assert playground.run(dry_run=True).loose_files_read == 2
    assert playground.run().loose_files_read == 2


def test_something_else_beside_loose_files_does_not_fail_the_run(playground: Playground) -> None:
    drop(playground)
    (playground.drop / "notes.txt").write_text("no export", encoding="utf-8")
    assert [playground.run().problem for _ in range(2)] == [None, None]


def test_only_a_damaged_zip_of_device_files_fails_the_run(playground: Playground) -> None:
    drop(playground)
    data = (playground.drop / "old.zip").read_bytes()
    for path in playground.drop.iterdir():
        path.unlink()
    (playground.drop / "old.zip").write_bytes(data[:-60])
    assert playground.run().problem is not None


def test_issues_say_that_two_devices_recorded_one_activity(
    playground: Playground, capsys: Said
) -> None:
    for name, points in (("bike.gpx", 60), ("watch.gpx", 58)):
        (playground.drop / name).write_bytes(gpx_activity(points, start=_START))
    playground.run()
    config = make_config({}, playground=playground.folder, database=playground.database)
    show_issues(config, as_json=False, every=False)
    text = capsys.readouterr().out
    assert "1 × duplicate: is another recording" in text
    assert ADVICE["duplicate"] in text


def test_the_queries_of_the_manual_tell_what_became_of_provisional_activities(
    playground: Playground,
) -> None:
    (section,) = re.findall(r"^## Device files of your own\n(.*?)^## ", MANUAL, re.DOTALL | re.M)
    (block,) = re.findall(r"```sql\n(.*?)```", section, re.DOTALL)
    counted, became = (sql for sql in block.split(";") if sql.strip())
    drop(playground)
    row = {"activity_id": 1, "filename": "activities/1.gpx"}
    playground.add("export_77.zip", [row], FEBRUARY, files={"activities/1.gpx": gpx(1)})
    playground.run()
    with playground.engine.connect() as connection:
        assert list(connection.execute(sa.text(counted))) == [("export", 1), ("file", 3)]
        ((provisional_id, activity_id, *_),) = connection.execute(sa.text(became))
    assert provisional_id < 0
    assert activity_id == 1


@pytest.mark.parametrize(
    ("report", "line"),
    [
        (Report(loose_files_read=1, new={-1}), "1 device file: 1 new"),
        (Report(exports=["a.zip"], loose_files_read=2, new={1}), "a.zip, 2 device files: 1 new"),
        (Report(), "nothing new"),
    ],
)
def test_a_line_of_a_watching_run_tells_of_the_files(report: Report, line: str) -> None:
    assert _line(report).endswith(f"  {line}")
