"""What lies in the drop folder: exports by the date of their contents, half copies,
other things.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.extract.drop_folder import Found, discover
from tests.builders import EXPORTED, export_folder, export_zip

PROFILE = {"profile.csv": [["Athlete ID", "First Name"], [4711, "Ann"]]}


@pytest.fixture(autouse=True)
def looked(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses between two looks, none of which is waited for."""
    pauses: list[float] = []
    monkeypatch.setattr("time.sleep", pauses.append)
    return pauses


def between_looks(monkeypatch: pytest.MonkeyPatch, action: Callable[[], object]) -> None:
    monkeypatch.setattr("time.sleep", lambda _: action())


def found_names(found: Found) -> list[str]:
    return [export.name for export in found.exports]


def messages(found: Found) -> list[str]:
    return [str(problem) for problem in found.problems]


def waiting(found: Found) -> list[str]:
    return [str(one) for one in found.waiting]


def test_an_empty_or_missing_drop_folder_holds_nothing(tmp_path: Path) -> None:
    assert (
        discover(tmp_path)
        == discover(tmp_path / "missing")
        == Found(exports=(), waiting=(), problems=())
    )


def test_exports_come_oldest_first_by_their_contents(tmp_path: Path) -> None:
    for name, year, touched in (("c.zip", 2023, 3), ("a.zip", 2025, 1), ("b.zip", 2024, 2)):
        path = export_zip(tmp_path / name, when=datetime(year, 1, 1, tzinfo=UTC))
        os.utime(path, (touched * 10**8, touched * 10**8))
    export_folder(tmp_path / "d", when=datetime(2022, 1, 1, tzinfo=UTC))
    assert found_names(discover(tmp_path)) == ["d", "c.zip", "b.zip", "a.zip"]


def test_an_unpacked_export_may_lie_in_the_drop_folder_itself_beside_others(tmp_path: Path) -> None:
    drop = export_folder(tmp_path / "drop", files={"activities/1.gpx": b"", "media/1.jpg": b""})
    export_zip(drop / "a.zip")
    export_folder(drop / "b")
    found = discover(drop)
    assert sorted(found_names(found)) == ["a.zip", "b", "drop"]
    assert not found.problems


def test_an_unpacked_export_may_lie_one_or_two_folders_below(tmp_path: Path) -> None:
    export_folder(tmp_path / "export_1")
    export_folder(tmp_path / "downloads" / "export_2")
    export_folder(tmp_path / "downloads" / "export_3")
    found = discover(tmp_path)
    assert sorted(found_names(found)) == ["export_1", "export_2", "export_3"]
    assert not found.problems


def test_a_folder_without_export_is_named(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "notes.txt").write_bytes(b"x")
    (message,) = messages(discover(tmp_path))
    assert message.startswith("a: holds no Strava export: there is no activities.csv in it or in a")


def test_hidden_things_and_junk_are_left_alone(tmp_path: Path) -> None:
    export_folder(tmp_path / ".hidden")
    for name in ("__MACOSX", "$RECYCLE.BIN", "lost+found"):
        (tmp_path / name).mkdir()
    for name in ("._export_1.zip", ".DS_Store", "Thumbs.db", "desktop.ini", "Icon\r"):
        try:
            (tmp_path / name).write_bytes(b"x")
        except OSError:
            continue  # this system has no such names
    assert discover(tmp_path) == Found(exports=(), waiting=(), problems=())


@pytest.mark.parametrize("kept", [1, 3, 10, 400, -1])
def test_a_zip_without_its_end_waits(tmp_path: Path, kept: int) -> None:
    path = export_zip(tmp_path / "export_1.zip", files={"activities/1.gpx": bytes(range(256)) * 4})
    data = path.read_bytes()
    path.write_bytes(data[: kept if kept >= 0 else data.rindex(b"PK\x05\x06")])
    found = discover(tmp_path)
    reason = "has no end: it is still being copied, or the download was cut off. Run again when"
    assert waiting(found) == [f"export_1.zip: {reason} the copy is complete, or download it again"]
    assert not found.exports
    assert not found.problems


def test_a_zip_copied_into_space_that_was_reserved_waits(tmp_path: Path) -> None:
    path = export_zip(tmp_path / "export_1.zip")
    size = path.stat().st_size
    path.write_bytes(path.read_bytes()[: size // 2].ljust(size, b"\0"))
    assert len(discover(tmp_path).waiting) == 1
    path.write_bytes(bytes(size))
    assert len(discover(tmp_path).waiting) == 1


def test_a_zip_without_its_end_was_cut_off_if_it_is_the_same_at_the_next_look(
    tmp_path: Path,
) -> None:
    path = export_zip(tmp_path / "export_1.zip")
    path.write_bytes(path.read_bytes()[:-30])
    first = discover(tmp_path)
    assert (len(first.waiting), list(first.endless)) == (1, ["export_1.zip"])
    again = discover(tmp_path, endless=first.endless)
    assert messages(again) == [
        "export_1.zip: has no end, and has not changed since the last run: the download was cut "
        "off. Download it again"
    ]
    assert (again.waiting, again.endless) == ((), first.endless)
    os.utime(path, (1, 1))  # written to again, into space that was reserved
    assert len(discover(tmp_path, endless=first.endless).waiting) == 1
    path.unlink()
    assert discover(tmp_path, endless=first.endless).endless == {}


def test_an_empty_file_keeps_the_name_for_a_download_that_has_begun(tmp_path: Path) -> None:
    (tmp_path / "export_1.zip").write_bytes(b"")
    (tmp_path / "export_1.zip.part").write_bytes(b"PK")
    found = discover(tmp_path)
    assert (len(found.waiting), found.problems) == (1, ())


def test_an_empty_file_that_grows_is_being_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "export_1.zip"
    path.write_bytes(b"")
    between_looks(monkeypatch, lambda: path.write_bytes(b"PK"))
    found = discover(tmp_path)
    assert (len(found.waiting), found.problems) == (1, ())


def test_many_things_of_one_kind_are_counted(tmp_path: Path) -> None:
    for number in range(7):
        (tmp_path / f"{number}.pdf").write_bytes(b"%PDF-1.4")
    (message,) = messages(discover(tmp_path))
    assert message.startswith("0.pdf and 6 more like it: is not a Strava export but a PDF")


def test_a_zip_that_grows_between_two_looks_waits_while_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = export_zip(tmp_path / "export_1.zip")
    export_zip(tmp_path / "export_2.zip")
    with path.open("ab") as stream:
        stream.write(b"half of what follows")

    def grow() -> None:
        with path.open("ab") as stream:
            stream.write(b"more")

    between_looks(monkeypatch, grow)
    found = discover(tmp_path)
    assert found_names(found) == ["export_2.zip"]
    assert waiting(found) == [
        "export_1.zip: is still being copied (its size changes); run again when it is complete"
    ]


def test_files_beside_an_unpacked_export_are_part_of_it(tmp_path: Path) -> None:
    files = {"notes.txt": b"x", "empty.csv": b"", "profile.csv": b"Athlete ID\n7\n"}
    drop = export_folder(tmp_path / "drop", files=files)
    (drop / "export_2.7z").write_bytes(b"7z\xbc\xaf\x27\x1c")
    (message,) = messages(discover(drop))
    assert message.startswith("export_2.7z: is a 7z archive")


def test_a_zip_that_vanishes_between_two_looks_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = export_zip(tmp_path / "export_1.zip")
    path.write_bytes(path.read_bytes() + b"half of what follows")
    between_looks(monkeypatch, path.unlink)
    assert len(discover(tmp_path).waiting) == 1


def test_several_zips_share_one_pause_and_known_ones_need_none(
    tmp_path: Path, looked: list[float]
) -> None:
    for number in range(5):
        path = export_zip(tmp_path / f"export_{number}.zip")
        path.write_bytes(path.read_bytes() + b"more")
    known = frozenset(export.fingerprint for export in discover(tmp_path).exports)
    assert len(looked) == 1
    discover(tmp_path, known)
    assert len(looked) == 1


def test_a_zip_that_ends_where_it_says_needs_no_pause(tmp_path: Path, looked: list[float]) -> None:
    export_zip(tmp_path / "export_1.zip")
    assert found_names(discover(tmp_path)) == ["export_1.zip"]
    assert not looked


def test_a_stored_zip_at_which_a_copy_stops_is_no_end_of_it(
    tmp_path: Path, looked: list[float]
) -> None:
    inner = export_zip(tmp_path / "inner.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "export_1.zip", "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("inner.zip", inner)
        archive.writestr("activities.csv", b"Activity ID\n")
    data = (tmp_path / "export_1.zip").read_bytes()
    (tmp_path / "export_1.zip").write_bytes(data[: data.index(inner) + len(inner)])
    (tmp_path / "inner.zip").unlink()
    discover(tmp_path)
    assert len(looked) == 1


@pytest.mark.parametrize("suffix", [".crdownload", ".part", ".partial", ".opdownload", ".download"])
def test_a_half_download_waits(tmp_path: Path, suffix: str) -> None:
    (tmp_path / f"export_1.zip{suffix}").write_bytes(b"PK")
    assert waiting(discover(tmp_path)) == [
        f"export_1.zip{suffix}: is still being downloaded; run again when the download is complete"
    ]


def test_safaris_half_download_is_a_folder_and_waits(tmp_path: Path) -> None:
    folder = tmp_path / "export_1.zip.download"
    folder.mkdir()
    (folder / "export_1.zip").write_bytes(b"PK")
    found = discover(tmp_path)
    assert (len(found.waiting), found.problems) == (1, ())


def test_a_broken_zip_with_an_end_is_a_problem(tmp_path: Path) -> None:
    path = export_zip(tmp_path / "export_1.zip")
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\x01\x02")
    data[at : at + 4] = b"????"
    path.write_bytes(data)
    found = discover(tmp_path)
    assert not found.waiting
    assert messages(found)[0].startswith("export_1.zip: cannot be opened as a ZIP")


@pytest.mark.parametrize(
    ("name", "tables", "athlete"),
    [
        ("export_7.zip", PROFILE, 4711),
        ("export_7.zip", {}, 7),
        ("export_7 (2).zip", {"profile.csv": [["Athlete ID"]]}, 7),
        ("export_7.zip", {"profile.csv": [["Athlete ID"], ["nobody"]]}, 7),
        ("mine.zip", {}, 0),
        (f"export_{'9' * 30}.zip", {}, 0),
    ],
)
def test_an_export_belongs_to_its_profile_else_to_its_name(
    tmp_path: Path, name: str, tables: dict[str, list[list[object]]], athlete: int
) -> None:
    export_zip(tmp_path / name, tables=tables)
    (export,) = discover(tmp_path).exports
    assert (export.athlete_id, export.exported_at) == (athlete, EXPORTED)


def test_a_damaged_profile_leaves_the_name(tmp_path: Path) -> None:
    export_folder(tmp_path / "export_7", files={"profile.csv": b""})
    assert discover(tmp_path).exports[0].athlete_id == 7
