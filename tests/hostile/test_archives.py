"""Exports that mean harm: each is named and bounded, in time and in memory, and never followed out
of its folder.
"""

from __future__ import annotations

import gzip
import io
import os
import sqlite3
import stat
import struct
import time
import zipfile
import zlib
from pathlib import Path

import pytest

from db import export_bytes
from ingest.config import make_config
from ingest.errors import CorruptFile, IngestError, TooLarge
from ingest.extract import archive as archive_module
from ingest.extract.archive import Archive, FolderArchive, ZipArchive, open_archive
from ingest.extract.drop_folder import discover
from ingest.extract.export_files import small_tables
from ingest.reporting.progress import Progress
from ingest.run.export.activity_table import activities_of
from ingest.run.export.file_reader import FileRead, FileTask, read_file
from ingest.run.export.readers import Readers
from ingest.run.pipeline import run
from ingest.transform.parsers import parse
from ingest.transform.parsers.gunzip import MAX_INFLATED, gunzip
from ingest.transform.records import WantedActivity
from ingest.transform.tables.csvfile import read_csv
from tests.bounds import MIB, bounded
from tests.builders import (
    GPX_HEAD,
    TCX_HEAD,
    activities_csv,
    export_folder,
    export_zip,
    gpx_activity,
)


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)


def read(archive: Archive, name: str) -> FileRead:
    return read_file(archive, FileTask(member=archive.members[name], wanted=(WantedActivity(1),)))


def lie(path: Path, name: str, **fields: int) -> Path:
    """Change what a ZIP says of a member, in its local header and in its directory."""
    places = {
        "flags": (6, "H"),
        "method": (8, "H"),
        "crc": (14, "I"),
        "packed": (18, "I"),
        "size": (22, "I"),
    }
    data = bytearray(path.read_bytes())
    for magic, name_at, shift in ((b"PK\x03\x04", 30, 0), (b"PK\x01\x02", 46, 2)):
        at = data.index(name.encode(), name_at)
        while data[at - name_at : at - name_at + 4] != magic:
            at = data.index(name.encode(), at + 1)
        for field, value in fields.items():
            offset, code = places[field]
            struct.pack_into("<" + code, data, at - name_at + offset + shift, value)
    path.write_bytes(data)
    return path


def zeros(mib: int) -> bytes:
    """So many MiB of zeros, gzipped, made without holding them."""
    engine = zlib.compressobj(9, wbits=31)
    return b"".join([*(engine.compress(bytes(MIB)) for _ in range(mib)), engine.flush()])


# --- Bombs and wrong sizes
# -------------------------------------------------------------------------------------------


def test_a_gzip_bomb_is_refused_by_name_before_it_fills_the_memory(tmp_path: Path) -> None:
    path = export_zip(
        tmp_path / "a.zip", files={"activities/1.gpx.gz": zeros(MAX_INFLATED // MIB + 1)}
    )
    assert path.stat().st_size < MIB
    with open_archive(path) as archive, bounded(2.5 * MAX_INFLATED / MIB):
        err = read(archive, "activities/1.gpx.gz").error
    assert isinstance(err, TooLarge)
    assert (
        str(err) == "a.zip: activities/1.gpx.gz: has more than the limit of 128 MiB when unpacked"
    )


def test_a_bomb_of_many_gzip_members_or_with_a_broken_end_is_bounded_too() -> None:
    for data in (gzip.compress(bytes(MIB)) * 9, zeros(9)[:-8] + b"damaged!", zeros(9) + b"tail"):
        with pytest.raises(TooLarge):
            gunzip(data, "1.gpx.gz", limit=8 * MIB)


def test_a_gzip_file_in_a_gzip_file_is_no_device_file() -> None:
    with pytest.raises(IngestError, match=r"^1\.gpx\.gz: neither FIT nor GPX nor"):
        parse(gzip.compress(gzip.compress(gpx_activity())), "1.gpx.gz")


def test_a_member_that_says_it_is_huge_is_not_even_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = export_zip(tmp_path / "a.zip", files={"activities/1.gpx": bytes(MIB)})
    with open_archive(lie(path, "activities/1.gpx", size=0xFFFFFFF0)) as archive, bounded(1):
        monkeypatch.setattr(ZipArchive, "_bytes", None)
        err = read(archive, "activities/1.gpx").error
    assert str(err) == (
        "a.zip: activities/1.gpx: has 4,294,967,280 bytes, more than the limit of 134,217,728"
    )


def test_an_absurd_size_is_cut_to_one_that_the_ledger_can_hold(tmp_path: Path) -> None:
    path = export_zip(tmp_path / "a.zip")
    info = zipfile.ZipInfo("activities/1.gpx")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(info, b"")
        info.file_size = 2**64 - 1  # the directory, which is written last, needs ZIP64 for it
    with open_archive(path) as opened:
        assert opened.members["activities/1.gpx"].size == 2**40
        assert isinstance(read(opened, "activities/1.gpx").error, TooLarge)


def test_a_member_larger_than_it_says_is_cut_where_it_said_and_refused(tmp_path: Path) -> None:
    path = export_zip(tmp_path / "a.zip", files={"activities/1.gpx": bytes(50 * MIB)})
    with open_archive(lie(path, "activities/1.gpx", size=100)) as archive, bounded(4):
        err = read(archive, "activities/1.gpx").error
    assert isinstance(err, CorruptFile)
    assert str(err).startswith(
        "a.zip: activities/1.gpx: cannot be read out of the ZIP, which may be damaged (Bad CRC-32"
    )


def test_a_member_smaller_than_it_says_is_refused(tmp_path: Path) -> None:
    path = export_zip(tmp_path / "a.zip", files={"activities/1.gpx": gpx_activity()})
    size = len(gpx_activity())
    with open_archive(lie(path, "activities/1.gpx", size=size + 1)) as archive:
        err = read(archive, "activities/1.gpx").error
    assert (
        str(err) == f"a.zip: activities/1.gpx: has {size:,} bytes, but the ZIP says "
        f"{size + 1:,}: the ZIP is damaged"
    )


def test_an_activities_csv_that_is_a_bomb_is_refused(tmp_path: Path) -> None:
    path = export_zip(
        tmp_path / "a.zip", activities=None, files={"activities.csv": bytes(65 * MIB)}
    )
    (export,) = discover(tmp_path).exports
    with open_archive(path) as archive, bounded(1), pytest.raises(TooLarge) as caught:
        activities_of(archive, Readers(0))
    assert (export.name, caught.value.origin) == ("a.zip", "a.zip: activities.csv")


# --- The ZIP's directory
# ---------------------------------------------------------------------------------------------


def directory(count: int) -> bytes:
    """An export of so many empty members, faster than zipfile writes it."""
    local, central = io.BytesIO(), io.BytesIO()
    names = [b"activities.csv", *(b"media/%09d.jpg" % i for i in range(count - 1))]
    for name in names:
        at = local.tell()
        local.write(
            struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, 0, 0, 0, 0x5821, 0, 0, 0, len(name), 0)
            + name
        )
        head = struct.pack(
            "<4s6H3I5H2I",
            b"PK\x01\x02",
            20,
            20,
            0,
            0,
            0,
            0x5821,
            0,
            0,
            0,
            len(name),
            0,
            0,
            0,
            0,
            0,
            at,
        )
        central.write(head + name)
    start, size, few = local.tell(), central.tell(), min(count, 0xFFFF)
    if count > 0xFFFF:
        end = struct.pack("<4sQ2H2I4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, start)
        central.write(end + struct.pack("<4sIQI", b"PK\x06\x07", 0, start + size, 1))
    central.write(struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, few, few, size, start, 0))
    return local.getvalue() + central.getvalue()


def test_a_directory_of_200_000_entries_opens_soon(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(directory(200_000))
    begun = time.monotonic()
    with open_archive(path) as archive:
        assert len(archive.members) == 200_000
        assert archive.find("media/000000007.JPG")
    assert time.monotonic() - begun < 10


def test_a_larger_directory_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.zip").write_bytes(directory(2_000))
    monkeypatch.setattr(export_bytes, "MAX_DIRECTORY", 100_000)
    (problem,) = discover(tmp_path).problems
    assert (
        str(problem)
        == "a.zip: has a list of files of 129,995 bytes, more than the limit of 100,000"
    )


@pytest.mark.parametrize(
    "name",
    [
        "../1.gpx",
        "activities/../../1.gpx",
        "/etc/passwd",
        "C:/1.gpx",
        "C:1.gpx",
        "\\\\server\\share\\1.gpx",
        "..\\1.gpx",
        "activities/\x1b[2J.gpx",
    ],
)
def test_a_name_that_leads_out_or_commands_the_terminal_is_refused(
    tmp_path: Path, name: str
) -> None:
    path = export_zip(tmp_path / "a.zip", files={name: b"x"})
    with open_archive(path) as archive:
        (err,) = archive.refused
        assert list(archive.members) == ["activities.csv"]
        assert archive.find(name) is None
    assert str(err).startswith("a.zip: ")
    assert "the name leads out of the export" in str(err)
    assert "\x1b" not in str(err)


def test_a_name_that_is_no_text_is_refused_in_folders(tmp_path: Path) -> None:
    folder = export_folder(tmp_path / "a", files={"activities/1.gpx": b"x"})
    try:
        (folder / "activities" / os.fsdecode(b"\xff.gpx")).write_bytes(b"x")
    except (OSError, UnicodeError):
        pytest.skip("this file system has only names that are text")
    with open_archive(folder) as archive:
        assert [err.origin for err in archive.refused] == ["a: activities/\ufffd.gpx"]
        assert set(archive.members) == {"activities.csv", "activities/1.gpx"}
        assert archive.fingerprint


def test_very_many_refused_members_are_counted_not_named(tmp_path: Path) -> None:
    path = export_zip(tmp_path / "a.zip", files={f"../{number}": b"" for number in range(500)})
    with open_archive(path) as archive:
        assert len(archive.refused) == 51
        assert (
            str(archive.refused[-1])
            == "a.zip: 450 more files in it are links, doubles or badly named"
        )


def test_a_name_that_stands_twice_is_said_and_the_last_one_counts(tmp_path: Path) -> None:
    path = export_zip(tmp_path / "a.zip", files={"activities/1.gpx": b"first"})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("activities/./1.gpx", b"last")
    with open_archive(path) as opened:
        assert opened.read(opened.members["activities/1.gpx"]) == b"last"
        assert [str(err) for err in opened.refused] == [
            "a.zip: activities/./1.gpx: is in the ZIP more than once; the last one is read"
        ]


# --- Links
# --------------------------------------------------------------------------------------------------


def test_a_link_in_a_zip_is_refused(tmp_path: Path) -> None:
    path = export_zip(tmp_path / "a.zip")
    info = zipfile.ZipInfo("activities/1.gpx")
    info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(info, "/etc/passwd")
    with open_archive(path) as opened:
        assert [str(err) for err in opened.refused] == [
            "a.zip: activities/1.gpx: is a link, and links are not followed"
        ]
        assert "activities/1.gpx" not in opened.members


def link(path: Path, target: Path) -> None:
    try:
        path.symlink_to(target, target_is_directory=target.is_dir())
    except OSError:
        pytest.skip("links cannot be made here")


@pytest.mark.parametrize("linked", ["activities", "activities/1.gpx", "profile.csv"])
def test_a_link_in_a_folder_is_refused(tmp_path: Path, linked: str) -> None:
    outside = export_folder(
        tmp_path / "outside", files={"activities/1.gpx": b"secret", "profile.csv": b"secret"}
    )
    folder = export_folder(
        tmp_path / "a", files={} if linked == "activities" else {"activities/2.gpx": b"x"}
    )
    link(folder / linked, outside / linked)
    with open_archive(folder) as archive:
        assert [str(err) for err in archive.refused] == [
            f"a: {linked}: is a link, and links are not followed"
        ]
        assert all(archive.read(member) != b"secret" for member in archive.members.values())


def test_an_activities_csv_that_is_a_link_is_no_export(tmp_path: Path) -> None:
    outside = export_folder(tmp_path / "outside")
    (tmp_path / "drop" / "a").mkdir(parents=True)
    link(tmp_path / "drop" / "a" / "activities.csv", outside / "activities.csv")
    found = discover(tmp_path / "drop")
    assert [str(err) for err in found.problems] == [
        "a: activities.csv: is a link, and links are not followed"
    ]


def test_linked_folders_in_the_drop_folder_are_not_entered(tmp_path: Path) -> None:
    outside = export_folder(tmp_path / "outside")
    drop = tmp_path / "drop"
    (drop / "below").mkdir(parents=True)
    link(drop / "linked", outside)
    link(drop / "below" / "linked", outside)
    found = discover(drop)
    assert not found.exports
    assert [err.origin for err in found.problems] == ["below", "linked"]


def test_a_link_in_a_circle_ends(tmp_path: Path) -> None:
    folder = export_folder(tmp_path / "drop" / "a")
    link(folder / "activities", folder)
    link(tmp_path / "drop" / "b", tmp_path / "drop")
    assert [export.name for export in discover(tmp_path / "drop").exports] == ["a"]


# --- Members that cannot be unpacked
# ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lies", "reason"),
    [
        ({"flags": 1}, "is encrypted"),
        ({"method": 12}, "is compressed with method 12 (BZIP2), which is not supported"),
        ({"method": 14}, "is compressed with method 14 (LZMA), which is not supported"),
        ({"method": 9}, "is compressed with method 9 (Deflate64), which is not supported"),
        ({"method": 4711}, "is compressed with method 4711 (unknown), which is not supported"),
        ({"crc": 1}, "Bad CRC-32"),
        ({"flags": 0x20}, "patched data"),
        ({"packed": 10}, "cannot be read out of the ZIP"),
    ],
)
def test_a_member_that_cannot_be_unpacked_is_named(
    tmp_path: Path, lies: dict[str, int], reason: str
) -> None:
    path = export_zip(
        tmp_path / "a.zip",
        files={"activities/1.gpx": gpx_activity(), "activities/2.gpx": gpx_activity()},
    )
    with open_archive(lie(path, "activities/1.gpx", **lies)) as archive:
        err = read(archive, "activities/1.gpx").error
        assert read(archive, "activities/2.gpx").error is None
    assert isinstance(err, CorruptFile)
    assert str(err).startswith("a.zip: activities/1.gpx: ")
    assert reason in str(err)


def test_every_cut_and_many_flips_of_a_zip_give_an_error_or_data(tmp_path: Path) -> None:
    whole = export_zip(tmp_path / "whole.zip", files={"activities/1.gpx": b"<gpx/>"}).read_bytes()
    whole = (
        whole[:120] + whole[whole.index(b"activities/1.gpx") - 30 :]
    )  # most of activities.csv is of no interest here
    path, origins = tmp_path / "a.zip", set()
    for at in range(0, len(whole), 2):
        for data in (whole[:at], whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :]):
            path.write_bytes(data)
            try:
                with open_archive(path) as archive:
                    for member in archive.members.values():
                        read_file(archive, FileTask(member=member, wanted=(WantedActivity(1),)))
            except IngestError as err:
                origins.add(err.origin.partition(":")[0])
    assert origins == {"a.zip"}


# --- Text
# --------------------------------------------------------------------------------------------------

_LAUGHS = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))


@pytest.mark.parametrize("head", [GPX_HEAD, TCX_HEAD])
@pytest.mark.parametrize(
    ("doctype", "entity"),
    [
        (f'<!DOCTYPE x [<!ENTITY l0 "ha">{_LAUGHS}]>', "&l9;"),
        ('<!DOCTYPE x [<!ENTITY big "{}">]>'.format("a" * 100_000), "&big;" * 10_000),
        ('<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>', "&f;"),
        ('<!DOCTYPE x [<!ENTITY % f SYSTEM "file:///etc/passwd"> %f;]>', ""),
    ],
)
def test_entities_are_not_expanded(head: str, doctype: str, entity: str) -> None:
    end = "</gpx>" if head == GPX_HEAD else "</TrainingCenterDatabase>"
    data = f"<?xml version='1.0'?>{doctype}{head}<name>{entity}</name>{end}".encode()
    with bounded(8, seconds=2), pytest.raises(IngestError) as caught:
        parse(data, "1.gpx")
    assert caught.value.origin == "1.gpx"


def test_a_doctype_of_another_file_is_not_fetched(tmp_path: Path) -> None:
    (tmp_path / "evil.dtd").write_text('<!ENTITY x "secret">', encoding="utf-8")
    doctype = f'<!DOCTYPE gpx SYSTEM "{(tmp_path / "evil.dtd").as_uri()}">'
    data = (
        gpx_activity()
        .replace(b"<gpx", doctype.encode() + b"<gpx", 1)
        .replace(b"Morning Run", b"&x;")
    )
    assert "secret" not in str(parse(data, "1.gpx").name)


def test_a_cell_of_more_than_128_kib_is_read(tmp_path: Path) -> None:
    folder = export_folder(tmp_path / "a", [{"activity_description": "long, " * 50_000}, {}])
    with open_archive(folder) as archive:
        first, second = activities_of(archive, Readers(0)).lines
    assert (len(first.fields()["description"]), second.activity_id) == (300_000, 2)


def test_nul_bytes_do_not_reach_the_database(tmp_path: Path) -> None:
    data = activities_csv({"activity_name": "Mor\0ning"}, {})
    with open_archive(export_folder(tmp_path / "a", None, {"activities.csv": data})) as archive:
        assert [line.fields()["name"] for line in activities_of(archive, Readers(0)).lines] == [
            "Morning",
            "Morning Run",
        ]


def test_a_header_of_100_000_columns_is_read_soon(tmp_path: Path) -> None:
    header = ",".join(["Activity ID", *(f"Column {i}" for i in range(100_000))])
    data = f"{header}\n1,2,3\n".encode()
    with open_archive(export_folder(tmp_path / "a", None, {"activities.csv": data})) as archive:
        begun = time.monotonic()
        table = activities_of(archive, Readers(0))
    assert time.monotonic() - begun < 10
    assert [line.activity_id for line in table.lines] == [1]


def test_quotes_that_never_end_are_bounded() -> None:
    with bounded(60):
        table = read_csv(b'Activity ID\n"' + b"1\n" * MIB, "activities.csv")
    assert len(table.rows) == 1


def test_an_activities_csv_that_is_a_folder_is_no_export(tmp_path: Path) -> None:
    (tmp_path / "a" / "activities.csv").mkdir(parents=True)
    export_zip(tmp_path / "b.zip", activities=None, files={"activities.csv/x": b""})
    assert [err.origin for err in discover(tmp_path).problems] == ["a", "b.zip"]


def test_tables_of_rubbish_cost_only_themselves(tmp_path: Path) -> None:
    rubbish = {
        "profile.csv": bytes(range(256)) * 10,
        "bikes.csv": b"\0" * 100,
        "goals.csv": b'"' * 10_001,
    }
    with open_archive(export_folder(tmp_path / "export_7", files=rubbish)) as archive:
        _, issues = small_tables(archive)
        assert activities_of(archive, Readers(0)).lines
    assert {issue.origin for issue in issues} <= {f"export_7: {name}" for name in rubbish}
    assert "export_7: bikes.csv" in {issue.origin for issue in issues}


def test_an_export_of_all_this_at_once_is_imported_and_every_input_named(tmp_path: Path) -> None:
    rows = [
        {"filename": f"activities/{name}"}
        for name in ("1.gpx", "2.gpx", "3.gpx.gz", "4.gpx", "../5.gpx")
    ]
    files = {f"activities/{n}.gpx": gpx_activity() for n in (1, 2, 4)} | {
        "activities/3.gpx.gz": zeros(129)
    }
    files |= {"../5.gpx": b"x", "profile.csv": b"\0\xff", "strange.csv": b"x"}
    (tmp_path / "Strava Export").mkdir()
    path = export_zip(tmp_path / "Strava Export" / "export_7.zip", rows, files)
    lie(lie(path, "activities/2.gpx", size=0xFFFFFFF0), "activities/4.gpx", crc=1)
    database = f"sqlite:///{(tmp_path / 'strava.db').as_posix()}"
    report = run(make_config({}, playground=tmp_path, database=database, jobs=0), Progress())
    assert (len(report.new), report.points_written) == (5, 3)
    with sqlite3.connect(tmp_path / "strava.db") as connection:
        found = {tuple(row) for row in connection.execute("SELECT name, kind FROM import_issues")}
    connection.close()
    assert found == {
        ("activities/2.gpx", "too-large"),
        ("activities/3.gpx.gz", "too-large"),
        ("activities/4.gpx", "corrupt"),
        ("activities/../5.gpx", "missing"),
        ("../5.gpx", "corrupt"),
        ("profile.csv", "table"),
        ("strange.csv", "unknown"),
    }


# --- Media
# --------------------------------------------------------------------------------------------------


def with_large_media(path: Path, size: int) -> Path:
    """An export with a stored member of so many zeros,
    which the file system need not write down.
    """
    export_zip(path, files={"activities/1.gpx": gpx_activity()})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("media/1.mp4", b"")
    data = path.read_bytes()
    start = data.index(b"PK\x01\x02")
    directory_bytes = bytearray(data[start:])
    at = directory_bytes.index(b"media/1.mp4") - 46
    struct.pack_into("<2I", directory_bytes, at + 20, size, size)
    struct.pack_into("<I", directory_bytes, len(directory_bytes) - 6, start + size)
    with path.open("r+b") as stream:
        stream.seek(start + size)
        stream.write(directory_bytes)
    return path


def test_2_gb_of_media_are_neither_read_nor_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = with_large_media(tmp_path / "export_1.zip", 2_000_000_000)
    assert path.stat().st_size > 2_000_000_000
    plain = archive_module.ZipArchive._bytes
    asked: list[str] = []

    def spy(self: ZipArchive, member: archive_module.Member, count: int) -> bytes:
        asked.append(member.name)
        return plain(self, member, count)

    monkeypatch.setattr(ZipArchive, "_bytes", spy)
    with bounded(4):
        (export,) = discover(tmp_path).exports
        with open_archive(export.path) as archive:
            assert archive.members["media/1.mp4"].size == 2_000_000_000
            assert activities_of(archive, Readers(0)).lines
            small_tables(archive)
            assert read(archive, "activities/1.gpx").error is None
    assert set(asked) == {"activities.csv", "activities/1.gpx"}


def test_a_row_that_names_a_film_as_its_device_file_is_refused_unread(tmp_path: Path) -> None:
    path = with_large_media(tmp_path / "export_1.zip", 2_000_000_000)
    with open_archive(path) as archive, bounded(1):
        err = read(archive, "media/1.mp4").error
    assert isinstance(err, TooLarge)


def test_large_media_in_a_folder_are_neither_read_nor_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = export_folder(tmp_path / "a", files={"media/1.mp4": b""})
    os.truncate(folder / "media" / "1.mp4", 200 * MIB)
    plain = FolderArchive._bytes
    asked: list[str] = []

    def spy(self: FolderArchive, member: archive_module.Member, count: int) -> bytes:
        asked.append(member.name)
        return plain(self, member, count)

    monkeypatch.setattr(FolderArchive, "_bytes", spy)
    with bounded(4):
        (export,) = discover(tmp_path).exports
        with open_archive(export.path) as archive:
            small_tables(archive)
    assert asked == ["activities.csv"]
