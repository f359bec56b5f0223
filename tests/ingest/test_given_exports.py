"""``run EXPORT...``: exports that are imported from where they lie, in place of the drop folder."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from db.models import Activity, ImportFile, ImportIssue
from ingest.config import make_config
from ingest.errors import UsageError
from tests.builders import export_folder, export_zip, gpx_activity
from tests.ingest.playground import FEBRUARY, JANUARY, PROFILE, Playground
from tests.ingest.test_cli import cli

FILES = {"activities/1.gpx": gpx_activity(10)}
ROWS = [{"activity_id": 1, "filename": "activities/1.gpx"}]


def export(path: Path, *ids: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [{"activity_id": number} for number in ids]
    return export_zip(path, rows, when=JANUARY, tables=PROFILE)


def ids(playground: Playground) -> list[int]:
    return [number for (number,) in playground.rows(Activity.activity_id)]


def test_only_what_is_given_is_imported_and_stays_where_it_lies(playground: Playground) -> None:
    export(playground.drop / "dropped.zip", 1)
    packed = export(playground.folder / "downloads" / "packed.zip", 2)
    unpacked = playground.folder / "elsewhere" / "unpacked"
    export_folder(unpacked, [{"activity_id": 3}], when=FEBRUARY, tables=PROFILE)
    report = playground.run(exports=[packed, unpacked])
    assert (report.exports, ids(playground)) == (["packed.zip", "unpacked"], [2, 3])
    assert (packed.is_file(), unpacked.is_dir()) == (True, True)


def test_a_folder_may_hold_exports_one_level_below(playground: Playground) -> None:
    for name, number in (("a", 1), ("b", 2)):
        folder = playground.folder / "exports" / name
        export_folder(folder, [{"activity_id": number}], tables=PROFILE)
    assert playground.run(exports=[playground.folder / "exports"]).exports == ["a", "b"]


def test_two_exports_of_one_name_are_both_imported(playground: Playground) -> None:
    given = [export(playground.folder / str(n) / "export_77.zip", n) for n in (1, 2)]
    assert playground.run(exports=given).exports == ["export_77.zip"] * 2
    assert ids(playground) == [1, 2]
    assert playground.run(exports=given).exports_unchanged == ["export_77.zip"] * 2


def test_what_leads_to_one_export_is_one_export(
    playground: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = export(playground.folder / "home" / "export_77.zip", 1)
    monkeypatch.chdir(playground.folder)
    monkeypatch.setenv("HOME", str(path.parent))
    monkeypatch.setenv("USERPROFILE", str(path.parent))
    spelled: list[str | Path] = [
        "home/export_77.zip",
        "home/../home/export_77.zip",
        "~/export_77.zip",
        path,
    ]
    try:
        Path("link.zip").symlink_to(path)
        spelled.append("link.zip")
    except OSError:
        pass  # links cannot be made here
    assert playground.run(exports=map(Path, spelled)).exports == ["export_77.zip"]


def test_the_current_folder_has_a_name(
    playground: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(export_folder(playground.folder / "export_77", tables=PROFILE))
    assert playground.run(exports=[Path()]).exports == ["export_77"]


def test_a_given_zip_of_the_drop_folder_is_the_same_export(playground: Playground) -> None:
    path = export(playground.drop / "export_77.zip", 1)
    playground.run()
    assert playground.run(exports=[path]).exports_unchanged == ["export_77.zip"]
    assert playground.run().exports_unchanged == ["export_77.zip"]


def test_the_ledger_knows_the_export_by_the_name_of_its_file(playground: Playground) -> None:
    path = playground.folder / "downloads" / "export_77.zip"
    path.parent.mkdir()
    rows = [{"activity_id": 1, "filename": "activities/1.gpx"}]
    export_zip(path, rows, {"activities/1.gpx": b"junk"}, tables=PROFILE)
    playground.run(exports=[path])
    assert {origin for (origin,) in playground.rows(ImportFile.origin)} == {"export_77.zip"}
    assert playground.rows(ImportIssue.origin, ImportIssue.name) == [
        ("export_77.zip", "activities/1.gpx")
    ]


def test_what_is_no_export_is_an_issue_until_the_next_run(playground: Playground) -> None:
    for folder in (playground.drop, playground.folder):
        export_zip(folder / "photos.zip", None, {"a.jpg": b"x"})
    dropped, given = ("drop folder", "photos.zip"), ("command line", "photos.zip")
    columns = (ImportIssue.origin, ImportIssue.name)
    playground.run()
    assert playground.rows(*columns) == [dropped]
    playground.run(exports=[playground.folder / "photos.zip"])
    assert playground.rows(*columns) == [given, dropped]
    playground.run()
    assert playground.rows(*columns) == [dropped]


@pytest.mark.parametrize("name", ["missing.zip", "file/below.zip", "~nobody-of-this-name/x.zip"])
def test_a_path_that_leads_nowhere_is_wrong_usage_and_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_bytes(b"")
    done = cli("run", name, folder=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert name in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "Playground").exists()


def test_links_in_a_circle_are_wrong_usage(tmp_path: Path) -> None:
    try:
        (tmp_path / "circle.zip").symlink_to(tmp_path / "circle.zip")
    except OSError:
        pytest.skip("links cannot be made here")
    with pytest.raises(UsageError, match=r"circle\.zip"):
        make_config({}, exports=[tmp_path / "circle.zip"])


def test_exports_are_not_named_where_none_is_to_be_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--skip-export"):
        make_config({}, exports=[tmp_path], skip_export=True)


def test_the_options_of_a_run_work_with_it(tmp_path: Path) -> None:
    export_zip(tmp_path / "export_77.zip", ROWS, FILES, tables=PROFILE)
    dry = cli("run", "--dry-run", "export_77.zip", folder=tmp_path)
    assert (dry.returncode, os.listdir(tmp_path)) == (0, ["export_77.zip"])
    assert "1 new" in dry.stdout
    done = cli("run", "export_77.zip", "--json", "--verify", folder=tmp_path)
    told = json.loads(done.stdout)
    assert (told["activities_new"], told["points_written"]) == (1, 10)
    assert "compared 1 device files" in done.stderr
