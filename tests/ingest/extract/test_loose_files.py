"""Device files that lie by themselves are found in folders, in ZIPs and in exports of Garmin."""

from __future__ import annotations

import gzip
import os
import tempfile
import zipfile
from pathlib import Path

import pytest

from ingest.errors import IngestError
from ingest.extract import loose_files
from ingest.extract.drop_folder import Found, discover
from ingest.extract.loose_files import KnownLoose, LooseSource, open_loose
from ingest.run.export.file_reader import FileTask
from ingest.run.export.readers import Readers
from ingest.transform.records import WantedActivity
from tests.builders import (
    export_folder,
    export_zip,
    fit_activity,
    garmin_export,
    garmin_upload,
    gpx_activity,
    protect,
    tcx_activity,
)

FIT, GPX, TCX = fit_activity(), gpx_activity(), tcx_activity()


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses between two looks, none of which is waited for."""
    waited: list[float] = []
    monkeypatch.setattr("time.sleep", waited.append)
    return waited


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    made = tmp_path / "Strava Export"
    made.mkdir()
    return made


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The system's folder for temporary files."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def put(folder: Path, *names: str, data: bytes = FIT) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    return export_zip(path, None, files)


def names(found: Found) -> list[str]:
    """The device files of all sources, with the names of these."""
    return [f"{one.name}: {member.name}" for one in found.loose for member in one.members]


def messages(found: Found) -> list[str]:
    return [str(problem) for problem in found.problems]


def read(source: LooseSource, jobs: int = 0) -> tuple[dict[str, int], list[str]]:
    """How many points each file of a source has, by its name in messages; and what is wrong."""
    points, problems = {}, []
    with open_loose(source) as parts, Readers(jobs) as readers:
        for part in parts:
            if isinstance(part, IngestError):
                problems.append(str(part))
                continue
            tasks = [FileTask(member=m, wanted=(WantedActivity(1),)) for m in part.members]
            for one in readers.read(part.archive, tasks):
                if one.error is None:
                    points[part.archive.origin(one.task.member.name)] = one.point_count
                else:
                    problems.append(str(one.error))
    return points, problems


def only(found: Found) -> LooseSource:
    (source,) = found.loose
    return source


# --- Folders
# --------------------------------------------------------------------------------------------------


def test_directly_in_the_drop_folder_content_decides_and_below_the_ending_first(
    drop: Path,
) -> None:
    put(drop, "morning", "sub/a.FIT", "sub/deep/er/b.fit", "sub/no-ending")
    put(drop, "noon.xml", "sub/c.gpx", data=GPX)
    put(drop, "sub/d.tcx.GZ", data=gzip.compress(TCX))
    put(drop, "sub/notes.txt", "sub/photo.jpg", data=b"x")
    found = discover(drop)
    assert [name.removeprefix("Strava Export: ") for name in names(found)] == [
        "morning",
        "noon.xml",
        "sub/a.FIT",
        "sub/c.gpx",
        "sub/d.tcx.GZ",
        "sub/deep/er/b.fit",
    ]
    assert not found.problems
    points, problems = read(only(found), jobs=1)
    assert (set(points.values()), len(points), problems) == ({3}, 6, [])


def test_what_is_passed_over_is_not_even_a_problem(drop: Path) -> None:
    put(drop, "sub/a.fit", "b.fit")
    put(
        drop,
        *("sub/.hidden.fit", ".hidden/c.fit", "sub/.stversions/d.fit", "sub/._a.fit"),
        *("sub/.syncthing.e.fit.tmp", "sub/~syncthing~f.fit", "~syncthing~f.fit.tmp", "g.tmp"),
        *("sub/h.fit.part", "sub/i.fit.crdownload", "sub/j.fit.download/j.fit"),
        *("sub/__MACOSX/._k.fit", "sub/@eaDir/l.fit"),
    )
    try:
        (drop / "sub" / "link.fit").symlink_to(drop / "sub" / "a.fit")
        (drop / "sub" / "round").symlink_to(drop)
    except OSError:
        pass  # this system has no links
    found = discover(drop)
    assert names(found) == ["Strava Export: b.fit", "Strava Export: sub/a.fit"]
    assert (messages(found), found.waiting) == ([], ())


def test_a_link_to_a_file_directly_in_the_drop_folder_is_told(drop: Path, tmp_path: Path) -> None:
    put(tmp_path, "a.fit")
    try:
        (drop / "a.fit").symlink_to(tmp_path / "a.fit")
    except OSError:
        pytest.skip("this system has no links")
    found = discover(drop)
    assert messages(found) == ["a.fit: is a link, and links are not followed; use the file itself"]
    assert not found.loose


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"hello", "is named like a device file, but is no FIT, GPX or TCX file but a text"),
        (b"<html>", "is named like a device file, but is no FIT, GPX or TCX file but a web page"),
        (b"PK\x03\x04", "is named like a device file, but is no FIT, GPX or TCX file"),
        (b"", "is empty: its download has not begun"),
    ],
)
def test_a_file_that_only_its_name_says_to_be_one_is_a_problem(
    drop: Path, data: bytes, says: str
) -> None:
    put(drop, "sub/a.fit")
    put(drop, "sub/deep/b.gpx", data=data)
    found = discover(drop)
    (message,) = messages(found)
    assert message.startswith(f"sub: deep/b.gpx: {says}")
    assert names(found) == ["Strava Export: sub/a.fit"]


def test_a_name_that_no_database_can_store_is_refused(drop: Path) -> None:
    try:
        put(drop, "sub/a\n.fit", os.fsdecode(b"sub/\xff.fit"), os.fsdecode(b"\xff/a.fit"), "b\n")
    except OSError:
        pytest.skip("this system has no such names")
    found = discover(drop)
    assert [problem.origin for problem in found.problems] == [
        "b\ufffd",
        "sub: a\ufffd.fit",
        "sub: \ufffd.fit",
        "\ufffd: a.fit",
    ]
    assert not found.loose


def test_files_of_exports_are_no_loose_files_and_those_beside_are(drop: Path) -> None:
    tracks = {"activities/1.gpx": GPX, "mine/2.gpx": GPX}
    export_folder(drop / "export_1", files=tracks)
    export_folder(drop / "downloads" / "export_2", files=tracks)
    put(drop, "downloads/a.fit", "watch/b.fit")
    found = discover(drop)
    assert sorted(export.name for export in found.exports) == ["export_1", "export_2"]
    assert names(found) == ["Strava Export: downloads/a.fit", "Strava Export: watch/b.fit"]
    assert not found.problems


def test_the_drop_folder_itself_can_be_an_export(drop: Path) -> None:
    export_folder(drop, files={"activities/1.gpx": GPX, "media/2.gpx": GPX, "profile.csv": b"a"})
    put(drop, "watch/b.fit")
    found = discover(drop)
    assert [export.name for export in found.exports] == ["Strava Export"]
    assert names(found) == ["Strava Export: watch/b.fit"]


@pytest.mark.parametrize(
    ("folder", "files", "says"),
    [
        ("a/b/c", {"activities.csv": b"x", "activities/1.gpx": GPX}, "has b/c/activities.csv too"),
        ("a", {"b/c/activities.csv": b"x", "d/e/activities.csv": b"x"}, "has d/e/activities.csv"),
        ("a/b", {"bikes.csv": b"x", "activities/1.gpx": GPX}, "holds b/bikes.csv, as Strava's"),
        ("a/Takeout", {"Fit/a.tcx": TCX}, "is an export of Google Takeout"),
        ("a/b", {"apple_health_export/routes/a.gpx": GPX}, "is an export of Apple Health"),
        ("a/b", {"cardioActivities.csv": b"x", "a.gpx": GPX}, "is an export of Runkeeper"),
        ("a/b", {"training-session-1.json": b"x", "a.tcx": TCX}, "is an export of Polar Flow"),
    ],
)
def test_what_belongs_to_something_else_is_left_out_and_told(
    drop: Path, folder: str, files: dict[str, bytes], says: str
) -> None:
    export_folder(drop / folder, None, files)
    put(drop, "a/mine.fit")
    found = discover(drop)
    assert names(found) == ["Strava Export: a/mine.fit"]
    told = messages(found)
    assert len(told) == len([name for name in files if name.count("/") > 1] or [folder])
    assert all(message.startswith("a: ") for message in told)
    assert f": {says}" in told[-1]


def test_a_folder_that_is_named_by_a_number_is_that_athletes(drop: Path) -> None:
    put(drop, "4711/a.fit", "4711/deep/b.fit", "12/c.fit", f"{'9' * 19}/d.fit", "sub/12/e.fit")
    put(drop, "34")
    zipped(drop / "4711" / "more.zip", {"f.fit": FIT})
    found = discover(drop)
    assert [(one.name, one.athlete_id, [m.name for m in one.members]) for one in found.loose] == [
        ("Strava Export", 0, ["34", f"{'9' * 19}/d.fit", "sub/12/e.fit"]),
        ("Strava Export", 12, ["12/c.fit"]),
        ("Strava Export", 4711, ["4711/a.fit", "4711/deep/b.fit"]),
        ("4711/more.zip", 4711, ["f.fit"]),
    ]
    assert not found.problems


def test_a_file_that_grows_is_waited_for(drop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(drop, "sub/a.fit", "sub/b.fit")
    monkeypatch.setattr("time.sleep", lambda _: put(drop, "sub/a.fit", data=FIT * 2))
    found = discover(drop)
    assert names(found) == ["Strava Export: sub/b.fit"]
    assert [str(one) for one in found.waiting] == [
        "sub: a.fit: is still being copied (its size changes); run again when it is complete"
    ]


def test_files_that_are_known_are_neither_opened_nor_looked_at_twice(
    drop: Path, pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    put(drop, "a.fit", "sub/b.fit", "sub/c.fit")
    first = discover(drop)
    files = {
        (first.loose[0].name, member.name): (member.size, member.modified_at)
        for member in first.loose[0].members
    }
    known = KnownLoose(files=files)
    pauses.clear()
    with monkeypatch.context() as patched:
        patched.setattr("ingest.extract.candidates.first_bytes", None)
        assert discover(drop, known_loose=known) == first
    assert not pauses
    os.utime(drop / "sub" / "c.fit", (1, 1))
    assert names(discover(drop, known_loose=known)) == names(first)
    assert len(pauses) == 1


def test_a_folder_into_which_files_come_meanwhile_is_read_on(drop: Path) -> None:
    put(drop, "sub/a.fit", "sub/b.fit")
    source = only(discover(drop))
    put(drop, "sub/c.fit", "activities.csv")
    (drop / "sub" / "b.fit").unlink()
    points, problems = read(source, jobs=1)
    assert list(points) == ["Strava Export: sub/a.fit"]
    assert problems == ["Strava Export: sub/b.fit: cannot be read (No such file or directory)"]


# --- Paths that are given
# --------------------------------------------------------------------------------------------------


def test_a_file_or_a_folder_that_is_given_is_named_by_its_folder(
    drop: Path, tmp_path: Path
) -> None:
    put(tmp_path, "Downloads/a.fit", "watch/4711/b.fit")
    given = [tmp_path / "Downloads" / "a.fit", tmp_path / "watch"]
    found = discover(drop, given=given)
    assert names(found) == ["Downloads: a.fit", "watch: 4711/b.fit"]
    assert [one.athlete_id for one in found.loose] == [0, 0]
    for source in found.loose:
        assert len(read(source)[0]) == 1


def test_what_is_given_from_the_drop_folder_has_its_name_there(
    drop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(drop, "4711/deep/a.fit")
    zipped(drop / "4711" / "b.zip", {"b.fit": FIT})
    (of_drop, of_zip) = discover(drop).loose
    monkeypatch.chdir(drop / "4711")
    for path in ("deep/a.fit", "deep", "."):
        (source, *_) = discover(drop, given=[Path(path)]).loose
        assert source == of_drop
    assert discover(drop, given=[drop / "4711" / "b.zip"]).loose == (of_zip,)
    assert discover(drop, given=[drop]).loose[0] == of_drop
    assert discover(drop, given=[Path("deep/a.fit"), Path("deep")]).loose == (of_drop,)


# --- ZIPs
# --------------------------------------------------------------------------------------------------


def test_a_zip_of_device_files_is_read(drop: Path) -> None:
    files = {"2024/a.fit": FIT, "b.gpx.gz": gzip.compress(GPX), "c.jpg": b"x", ".d.fit": FIT}
    path = zipped(drop / "rides.zip", {**files, "e.gpx": b"hello", "f/inner.zip": b"PK"})
    found = discover(drop)
    source = only(found)
    assert (source.path, source.name, source.athlete_id) == (path, "rides.zip", 0)
    assert not found.problems
    points, problems = read(source, jobs=1)
    assert points == {"rides.zip: 2024/a.fit": 3, "rides.zip: b.gpx.gz": 3}
    assert [problem.split(": ")[:2] for problem in problems] == [
        ["rides.zip", "f/inner.zip"],
        ["rides.zip", "e.gpx"],
    ]


def test_a_zip_that_is_known_is_not_opened_until_it_changes(
    drop: Path, pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = zipped(drop / "rides.zip", {"a.fit": FIT})
    path.write_bytes(path.read_bytes() + b"more")  # so that its end does not tell that it is whole
    source = only(discover(drop))
    known = KnownLoose(zips=frozenset({(source.name, source.stamp)}))
    pauses.clear()
    with monkeypatch.context() as patched:
        patched.setattr("ingest.extract.drop_folder.open_archive", None)
        again = only(discover(drop, known_loose=known))
    assert (again.name, again.stamp, again.members) == (source.name, source.stamp, ())
    assert not pauses
    assert len(read(again)[0]) == 1
    os.utime(path, (1, 1))
    assert len(only(discover(drop, known_loose=known)).members) == 1


def test_a_zip_with_a_password_is_refused(drop: Path) -> None:
    protect(zipped(drop / "rides.zip", {"a.fit": FIT}))
    (message,) = messages(discover(drop))
    assert message.startswith("rides.zip: is protected by a password")


# --- Garmin
# --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("jobs", [0, 1])
def test_of_garmins_export_only_what_devices_uploaded_is_read(
    drop: Path, temporary: Path, jobs: int
) -> None:
    garmin_export(
        drop / "garmin.zip",
        {"me_1.fit": FIT, "me_2.fit": FIT, "me_3.txt": b"x"},
        {"me_1.fit": FIT, "old.tcx": TCX},
    )
    found = discover(drop)
    assert not found.problems
    assert names(found) == [f"garmin.zip: {garmin_upload(n)}" for n in (1, 2)]
    points, problems = read(only(found), jobs=jobs)
    assert points == {
        f"garmin.zip: {garmin_upload(1)}: me_1.fit": 3,
        f"garmin.zip: {garmin_upload(1)}: me_2.fit": 3,
        f"garmin.zip: {garmin_upload(2)}: me_1.fit": 3,
        f"garmin.zip: {garmin_upload(2)}: old.tcx": 3,
    }
    assert not problems
    assert list(temporary.iterdir()) == []


def test_an_error_in_a_process_names_all_three_files(drop: Path) -> None:
    garmin_export(drop / "garmin.zip", {"me_1.fit": b"no", "me_2.fit": FIT})
    points, problems = read(only(discover(drop)), jobs=1)
    assert len(points) == 1
    assert problems[0].startswith(f"garmin.zip: {garmin_upload(1)}: me_1.fit: neither FIT nor GPX")


def test_one_inner_zip_at_a_time_is_unpacked(drop: Path, temporary: Path) -> None:
    garmin_export(drop / "garmin.zip", {"a.fit": FIT}, {"b.fit": FIT})
    sizes = []
    with open_loose(only(discover(drop))) as parts:
        for _ in parts:
            sizes.append([path.stat().st_size > 0 for path in sorted(temporary.glob("*/*"))])
    assert sizes == [[True], [False, True]]
    assert list(temporary.iterdir()) == []


def test_nothing_stays_behind_when_the_reading_is_given_up(drop: Path, temporary: Path) -> None:
    garmin_export(drop / "garmin.zip", {"a.fit": FIT}, {"b.fit": FIT})
    with open_loose(only(discover(drop))) as parts:
        next(parts)
    assert list(temporary.iterdir()) == []


def test_an_unpacked_export_of_garmin_is_read_alike(drop: Path) -> None:
    with zipfile.ZipFile(garmin_export(drop / "garmin.zip", {"a.fit": FIT})) as archive:
        archive.extractall(drop / "garmin")
    (drop / "garmin.zip").unlink()
    found = discover(drop)
    assert names(found) == [f"garmin/{garmin_upload(1)}: a.fit"]
    assert not found.problems


def test_an_inner_zip_that_is_none_costs_only_itself(drop: Path) -> None:
    bad = garmin_upload(0)
    garmin_export(drop / "garmin.zip", {"a.fit": FIT}, files={bad: b"no ZIP"})
    points, problems = read(only(discover(drop)))
    assert list(points) == [f"garmin.zip: {garmin_upload(1)}: a.fit"]
    (problem,) = problems
    assert problem.startswith(f"garmin.zip: {bad}: cannot be opened as a ZIP")


def test_an_inner_zip_has_a_largest_size(
    drop: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    garmin_export(drop / "garmin.zip", {"a.fit": os.urandom(2_500)}, {"b.fit": FIT})
    monkeypatch.setattr(loose_files, "MAX_INNER_ZIP", 2_000)
    points, (problem,) = read(only(discover(drop)))
    assert list(points) == [f"garmin.zip: {garmin_upload(2)}: b.fit"]
    assert problem.startswith(f"garmin.zip: {garmin_upload(1)}: has 2,")
    assert problem.endswith("bytes, more than the limit of 2,000")


def test_inner_zips_have_a_largest_size_together(drop: Path, temporary: Path) -> None:
    garmin_export(drop / "garmin.zip", *[{"a.fit": os.urandom(2_500)}] * 3)
    with open_loose(only(discover(drop)), limit=6_000) as parts:
        first, second, error, *rest = parts
    assert not rest
    assert not isinstance(first, IngestError)
    assert not isinstance(second, IngestError)
    assert str(error).startswith("garmin.zip: the ZIPs in it have more than 0 GB when unpacked")


def test_a_zip_in_an_inner_zip_is_not_read(drop: Path) -> None:
    inner = zipped(drop / "inner.zip", {"b.fit": FIT})
    garmin_export(drop / "garmin.zip", {"a.fit": FIT, "inner.zip": inner.read_bytes()})
    inner.unlink()
    points, problems = read(only(discover(drop)))
    assert list(points) == [f"garmin.zip: {garmin_upload(1)}: a.fit"]
    (problem,) = problems
    assert ": inner.zip: is a ZIP in a ZIP, which is not read" in problem


def test_a_full_disk_costs_the_inner_zip(
    drop: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    garmin_export(drop / "garmin.zip", {"a.fit": FIT})
    source = only(discover(drop))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("db.export_bytes.ExportZip.copy", full)
    _, (problem,) = read(source)
    assert problem.startswith(f"garmin.zip: {garmin_upload(1)}: cannot be unpacked into ")
    assert problem.endswith("(No space left on device)")
