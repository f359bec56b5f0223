"""Damaged and made-up GPX and TCX files: a recording or an error of ours comes out, and both paths
of reading give the same.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.errors import IngestError
from ingest.transform import parsers
from ingest.transform.parsers import gpx, regular_xml, tcx
from ingest.transform.parsers.gpx import GpxReader
from ingest.transform.parsers.tcx_reader import TcxReader
from ingest.transform.parsers.times import parse_time, parse_times
from ingest.transform.parsers.xml_points import PointReader, RawPoints, read_tolerant
from ingest.transform.parsers.xml_text import as_utf8
from ingest.transform.records import Recording
from ingest.transform.timezones import FIRST_YEAR, LAST_YEAR
from tests.builders import (
    GPX_TPX,
    TCX_TPX,
    gpx_activity,
    gpx_file,
    gpx_point,
    tcx_activity,
    tcx_file,
    tcx_lap,
    tcx_point,
)

Build = Callable[[RawPoints, PointReader, str], Recording]
GPX: tuple[type[PointReader], Build] = (GpxReader, gpx.build)  # type: ignore[assignment]
TCX: tuple[type[PointReader], Build] = (TcxReader, tcx.build)  # type: ignore[assignment]

FILES = {
    "gpx": gpx_activity(5),
    "gpx.utf16": gpx_activity(5).decode().encode("utf-16"),
    "gpx.odd": gpx_file(
        [gpx_point(None), gpx_point(time=None), gpx_point()], [gpx_point(inner="<ele>x</ele>")]
    ),
    "tcx": tcx_activity(5),
    "tcx.laps": tcx_file(
        tcx_lap(), tcx_lap(tcx_point(), tcx_point(None)), after="<Creator><Name>a</Name></Creator>"
    ),
}


@pytest.fixture(autouse=True, scope="module")
def _small_files_take_the_fast_path() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(regular_xml, "_MIN_POINTS", 3)
        yield


def outcome(read: Callable[[], Recording]) -> Recording | str:
    try:
        return read()
    except IngestError as err:
        return f"{type(err).__name__}: {err}"


def assert_same(ours: Recording | str, theirs: Recording | str) -> None:
    if isinstance(ours, str) or isinstance(theirs, str):
        assert ours == theirs
        return
    assert list(ours.points) == list(theirs.points)
    for name, column in ours.points.items():
        np.testing.assert_array_equal(column, theirs.points[name])
    assert replace(ours, points={}) == replace(theirs, points={})


def assert_both_paths_agree(
    data: bytes, kind: tuple[type[PointReader], Build], *, regular: bool | None = None
) -> None:
    reader_type, build = kind
    found = outcome(lambda: _regular(data, kind, regular))
    tolerant = reader_type()
    theirs = outcome(lambda: build(read_tolerant(as_utf8(data), tolerant, "a"), tolerant, "a"))
    assert_same(found, theirs)


def _regular(
    data: bytes, kind: tuple[type[PointReader], Build], expected: bool | None
) -> Recording:
    reader_type, build = kind
    if expected is not None:
        assert (regular_xml.read_regular(as_utf8(data), reader_type, "a") is not None) is expected
    reader, raw = regular_xml.read_points(as_utf8(data), reader_type, "a")
    return build(raw, reader, "a")


@pytest.mark.parametrize("name", FILES)
def test_a_file_cut_off_anywhere_gives_a_recording_or_an_error(name: str) -> None:
    data = FILES[name]
    for end in range(0, len(data), 7):
        outcome(lambda end=end: parsers.parse(data[:end], "a"))  # type: ignore[misc]


@pytest.mark.parametrize("name", FILES)
def test_a_file_with_changed_bytes_gives_a_recording_or_an_error_and_both_paths_agree(
    name: str,
) -> None:
    rng, kind = random.Random(name), GPX if name.startswith("gpx") else TCX
    for _ in range(300):
        data = bytearray(FILES[name])
        for _ in range(rng.choice((1, 1, 1, 5))):
            data[rng.randrange(len(data))] = rng.choice((rng.randrange(256), *b"<>&/\"'= \0]!-"))
        outcome(lambda data=data: parsers.parse(bytes(data), "a"))  # type: ignore[misc]
        assert_both_paths_agree(bytes(data), kind)


@given(st.binary(max_size=200))
def test_any_bytes_give_a_recording_or_an_error(data: bytes) -> None:
    for head in (
        b"",
        b"<gpx>",
        b"\xff\xfe",
        b"<?xml version='1.0' encoding='utf-7'?>",
        b"<TrainingCenterDatabase>",
    ):
        for parse in (parsers.parse, gpx.parse, tcx.parse):
            outcome(lambda parse=parse, head=head: parse(head + data, "a"))  # type: ignore[misc]


TEXTS = st.sampled_from(
    [
        "1",
        "0",
        "-12.25",
        " 7 ",
        "",
        "x",
        "1e3",
        "47,5",
        "nan",
        "1_0",
        "&#49;",
        "<!-- 5 -->6",
        "<![CDATA[8]]>",
    ]
)
TIMES = st.sampled_from(
    ["2024-05-01T06:00:00Z", "2024-05-01T06:00:01.5Z", "2024-05-01T08:00:00+02:00",
     "2024-05-01T06:00:00", "", "soon", None]
)  # fmt: skip
LEAVES = st.lists(
    st.tuples(
        st.sampled_from(["hr", "cad", "x:hr", "atemp", "temp", "power", "unknown", "desc"]), TEXTS
    ),
    max_size=3,
)


@st.composite
def gpx_points(draw: st.DrawFn) -> str:
    inner = "".join(f"\n <{name}>{text}</{name}>" for name, text in draw(LEAVES))
    inner = inner if draw(st.booleans()) else GPX_TPX.format(inner)
    lat = draw(st.sampled_from([47.0, "47.5", None, "", 95, "&#52;7"]))
    return gpx_point(lat, time=draw(TIMES), inner=inner) + draw(
        st.sampled_from(["", "\n", " ", "<!-- x -->"])
    )


@st.composite
def tcx_points(draw: st.DrawFn) -> str:
    before = draw(st.sampled_from(["", " ", "5"]))
    inner = f"<HeartRateBpm>{before}<Value>{draw(TEXTS)}</Value></HeartRateBpm>"
    inner = draw(
        st.sampled_from(
            [
                "",
                inner,
                f"<Cadence>{draw(TEXTS)}</Cadence>",
                inner + TCX_TPX.format("<Speed>2</Speed>"),
            ]
        )
    )
    return tcx_point(draw(TIMES), inner, place=draw(st.sampled_from([None, (47, 8), ("x", 8)])))


@given(st.lists(st.tuples(st.lists(gpx_points(), max_size=4), st.integers(1, 3)), max_size=3))
@settings(deadline=None)
def test_both_paths_read_the_same_from_any_gpx(segments: list[tuple[list[str], int]]) -> None:
    assert_both_paths_agree(gpx_file(*(points * repeat for points, repeat in segments)), GPX)


@given(st.lists(st.tuples(st.lists(tcx_points(), max_size=4), st.integers(1, 3)), max_size=3))
@settings(deadline=None)
def test_both_paths_read_the_same_from_any_tcx(laps: list[tuple[list[str], int]]) -> None:
    assert_both_paths_agree(tcx_file(*(tcx_lap(*points * repeat) for points, repeat in laps)), TCX)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (gpx_activity(40), GPX),
        (gpx_activity(40).replace(b"\n", b"\r\n"), GPX),
        (gpx_activity(40).replace(b"Morning", "Zürich".encode()), GPX),
        (gpx_activity(40).replace(b"      <gpxtpx:hr>121</gpxtpx:hr>\n", b""), GPX),
        (gpx_activity(40).replace(b'lat="47.0001080"', b'lat=""')
         .replace(b"18</g", b" 1<!-- -->8</g", 1), GPX),
        (gpx_activity(40).replace(b"18</gpxtpx:atemp>", b"18</gpxtpx:atemp><name>a b</name>"), GPX),
        (gpx_activity(40).replace(b"   </trkpt>\n", b"   </trkpt>\n</trkseg><trkseg>", 20), GPX),
        (tcx_activity(40), TCX),
        (tcx_activity(40).replace(b"ns3:", b""), TCX),
        (tcx_activity(40).replace(b"<HeartRateBpm>", b'<HeartRateBpm '
                                 b'xsi:type="HeartRateInBeatsPerMinute_t">'), TCX),
        (tcx_activity(40).replace(b"          </Trackpoint>\n",
         b"</Trackpoint></Track></Lap><Lap><Track>", 20), TCX),
    ],
)  # fmt: skip
def test_a_regular_file_takes_the_fast_path_and_gives_the_same(
    data: bytes, kind: tuple[type[PointReader], Build]
) -> None:
    assert_both_paths_agree(data, kind, regular=True)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (gpx_activity(40)[:-30], GPX),
        (gpx_activity(40).replace(b"trkpt", b"g:trkpt"), GPX),
        (gpx_activity(40).replace(b"<trkseg>", b"<trkseg><!-- ")
         .replace(b"</trkseg>", b" --></trkseg>"), GPX),
        (gpx_activity(40).replace(b"Morning Run", b"regular-points-of-strava-ingest"), GPX),
        (gpx_activity(40).replace(b"<power>", b"<watts>1</watts><power>"), GPX),
        (gpx_activity(40).replace(b"<power>", b"<gpxtpx:hr>1</gpxtpx:hr><power>"), GPX),
        (tcx_activity(40).replace(b"Activit", b"Course")
         .replace(b"Coursey", b"Course").replace(b"Courseies", b"Courses"), TCX),
    ],
)  # fmt: skip
def test_a_file_in_doubt_is_read_tolerantly(
    data: bytes, kind: tuple[type[PointReader], Build]
) -> None:
    assert_both_paths_agree(data, kind, regular=False)


BOUNDS = (datetime(FIRST_YEAR, 1, 2), datetime(LAST_YEAR, 12, 30))
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.one_of(st.datetimes(*BOUNDS), st.datetimes(*BOUNDS, timezones=ZONES))


@given(
    st.lists(
        st.tuples(MOMENTS, st.sampled_from(["auto", "milliseconds", "microseconds", "seconds"])),
        min_size=1,
    )
)
def test_any_time_that_python_writes_is_read(moments: list[tuple[datetime, str]]) -> None:
    texts = [moment.isoformat(timespec=spec).replace("+00:00", "Z") for moment, spec in moments]
    expected = [datetime.fromisoformat(text) for text in texts]
    expected = [moment if moment.tzinfo else moment.replace(tzinfo=UTC) for moment in expected]
    times = parse_times(texts)
    assert times.known.all()
    assert times.micros.tolist() == [
        (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
        for moment in expected
    ]
    assert times.naive == all(moment.tzinfo is None for moment, _ in moments)


NEARLY = st.from_regex(
    r"[0-9]{4}-[0-3][0-9]-[0-3][0-9][T "
    r"][0-2][0-9]:[0-6][0-9]:[0-6][0-9](\.[0-9]{1,7})?(Z|[+-][0-2][0-9]:[0-9]{2})?",
    fullmatch=True,
)


@given(st.lists(st.one_of(NEARLY, st.text(max_size=24), st.none()), max_size=6))
def test_a_time_reads_the_same_alone_and_in_a_column(texts: list[str | None]) -> None:
    together, alone = parse_times(texts), [parse_times([text]) for text in texts]
    assert together.known.tolist() == [bool(times.known[0]) for times in alone]
    assert together.micros[together.known].tolist() == [
        int(times.micros[0]) for times in alone if times.known[0]
    ]
    assert together.known.tolist() == [parse_time(text) is not None for text in texts]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-05-01T06:00:60Z", "2024-05-01T06:01:00+00:00"),
        ("2024-5-1T6:00:00Z", "2024-05-01T06:00:00+00:00"),
        ("2024-05-01 06:00:00,25z", "2024-05-01T06:00:00.250000+00:00"),
        ("2024-05-01T08:00:00+0200", "2024-05-01T06:00:00+00:00"),
        ("2024-02-29T00:00:00-01", "2024-02-29T01:00:00+00:00"),
        ("2023-02-29T00:00:00Z", None),
        ("2024-05-01T24:00:00Z", None),
        ("2024-05-01T06:00:61Z", None),
        ("2024-05-01T06:00:00+24:00", None),
        ("2024-05-01", None),
        ("1899-12-31T00:00:00Z", None),
        ("٢٠٢٤-05-01T06:00:00Z", "2024-05-01T06:00:00+00:00"),
        ("2024-05-01T06:00:00ZZ", "2024-05-01T06:00:00+00:00"),
        ("2024.05.01 06:00:00", "2024-05-01T06:00:00+00:00"),
        ("2024-05-01T06.00.00.5Z", "2024-05-01T06:00:00.500000+00:00"),
        ("２０２４-０５-０１T０６:００:００Z", "2024-05-01T06:00:00+00:00"),
        ("2024.05-01 06:00:00", None),
    ],
)
def test_an_odd_time_is_read_or_not_known(text: str, expected: str | None) -> None:
    found = parse_time(text)
    assert (found and found[0].isoformat()) == expected
