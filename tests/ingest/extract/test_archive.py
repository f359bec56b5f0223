"""The files of an export, in a ZIP and in a folder: what is found, under which name,
of which date.
"""

from __future__ import annotations

import os
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ingest.errors import CorruptFile, TooLarge
from ingest.extract.archive import Member, open_archive
from tests.builders import EXPORTED, activities_csv, export_folder, export_zip

RUN = {"activities/1.gpx": b"one", "activities/2.fit.gz": b"two"}


def names(path: Path) -> set[str]:
    with open_archive(path) as archive:
        return set(archive.members)


def test_a_zip_and_its_folder_hold_the_same_names_and_bytes(tmp_path: Path) -> None:
    zipped = export_zip(tmp_path / "export_1.zip", files=RUN)
    with (
        open_archive(zipped) as one,
        open_archive(export_folder(tmp_path / "export_1", files=RUN)) as other,
    ):
        assert set(one.members) == set(other.members) == {"activities.csv", *RUN}
        for name in RUN:
            assert one.read(one.members[name]) == other.read(other.members[name]) == RUN[name]
        assert one.exported_at == other.exported_at == EXPORTED


def test_a_zip_is_read_in_place(tmp_path: Path) -> None:
    path = export_zip(tmp_path / "export_1.zip", files=RUN)
    with open_archive(path) as archive:
        archive.read(archive.members["activities/1.gpx"])
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("prefix", ["export_1/", "./", "My export (2)/"])
def test_one_folder_round_everything_is_no_part_of_the_names(tmp_path: Path, prefix: str) -> None:
    assert names(export_zip(tmp_path / "a.zip", files=RUN, prefix=prefix)) == {
        "activities.csv",
        *RUN,
    }


def test_names_with_backslashes_are_names_in_folders(tmp_path: Path) -> None:
    files = {"activities\\1.gpx": b"one"}
    assert "activities/1.gpx" in names(export_zip(tmp_path / "a.zip", files=files))


def test_what_lies_beside_the_prefix_folder_is_not_of_the_export(tmp_path: Path) -> None:
    path = export_zip(tmp_path / "a.zip", prefix="mine/")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("notes.csv", "a,b")
    assert names(path) == {"activities.csv"}


def test_of_two_exports_in_one_zip_one_is_read_and_the_other_named(tmp_path: Path) -> None:
    path = export_zip(
        tmp_path / "both.zip",
        activities=None,
        files={"a/activities.csv": b"", "b/activities.csv": b""},
    )
    with open_archive(path) as archive:
        (err,) = archive.refused
    assert (
        str(err)
        == "both.zip: b/activities.csv: the ZIP holds several exports; only a/activities.csv is "
        "read"
    )


def test_what_operating_systems_leave_behind_is_ignored(tmp_path: Path) -> None:
    junk = {
        "__MACOSX/activities/._1.gpx": b"x",
        "__MACOSX/._activities.csv": b"x",
        ".DS_Store": b"x",
        "activities/.DS_Store": b"x",
        "activities/._1.gpx": b"x",
        "media/Thumbs.db": b"x",
        "desktop.ini": b"x",
    }
    assert names(export_zip(tmp_path / "a.zip", files=junk)) == {"activities.csv"}
    assert names(export_folder(tmp_path / "a", files=junk)) == {"activities.csv"}


def test_a_zip64_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in {"activities.csv": activities_csv({}), **RUN}.items():
            with archive.open(name, "w", force_zip64=True) as member:
                member.write(data)
    with open_archive(path) as archive:
        assert archive.read(archive.members["activities/1.gpx"]) == b"one"


def test_more_members_than_16_bits_count_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(66_000):
            archive.writestr(zipfile.ZipInfo(f"media/{number}"), b"")
    assert len(names(path)) == 66_000


@pytest.mark.parametrize(
    ("cell", "member"),
    [
        ("activities/1.gpx.gz", "activities/1.gpx.gz"),
        ("activities/1.gpx", "activities/1.gpx.gz"),
        ("activities/2.fit.gz", "activities/2.fit"),
        ("activities\\2.fit", "activities/2.fit"),
        ("Activities/1.GPX.gz", "activities/1.gpx.gz"),
        ("activities/3.tcx", "activities/3.TCX"),
        ("activities/4.gpx", None),
        ("../activities/1.gpx.gz", None),
        ("/activities/1.gpx.gz", None),
        ("", None),
    ],
)
def test_a_cell_finds_its_file(tmp_path: Path, cell: str, member: str | None) -> None:
    files = dict.fromkeys(["activities/1.gpx.gz", "activities/2.fit", "activities/3.TCX"], b"x")
    with open_archive(export_zip(tmp_path / "a.zip", files=files)) as archive:
        found = archive.find(cell)
    assert (found and found.name) == member


def test_the_exact_name_beats_one_of_another_case(tmp_path: Path) -> None:
    files = {"activities/1.gpx": b"x", "activities/1.GPX": b"x"}
    with open_archive(export_zip(tmp_path / "a.zip", files=files)) as archive:
        assert {name: found.name for name in files if (found := archive.find(name))} == {
            n: n for n in files
        }


def test_the_date_of_an_export_is_its_newest_member_never_the_file(tmp_path: Path) -> None:
    path = export_zip(tmp_path / "a.zip", when=datetime(2025, 1, 2, 3, 4, 6, tzinfo=UTC))
    os.utime(path, (0, 0))
    with open_archive(path) as archive:
        assert archive.exported_at == datetime(2025, 1, 2, 3, 4, 6, tzinfo=UTC)


def test_the_date_of_a_folder_is_its_newest_table(tmp_path: Path) -> None:
    folder = export_folder(tmp_path / "a", files=RUN)
    os.utime(folder / "activities" / "1.gpx")
    with open_archive(folder) as archive:
        assert archive.exported_at == EXPORTED


def test_a_zip_without_dates_has_the_first_date_a_zip_can_have(tmp_path: Path) -> None:
    path = export_zip(tmp_path / "a.zip")
    data = path.read_bytes()
    at = data.index(b"PK\x01\x02") + 12
    path.write_bytes(data[:at] + b"\0\0\0\0" + data[at + 4 :])
    with open_archive(path) as archive:
        assert archive.exported_at == datetime(1980, 1, 1, tzinfo=UTC)


def test_a_file_of_a_year_that_python_has_not_is_a_file_without_date(tmp_path: Path) -> None:
    folder = export_folder(tmp_path / "a", files=RUN)
    try:
        os.utime(folder / "activities" / "1.gpx", (2**37, 2**37))
    except (OSError, OverflowError):
        pytest.skip("this file system has no such year")
    with open_archive(folder) as archive:
        member = archive.members["activities/1.gpx"]
        assert member.modified_at is None or member.modified_at.year > 2100


def fingerprint(path: Path) -> str:
    with open_archive(path) as archive:
        return archive.fingerprint


def content(path: Path) -> str:
    with open_archive(path) as archive:
        return archive.content


def test_the_fingerprint_is_that_of_one_copy_under_any_name(tmp_path: Path) -> None:
    one = export_zip(tmp_path / "a.zip", files=RUN)
    before = fingerprint(one)
    assert before == fingerprint(one.rename(tmp_path / "b.zip"))
    os.utime(tmp_path / "b.zip", (0, 0))
    assert before != fingerprint(tmp_path / "b.zip")


def test_the_content_is_the_same_for_every_copy(tmp_path: Path) -> None:
    turned = dict(reversed(RUN.items()))
    copies = [
        export_zip(tmp_path / "a.zip", files=RUN),
        export_zip(
            tmp_path / "c.zip", files=turned, prefix="mine/", when=EXPORTED + timedelta(days=1)
        ),
        export_folder(tmp_path / "d", files=RUN),
    ]
    assert len({content(copy) for copy in copies}) == 1
    assert content(copies[0]) != content(
        export_zip(tmp_path / "e.zip", [{"activity_name": "Other"}], files=RUN)
    )


@pytest.mark.parametrize(
    "other",
    [
        {"files": {**RUN, "activities/1.gpx": b"ones"}},
        {"files": {**RUN, "activities/3.gpx": b""}},
        {"files": RUN, "when": EXPORTED + timedelta(days=1)},
    ],
)
def test_another_byte_file_or_date_gives_another_fingerprint(
    tmp_path: Path, other: dict[str, Any]
) -> None:
    one = export_zip(tmp_path / "a.zip", files=RUN)
    assert fingerprint(one) != fingerprint(export_zip(tmp_path / "b.zip", **other))
    assert fingerprint(export_folder(tmp_path / "a", files=RUN)) != fingerprint(
        export_folder(tmp_path / "b", **other)
    )


def test_a_zip_beside_an_unpacked_export_does_not_change_it(tmp_path: Path) -> None:
    folder = export_folder(tmp_path / "Strava Export", files=RUN)
    before = fingerprint(folder)
    export_zip(folder / "export_2.zip")
    export_folder(folder / "another")
    assert fingerprint(folder) == before


def test_a_member_larger_than_asked_for_is_refused_by_name(tmp_path: Path) -> None:
    for path in (
        export_zip(tmp_path / "a.zip", files=RUN),
        export_folder(tmp_path / "a", files=RUN),
    ):
        with open_archive(path) as archive, pytest.raises(TooLarge) as caught:
            archive.read(archive.members["activities/1.gpx"], limit=2)
        assert (
            str(caught.value)
            == f"{path.name}: activities/1.gpx: has 3 bytes, more than the limit of 2"
        )


def test_the_head_of_a_member_is_given_however_large_it_is(tmp_path: Path) -> None:
    for path in (
        export_zip(tmp_path / "a.zip", files=RUN),
        export_folder(tmp_path / "a", files=RUN),
    ):
        with open_archive(path) as archive:
            member = archive.members["activities/1.gpx"]
            assert (archive.head(member, 2), archive.head(member, 9)) == (b"on", b"one")


def test_a_file_that_went_away_is_said(tmp_path: Path) -> None:
    folder = export_folder(tmp_path / "a", files=RUN)
    with open_archive(folder) as archive:
        member = archive.members["activities/1.gpx"]
        (folder / "activities" / "1.gpx").unlink()
        with pytest.raises(CorruptFile, match=r"a: activities/1\.gpx: cannot be read"):
            archive.read(member)


def test_a_file_of_a_folder_is_read_without_a_list_of_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "watch" / "2024").mkdir(parents=True)
    (tmp_path / "watch" / "2024" / "1.gpx").write_bytes(b"<gpx/>")
    monkeypatch.setattr("os.scandir", None)
    with open_archive(tmp_path / "watch", "my watch") as archive:
        assert archive.read(Member(name="2024/1.gpx", size=6)) == b"<gpx/>"
        assert archive.origin("2024/1.gpx") == "my watch: 2024/1.gpx"


@pytest.mark.parametrize("name", ["gone.zip", "empty.zip", "text.zip"])
def test_what_is_no_zip_is_said(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty.zip").touch()
    (tmp_path / "text.zip").write_text("hello", encoding="utf-8")
    with pytest.raises(CorruptFile, match=f"{name}: cannot be opened"):
        open_archive(tmp_path / name)
