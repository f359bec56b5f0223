"""The registry of parsers: every format of it is told by content and read under its own name."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import pytest

from ingest.errors import CorruptFile, IngestError, UnsupportedFormat
from ingest.transform.parsers import PARSERS, parse, parser_version, sniff
from tests.builders import DEVICE_FILES


@pytest.fixture(params=PARSERS)
def fmt(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    assert name in DEVICE_FILES, f"tests/builders.py: DEVICE_FILES has no function for {name!r}"
    return name


def test_a_file_is_recognized_by_its_own_format_alone(fmt: str) -> None:
    head = DEVICE_FILES[fmt](3)
    assert [name for name, entry in PARSERS.items() if entry.recognizes(head)] == [fmt]


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_file_is_read_under_the_name_that_the_ledger_knows(
    fmt: str, pack: Callable[[bytes], bytes]
) -> None:
    recording = parse(pack(DEVICE_FILES[fmt](3)), "activities/1.dat")
    assert (recording.format, recording.point_count) == (fmt, 3)
    assert parser_version(recording.format) == PARSERS[fmt].version


def format_or_origin(data: bytes) -> str:
    try:
        return parse(data, "1.dat").format
    except IngestError as err:
        return err.origin


def test_a_file_without_points_or_cut_off_is_read_or_refused_by_name(fmt: str) -> None:
    whole = DEVICE_FILES[fmt](3)
    for data in (DEVICE_FILES[fmt](0), whole[: len(whole) // 2], whole[:16]):
        assert format_or_origin(data) in (fmt, "1.dat")


@pytest.mark.parametrize("blank", [b"", b"\xef\xbb\xbf", b" \r\n\0" * 2000])
def test_a_blank_file_has_no_format(blank: bytes) -> None:
    with pytest.raises(CorruptFile):
        sniff(blank, "1.dat")


@pytest.mark.parametrize(
    ("head", "fmt"),
    [
        (b"\xef\xbb\xbf\n<GPX", "gpx"),
        ("<gpx".encode("utf-16"), "gpx"),
        (b"  <?xml?><!-- <gpx> --><TrainingCenterDatabase>", "tcx"),
        (b"\x0c\0\0\0\0\0\0\0.FIT", "fit"),
    ],
)
def test_a_format_is_told_in_all_its_writings(head: bytes, fmt: str) -> None:
    assert sniff(head, "1.dat") == fmt


@pytest.mark.parametrize("other", [b".FIT", b"<kml>", b"PK"])
def test_another_file_is_refused_with_the_formats_that_we_read(other: bytes) -> None:
    known = " nor ".join(map(str.upper, sorted(PARSERS)))
    with pytest.raises(UnsupportedFormat, match=rf"^1\.dat: neither {known}: it begins with"):
        sniff(other, "1.dat")
