"""The tables of an export, and what its directory alone tells of activity files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ingest.errors import BadTable, TooLarge
from ingest.extract.archive import Archive, open_archive
from ingest.extract.export_files import (
    file_problem,
    media_of,
    route_names,
    small_tables,
    unknown_files,
)
from ingest.run.export import activity_table
from ingest.run.export.activity_table import activities_of
from ingest.run.export.readers import Readers
from tests.builders import activities_csv, export_folder, export_zip

PROFILE = [["Athlete ID", "First Name"], [4711, "Ann"]]


def opened(tmp_path: Path, *args: Any, **contents: Any) -> Archive:
    """An archive of a folder, which holds nothing open."""
    return open_archive(export_folder(tmp_path / "export_1", *args, **contents))


def test_activities_are_read_from_a_zip_with_a_prefix(tmp_path: Path) -> None:
    with open_archive(
        export_zip(tmp_path / "a.zip", [{}, {"activity_id": 9}], prefix="mine/")
    ) as archive:
        assert [line.activity_id for line in activities_of(archive, Readers(0)).lines] == [1, 9]


@pytest.mark.parametrize(
    "content", [b"", b"\n\n", b"\x89PNG\r\n\x1a\n\0\0\0", b"\0" * 1000, b"a,b\n1,2\n"]
)
def test_a_file_that_is_no_table_of_activities_says_so(tmp_path: Path, content: bytes) -> None:
    archive = opened(tmp_path, activities=None, files={"activities.csv": content})
    with pytest.raises(BadTable, match=r"^export_1: activities\.csv: "):
        activities_of(archive, Readers(0))


def test_an_absurdly_large_table_is_refused_unread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(activity_table, "MAX_TABLE", 100)
    with pytest.raises(
        TooLarge, match=r"^export_1: activities\.csv: has [\d,]+ bytes, more than the limit of 100"
    ):
        activities_of(opened(tmp_path), Readers(0))


def test_small_tables_are_read_and_a_bad_one_costs_only_itself(tmp_path: Path) -> None:
    archive = opened(tmp_path, tables={"profile.csv": PROFILE}, files={"bikes.csv": b""})
    tables, issues = small_tables(archive)
    assert tables["profile.csv"].rows[0]["athlete_id"] == 4711
    assert tables["profile.csv"].member.crc32 is not None
    assert [issue.origin for issue in issues] == ["export_1: bikes.csv"]


def test_a_table_that_nobody_knows_is_reported_and_one_ignored_on_purpose_is_not(
    tmp_path: Path,
) -> None:
    files = {
        "new_thing.csv": b"",
        "logins.csv": b"",
        "Messaging.json": b"",
        "photo.jpg": b"",
        "media/list.csv": b"",
    }
    found = list(unknown_files(opened(tmp_path, files=files)))
    assert [(issue.origin, issue.kind) for issue in found] == [
        ("export_1: new_thing.csv", "unknown")
    ]


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("", None),
        ("activities/1.gpx.gz", None),
        ("activities/1.gpx", None),
        ("#error#", "lost"),
        ("activities/2.gpx", "missing"),
        ("../export_2/activities/1.gpx", "missing"),
    ],
)
def test_what_the_directory_tells_of_an_activity_file(
    tmp_path: Path, cell: str, kind: str | None
) -> None:
    archive = opened(tmp_path, [{"filename": cell}], files={"activities/1.gpx.gz": b""})
    (line,) = activities_of(archive, Readers(0)).lines
    issue = file_problem(archive, line)
    assert (issue and issue.kind) == kind
    if issue:
        assert issue.activity_id == 1
        assert issue.origin == f"export_1: {cell}"


def test_media_stand_by_their_activity(tmp_path: Path) -> None:
    archive = opened(tmp_path, [{"media": "media/a.jpg|media/b.mp4"}, {}])
    assert media_of(activities_of(archive, Readers(0))) == {1: ("media/a.jpg", "media/b.mp4")}


@pytest.mark.parametrize(
    ("gpx", "name"),
    [
        (
            b"<gpx><metadata><name>Round &amp; round</name></metadata><trk><name>x</name>",
            "Round & round",
        ),
        (b"<gpx><name><![CDATA[A <b> & B]]></name>", "A <b> & B"),
        (b"<gpx><name> \xc3\xbcber\0 </name>", "über"),
        (b"<gpx><name></name>", None),
        (b"<gpx><name>cut", None),
        (b"<gpx>" + b" " * 70_000 + b"<name>far</name>", None),
        (b"<name>" * 100_000, None),
        (b"", None),
    ],
)
def test_a_route_is_named_by_the_head_of_its_file(
    tmp_path: Path, gpx: bytes, name: str | None
) -> None:
    rows: list[dict[str, Any]] = [
        {"filename": "routes/1.gpx"},
        {"filename": "routes/2.gpx"},
        {"filename": None},
    ]
    route_names(opened(tmp_path, files={"routes/1.gpx": gpx}), rows)
    assert [row["gpx_name"] for row in rows] == [name, None, None]


def test_the_builder_makes_a_header_of_103_columns() -> None:
    assert activities_csv().count(b",") == 102
