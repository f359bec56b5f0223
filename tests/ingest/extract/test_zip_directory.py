"""What a ZIP's directory says: its times, its one outer folder, and the members it refuses."""

from __future__ import annotations

import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.errors import CorruptFile
from ingest.extract.archive import open_archive
from ingest.extract.zip_directory import first_of, member_times


@pytest.mark.parametrize(
    ("count", "named", "more"), [(50, 50, None), (51, 50, "1 more"), (1550, 50, "1,500 more")]
)
def test_fifty_refused_members_are_named_and_the_others_counted(
    count: int, named: int, more: str | None
) -> None:
    refused = [CorruptFile(f"{n}.fit", "is a link") for n in range(count)]
    told = first_of(refused, "a.zip")
    assert told[:named] == tuple(refused[:named])
    assert [str(err).startswith(f"a.zip: {more} files") for err in told[named:]] == [True] * bool(
        more
    )


@pytest.mark.parametrize(("count", "named"), [(1, ""), (2, "1"), (7, "12345")])
def test_of_several_exports_in_a_zip_the_first_is_read_and_five_others_are_named(
    tmp_path: Path, count: int, named: str
) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as file:
        for n in range(count):
            file.writestr(f"{n}/activities.csv", f"{n}")
    with open_archive(path) as archive:
        assert archive.read(archive.members["activities.csv"]) == b"0"
        assert [(err.origin, err.reason) for err in archive.refused] == [
            (
                "a.zip: " + ", ".join(f"{n}/activities.csv" for n in named),
                "the ZIP holds several exports; only 0/activities.csv is read",
            )
        ] * bool(named)


def test_an_export_at_the_top_is_read_whatever_lies_in_folders(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as file:
        for name in ("activities.csv", "other/activities.csv"):
            file.writestr(name, name)
    with open_archive(path) as archive:
        assert archive.read(archive.members["activities.csv"]) == b"activities.csv"
        assert archive.refused == ()


def test_members_without_a_time_are_passed_over() -> None:
    timeless, timed = zipfile.ZipInfo("a"), zipfile.ZipInfo("b", (2024, 5, 1, 6, 0, 8))
    timeless.date_time = (1980, 0, 0, 0, 0, 0)
    assert list(member_times([timeless, timed])) == [datetime(2024, 5, 1, 6, 0, 8, tzinfo=UTC)]
