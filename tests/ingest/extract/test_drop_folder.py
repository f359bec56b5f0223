"""What lies in the drop folder: exports by the date of their contents, half copies,
other things.
"""

from __future__ import annotations

import os
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
    (tmp_path / "empty").mkdir()
    found = discover(tmp_path)
    assert sorted(found_names(found)) == ["export_1", "export_2", "export_3"]
    assert not found.problems


def test_a_folder_without_export_is_named(tmp_path: Path) -> None:
    export_folder(tmp_path / "a" / "b" / "c")
    reason = "holds no export: there is no activities.csv in it or in a folder directly below it"
    assert messages(discover(tmp_path)) == [f"a: {reason}"]


def test_hidden_and_other_files_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "README.txt").write_text("hello", encoding="utf-8")
    export_folder(tmp_path / ".hidden")
    (tmp_path / "__MACOSX").mkdir()
    (tmp_path / "._export_1.zip").write_bytes(b"x")
    assert discover(tmp_path) == Found(exports=(), waiting=(), problems=())


@pytest.mark.parametrize("kept", [0, 10, 400, -1])
def test_a_zip_without_its_end_waits(tmp_path: Path, kept: int) -> None:
    path = export_zip(tmp_path / "export_1.zip", files={"activities/1.gpx": bytes(range(256)) * 4})
    data = path.read_bytes()
    path.write_bytes(data[: kept if kept >= 0 else data.rindex(b"PK\x05\x06")])
    found = discover(tmp_path)
    reason = "has no end: it is still being copied, or the download was cut off. Run again when"
    assert found.waiting == (f"export_1.zip {reason} the copy is complete, or download it again",)
    assert not found.exports
    assert not found.problems


def test_a_zip_copied_into_space_that_was_reserved_waits(tmp_path: Path) -> None:
    path = export_zip(tmp_path / "export_1.zip")
    size = path.stat().st_size
    path.write_bytes(path.read_bytes()[: size // 2].ljust(size, b"\0"))
    assert len(discover(tmp_path).waiting) == 1


def test_a_zip_that_grows_between_two_looks_waits_while_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = export_zip(tmp_path / "export_1.zip")
    export_zip(tmp_path / "export_2.zip")

    def grow() -> None:
        with path.open("ab") as stream:
            stream.write(b"more")

    between_looks(monkeypatch, grow)
    found = discover(tmp_path)
    assert found_names(found) == ["export_2.zip"]
    assert found.waiting == (
        "export_1.zip is still being copied (its size changes); run again when it is complete",
    )


def test_a_zip_that_vanishes_between_two_looks_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = export_zip(tmp_path / "export_1.zip")
    between_looks(monkeypatch, path.unlink)
    assert len(discover(tmp_path).waiting) == 1


def test_several_zips_share_one_pause_and_known_ones_need_none(
    tmp_path: Path, looked: list[float]
) -> None:
    for number in range(5):
        export_zip(tmp_path / f"export_{number}.zip")
    known = frozenset(export.fingerprint for export in discover(tmp_path).exports)
    assert len(looked) == 1
    discover(tmp_path, known)
    assert len(looked) == 1


@pytest.mark.parametrize("suffix", [".crdownload", ".part", ".partial", ".opdownload", ".download"])
def test_a_half_download_waits(tmp_path: Path, suffix: str) -> None:
    (tmp_path / f"export_1.zip{suffix}").write_bytes(b"PK")
    assert discover(tmp_path).waiting == (
        f"export_1.zip{suffix} is still being downloaded; run again when the download is complete",
    )


def test_safaris_half_download_is_a_folder_and_waits(tmp_path: Path) -> None:
    folder = tmp_path / "export_1.zip.download"
    folder.mkdir()
    (folder / "export_1.zip").write_bytes(b"PK")
    found = discover(tmp_path)
    assert (len(found.waiting), found.problems) == (1, ())


@pytest.mark.parametrize(
    "name", ["export_1.rar", "export_1.7z", "export_1.tar.gz", "export_1.TGZ", "export_1.tar.xz"]
)
def test_other_packers_are_no_zip(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    assert messages(discover(tmp_path)) == [
        f"{name}: is not a ZIP; unpack it, and put the folder here"
    ]


def test_a_zip_of_something_else_says_so(tmp_path: Path) -> None:
    export_zip(tmp_path / "photos.zip", activities=None, files={"a.jpg": b""})
    reason = "has no activities.csv, so it is not a Strava account export"
    assert messages(discover(tmp_path)) == [f"photos.zip: {reason}"]


def test_an_export_too_deep_in_a_zip_says_where(tmp_path: Path) -> None:
    export_zip(tmp_path / "backup.zip", prefix="home/me/")
    (message,) = messages(discover(tmp_path))
    assert message.startswith("backup.zip: has home/me/activities.csv too deep in its folders")


def test_an_export_in_a_zip_in_a_zip_says_what_to_unpack(tmp_path: Path) -> None:
    inner = export_zip(tmp_path / "inner").read_bytes()
    export_zip(tmp_path / "outer.zip", activities=None, files={"export_1.zip": inner})
    (message,) = messages(discover(tmp_path))
    assert message.startswith(
        "outer.zip: has no activities.csv, but export_1.zip; unpack outer.zip"
    )


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
