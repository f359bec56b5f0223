"""Eight times the bytes take about eight times the work, whatever the bytes say.

Each case builds an input of any size. Both sizes are read in one process and judged by its CPU
time, the least of a few passes, so that the machine's own load does not count; a quadratic reader
takes 64 times as long for the larger one.
"""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable
from contextlib import suppress

import pytest

from ingest.errors import IngestError
from ingest.transform.parsers import parse
from ingest.transform.parsers.gunzip import gunzip
from ingest.transform.tables import TABLES
from ingest.transform.tables.activities import read_activities
from tests.builders import (
    Fit,
    activities_csv,
    csv_bytes,
    fit_activity,
    gpx_file,
    gpx_point,
    tcx_file,
    tcx_lap,
    tcx_point,
)

_GROWTH = 8
_FACTOR = 2.0
#: Less is the cost of beginning at all.
_NOTHING_S = 0.02

Build = Callable[[int], bytes]
Read = Callable[[bytes], object]


def _device(data: bytes) -> object:
    return parse(data, "a")


def _activities(data: bytes) -> object:
    table = read_activities(data, "activities.csv")
    return [line.fields() for line in table.lines]


def _blanks_in_points(size: int) -> bytes:
    return gpx_file([gpx_point()] * 110 + [gpx_point(inner=" " * size + "x")] * 3)


def _blanks_for_a_point(size: int) -> bytes:
    return (
        b"<gpx><trk><trkseg>"
        + b"<trkpt lat='1' lon='2'></trkpt>" * 110
        + b"<trkpt "
        + b" " * size
        + b"</trkpt>"
    )


def _optional_parts(size: int) -> bytes:
    count = 4 + size // 20_000
    full, other = (gpx_point(inner="<x>1</x>" * count + more) for more in ("", "<y>1</y>"))
    return gpx_file([*[full, gpx_point()] * 200, other])


def _quotes_in_attributes(size: int) -> bytes:
    names = "".join(f' a{i}=""' for i in range(4))
    hostile = "".join(f' a{i}=""' * (size // 2000) for i in range(4))
    points = [gpx_point().replace("<trkpt", f"<trkpt{more}") for more in (names, hostile)]
    return gpx_file([points[0]] * 120 + [points[1]])


def _ever_other_elements(size: int) -> bytes:
    return gpx_file([gpx_point(inner=f"<x{i % 90}>1</x{i % 90}>") for i in range(size // 100)])


def _numbered_letters(size: int) -> bytes:
    return gpx_file(
        [gpx_point()] * 10, about=f"<name>{'&#' * size}</name><desc>{'&#1' + '1' * size}</desc>"
    )


def _open_comments(size: int) -> bytes:
    return gpx_file([gpx_point()] * 10, about="<!--" + "-" * size)


def _odd_times(size: int) -> bytes:
    return gpx_file(
        [gpx_point(time="2024-05-01T06:00:00." + "0" * size)] * 2 + [gpx_point(time="1" * size)]
    )


def _long_numbers(size: int) -> bytes:
    return tcx_file(
        tcx_lap(tcx_point(inner=f"<AltitudeMeters>{'1' * size}</AltitudeMeters>"), tcx_point())
    )


def _laps(size: int) -> bytes:
    return tcx_file(*[tcx_lap(tcx_point())] * (size // 500))


def _chained_fit(size: int) -> bytes:
    return fit_activity(2) * (size // 300)


def _damaged_fit(size: int) -> bytes:
    whole = fit_activity(100)
    return (whole[:-40] + b"\x41\x00\x00" * 30) * (size // len(whole))


def _definitions(size: int) -> bytes:
    fit = Fit()
    for i in range(size // 200):
        fit.define(i % 16, 20, (3, "uint8")).raw(bytes([i % 16, 100]))
    return fit.build()


def _members(size: int) -> bytes:
    return gzip.compress(gpx_file([gpx_point()] * 3)) + gzip.compress(b"") * (size // 4)


def _rows_with(**cells: str) -> bytes:
    return activities_csv(cells)


DEVICE: dict[str, Build] = {
    "blanks in points": _blanks_in_points,
    "blanks in place of a point": _blanks_for_a_point,
    "optional parts": _optional_parts,
    "quotes in attributes": _quotes_in_attributes,
    "ever other elements": _ever_other_elements,
    "numbered letters": _numbered_letters,
    "an open comment": _open_comments,
    "odd times": _odd_times,
    "long numbers": _long_numbers,
    "laps": _laps,
    "chained FIT files": _chained_fit,
    "damaged FIT": _damaged_fit,
    "definitions": _definitions,
}
CELLS: dict[str, Callable[[int], str]] = {
    "digits": lambda size: "1" * size,
    "blanks": lambda size: "1" + " " * size + "x",
    "colons": lambda size: "1:" * size,
    "years": lambda size: "2024 " * size,
    "dots": lambda size: "1.1,1'" * size,
    "letters": lambda size: "jan " * size,
    "spans": lambda size: "<span " * size,
    "folders": lambda size: "activities/" * size,
}


@pytest.mark.parametrize("build", DEVICE.values(), ids=DEVICE)
def test_device_files_take_time_in_proportion_to_their_bytes(build: Build) -> None:
    assert_in_proportion(build, _device, 40_000)


def test_members_of_a_gzip_file_take_time_in_proportion_to_its_bytes() -> None:
    assert_in_proportion(_members, lambda data: gunzip(data, "a"), 40_000)


@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
def test_cells_of_activities_csv_take_time_in_proportion_to_their_letters(
    cell: Callable[[int], str],
) -> None:
    columns = (
        "Activity ID",
        "Activity Date",
        "Activity Name",
        "Activity Type",
        "Elapsed Time",
        "Distance",
        "Filename",
    )

    def build(size: int) -> bytes:
        return csv_bytes([columns, ["1", *[cell(size)] * 6], [cell(size)] * 7])

    assert_in_proportion(build, _activities, 4_000)


@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
def test_headers_take_time_in_proportion_to_their_letters(cell: Callable[[int], str]) -> None:
    assert_in_proportion(lambda size: csv_bytes([[cell(size)] * 7, ["1"] * 7]), _activities, 4_000)


@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
def test_small_tables_take_time_in_proportion_to_their_letters(cell: Callable[[int], str]) -> None:
    def build(size: int) -> bytes:
        return csv_bytes([[cell(size)] * 5] * 3)

    def read(data: bytes) -> None:
        for name, table in TABLES.items():
            with suppress(IngestError):
                table.read(data, name)

    assert_in_proportion(build, read, 2_000)


def assert_in_proportion(build: Build, read: Read, size: int) -> None:
    one, many = build(size), build(size * _GROWTH)
    per_byte = [_seconds(read, data) / len(data) for data in (one, many)]
    least = _NOTHING_S / len(one)
    assert per_byte[1] <= _FACTOR * max(per_byte[0], least)


def _seconds(read: Read, data: bytes) -> float:
    spent = []
    for _ in range(3):
        begun = time.process_time()
        with suppress(IngestError):
            read(data)
        spent.append(time.process_time() - begun)
    return min(spent)
