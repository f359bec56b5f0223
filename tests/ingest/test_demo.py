"""The synthetic athlete: the same bytes again, the promised size, and files that other people's
readers take.
"""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import fitparse
import gpxpy
import pytest
from tcxreader.tcxreader import TCXReader

from ingest.demo import ATHLETE_ID, EXPORT_NAME, DemoSummary, build_export
from ingest.demo.fit_messages import crc16
from ingest.transform.parsers import parse
from ingest.transform.tables import IGNORED, TABLES
from ingest.transform.tables.dates import parse_date

Row = dict[str, str]


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> DemoSummary:
    """The export that a caller without wishes gets."""
    return build_export(tmp_path_factory.mktemp("demo") / EXPORT_NAME)


def _rows(path: Path) -> list[list[str]]:
    with zipfile.ZipFile(path) as archive:
        return list(csv.reader(io.StringIO(archive.read("activities.csv").decode(), newline="")))


def _by_id(path: Path) -> dict[str, list[str]]:
    return {row[0]: row for row in _rows(path)[1:]}


def _named(path: Path) -> list[Row]:
    """Rows by label; of two columns of one label the second, which is the exact one."""
    header, *rows = _rows(path)
    return [dict(zip(header, row, strict=True)) for row in rows]


def _file(path: Path, name: str) -> bytes:
    with zipfile.ZipFile(path) as archive:
        data = archive.read(name)
    return gzip.decompress(data) if name.endswith(".gz") else data


def _shortest(path: Path, ending: str) -> tuple[Row, bytes]:
    """The row and the content of the smallest whole file with this ending."""
    with zipfile.ZipFile(path) as archive:
        sizes = {
            info.filename: info.file_size for info in archive.infolist() if info.file_size > 100
        }
    rows = [
        row for row in _named(path) if row["Filename"].endswith(ending) and row["Filename"] in sizes
    ]
    row = min(rows, key=lambda row: sizes[row["Filename"]])
    return row, _file(path, row["Filename"])


def test_the_same_arguments_give_the_same_bytes(tmp_path: Path) -> None:
    first = build_export(tmp_path / "a.zip", activities=25)
    again = build_export(tmp_path / "b.zip", activities=25)
    other = build_export(tmp_path / "c.zip", activities=25, seed=2)
    assert first.path.read_bytes() == again.path.read_bytes() != other.path.read_bytes()
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["a.zip", "b.zip", "c.zip"]


def test_a_later_export_is_of_the_same_athlete(tmp_path: Path) -> None:
    build_export(tmp_path / "old.zip", activities=60)
    later = build_export(tmp_path / "new.zip", activities=60, newer=7)
    old, new = _by_id(tmp_path / "old.zip"), _by_id(tmp_path / "new.zip")
    changed = [column for key in old.keys() & new.keys() for column in _changed(old[key], new[key])]
    assert (len(old), len(new), later.activities) == (60, 66, 66)
    assert (len(old.keys() - new.keys()), len(new.keys() - old.keys())) == (1, 7)
    assert Counter(column for column in changed if column != 69) == {
        2: 2,
        11: 1,
    }  # names, gear; 69 is the gear's number
    assert min(_start(new[key]) for key in new.keys() - old.keys()) > max(map(_start, old.values()))


def _changed(before: list[str], after: list[str]) -> list[int]:
    return [at for at, (a, b) in enumerate(zip(before, after, strict=True)) if a != b]


def _start(row: list[str]) -> datetime:
    moment = parse_date(row[1])
    assert moment is not None
    return moment


def test_members_have_the_date_of_the_export(tmp_path: Path) -> None:
    until = datetime(2024, 5, 5, tzinfo=UTC)
    build_export(tmp_path / "old.zip", activities=3, until=until)
    build_export(tmp_path / "new.zip", activities=3, newer=2, until=until)
    for name, when in (("old.zip", until), ("new.zip", until + timedelta(days=31))):
        with zipfile.ZipFile(tmp_path / name) as archive:
            assert {info.date_time for info in archive.infolist()} == {when.timetuple()[:6]}
        assert all(_start(row) < when for row in _by_id(tmp_path / name).values())


def test_the_defaults_keep_their_promise(full: DemoSummary) -> None:
    counted: Counter[str] = Counter()
    with zipfile.ZipFile(full.path) as archive:
        names = [
            info.filename for info in archive.infolist() if info.filename.startswith("activities/")
        ][1:]
    for name in names:
        data = _file(full.path, name)
        if name.removesuffix(".gz").endswith(".fit"):
            recording = parse(data, name)
            counted["fit"] += 0 if recording.partial else recording.point_count
        else:
            counted[name.removesuffix(".gz")[-3:]] += data.count(b"<trkpt ") + data.count(
                b"<Trackpoint>"
            )
    starts = [_start(row) for row in _by_id(full.path).values()]
    assert full.activities >= 200
    assert len(names) == full.files
    assert sum(counted.values()) == full.points >= 200_000
    assert min(counted["fit"], counted["gpx"], counted["tcx"]) > 30_000
    assert max(starts) - min(starts) > timedelta(days=1050)


def test_the_table_of_activities_is_a_current_one(full: DemoSummary) -> None:
    header, *rows = _rows(full.path)
    starts = [_start(row) for row in rows]
    assert len(header) == 103 == len(set(header)) + 5
    assert len(rows) == full.activities == len({row[0] for row in rows})
    assert starts == sorted(starts, reverse=True)
    assert all(int(row[0]) > 2**32 for row in rows)
    assert {row[3] for row in rows} >= {
        "Run",
        "Ride",
        "Virtual Ride",
        "Swim",
        "Walk",
        "Hike",
        "Weight Training",
        "Rowing",
    }


def test_nobody_runs_below_the_sea(full: DemoSummary) -> None:
    lows = [float(row["Elevation Low"]) for row in _named(full.path) if row["Elevation Low"]]
    assert min(lows) >= 1


def test_every_member_is_known_and_every_table_is_there(full: DemoSummary) -> None:
    with zipfile.ZipFile(full.path) as archive:
        top = {name for name in archive.namelist() if "/" not in name} - {"activities.csv"}
        read = {
            name: table.read(archive.read(name), name)
            for name, table in TABLES.items()
            if name in top
        }
    assert top <= TABLES.keys() | IGNORED.keys()
    assert TABLES.keys() - top == {"photos.csv", "kudos.csv"}
    assert [error for rows in read.values() for error in rows.errors] == []
    assert read["profile.csv"].rows[0]["athlete_id"] == ATHLETE_ID


def test_gear_and_pictures_are_found_where_the_activities_say(full: DemoSummary) -> None:
    with zipfile.ZipFile(full.path) as archive:
        names = set(archive.namelist())
        gear = [
            row
            for kind in ("bikes.csv", "shoes.csv")
            for row in TABLES[kind].read(archive.read(kind), kind).rows
        ]
    rows = _named(full.path)
    assert {row["Activity Gear"] for row in rows} - {""} <= {row["display_name"] for row in gear}
    pictures = [picture for row in rows for picture in row["Media"].split("|") if picture]
    assert pictures
    assert set(pictures) <= names


def test_five_files_are_bad(full: DemoSummary) -> None:
    with zipfile.ZipFile(full.path) as archive:
        names = set(archive.namelist())
    files = [row["Filename"] for row in _named(full.path) if row["Filename"]]
    there = [name for name in files if name in names]
    partial = [
        parse(_file(full.path, name), name)
        for name in there
        if name.endswith(".fit.gz") and _cut(full.path, name)
    ]
    assert files.count("#error#") == 2
    assert len(files) - len(there) == 3  # the third has a name
    assert [name for name in there if not _file(full.path, name)] != []
    assert [recording.point_count > 500 for recording in partial] == [True]


def _cut(path: Path, name: str) -> bool:
    data = _file(path, name)
    return 0 < len(data) < int.from_bytes(data[4:8], "little") + 16


@pytest.mark.parametrize("sport", ["Swim", "Run", "Virtual Ride"])
def test_fitparse_reads_the_fit_files(tmp_path: Path, sport: str) -> None:
    build_export(tmp_path / "fit.zip", activities=40, formats=["fit"])
    rows = [row for row in _named(tmp_path / "fit.zip") if row["Activity Type"] == sport]
    row = min(rows, key=lambda row: float(row["Elapsed Time"]))
    data = _file(tmp_path / "fit.zip", row["Filename"])
    messages = list(fitparse.FitFile(data, check_crc=True).get_messages())
    session = next(m for m in messages if m.name == "session")
    records = [m for m in messages if m.name == "record"]
    assert len(records) == parse(data, "x").point_count
    assert session.get_value("total_elapsed_time") == float(row["Elapsed Time"])
    assert session.get_value("total_distance") == pytest.approx(float(row["Distance"]), abs=0.1)
    assert records[-1].get_value("distance") == pytest.approx(float(row["Distance"]), abs=0.1)
    assert session.get_value("num_laps") == sum(m.name == "lap" for m in messages)
    assert (sport == "Swim") == any(m.name == "length" for m in messages)
    assert (
        next(m for m in messages if m.name == "activity").get_value("local_timestamp") is not None
    )


@pytest.mark.parametrize("ending", [".gpx", ".gpx.gz"])
def test_gpxpy_reads_the_gpx_files(full: DemoSummary, ending: str) -> None:
    row, data = _shortest(full.path, ending)
    segment = gpxpy.parse(data.decode()).tracks[0].segments[0]
    assert len(segment.points) == data.count(b"<trkpt ") == parse(data, "x").point_count
    assert segment.get_duration() == float(row["Elapsed Time"])
    assert (row["Activity ID"] in row["Filename"]) == (ending == ".gpx")


def test_tcxreader_reads_the_tcx_files(full: DemoSummary) -> None:
    row, data = _shortest(full.path, ".tcx.gz")
    exercise = TCXReader().read(io.BytesIO(data.strip()))
    assert data.startswith(b" " * 10 + b"<?xml")
    assert len(exercise.trackpoints) == data.count(b"<Trackpoint>") == parse(data, "x").point_count
    assert exercise.distance == pytest.approx(float(row["Distance"]), abs=1)


def test_the_checksum_is_crc16_arc() -> None:
    assert [crc16(b""), crc16(b"123456789"), crc16(b"123456789" * 999)] == [
        0,
        0xBB3D,
        _slow(b"123456789" * 999),
    ]


def _slow(data: bytes) -> int:
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 * (crc & 1)
    return crc


@pytest.mark.parametrize("formats", [["gpx"], ["tcx"], ["fit", "tcx"]])
def test_only_the_wanted_formats_are_written(tmp_path: Path, formats: list[str]) -> None:
    build_export(tmp_path / "some.zip", activities=30, formats=formats)
    endings = {row["Filename"].removesuffix(".gz")[-3:] for row in _named(tmp_path / "some.zip")}
    assert endings == {"", *formats}


def test_progress_is_told_after_each_activity(tmp_path: Path) -> None:
    seen: list[int] = []
    build_export(tmp_path / "few.zip", activities=4, newer=1, progress=seen.append)
    assert seen == [1, 2, 3, 4, 5]


def test_nothing_is_left_of_an_export_that_fails(tmp_path: Path) -> None:
    def stop(count: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_export(tmp_path / "none.zip", activities=4, progress=stop)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "wrong", [{"activities": 0}, {"years": 0}, {"newer": -1}, {"formats": []}, {"formats": ["kml"]}]
)
def test_arguments_out_of_range_are_refused(tmp_path: Path, wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="activities"):
        build_export(tmp_path / "none.zip", **wrong)  # type: ignore[arg-type]
