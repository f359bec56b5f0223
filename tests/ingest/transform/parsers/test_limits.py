"""Files that no device writes: each is refused by name, soon, before it fills the memory; and no
number leaves its column.
"""

from __future__ import annotations

import struct
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from ingest.errors import CorruptFile, IngestError, NoSamples, TooLarge
from ingest.transform import parsers
from ingest.transform.parsers import fit, fit_stream, regular_xml, tcx, xml_points
from ingest.transform.parsers.limits import (
    MAX_ABOUT,
    MAX_CHAINED,
    MAX_DEFINITIONS,
    MAX_DEVELOPER_FIELDS,
    MAX_FIT_SIZE,
    MAX_LAPS,
    MAX_MESSAGES,
    MAX_NAMES,
)
from tests.bounds import MIB, bounded
from tests.builders import (
    Fit,
    fit_activity,
    fit_time,
    gpx_file,
    gpx_point,
    tcx_file,
    tcx_lap,
    tcx_point,
)

START = datetime(2024, 5, 1, 6, tzinfo=UTC)
T = fit_time(START)


def refusal(data: bytes, kind: type[IngestError] = TooLarge) -> str:
    with pytest.raises(kind) as caught:
        parsers.parse(data, "a")
    return caught.value.reason


# --- FIT
# --------------------------------------------------------------------------------------------------


def messages(number: int, count: int) -> bytes:
    """So many messages of two bytes."""
    return Fit().define(0, number, (3, "uint8")).raw(b"\0\x50" * count).build()


def alternating(count: int) -> bytes:
    body = b"\0\x50\1\x50" * (count // 2)
    return Fit().define(0, 20, (3, "uint8")).define(1, 20, (4, "uint8")).raw(body).build()


def definitions(count: int) -> bytes:
    fit_file = Fit()
    for i in range(count):
        fit_file.raw(struct.pack("<3BHB3B", 0x40, 0, 0, i % 60_000, 1, i // 60_000, 1, 2))
    return fit_file.build()


def test_a_fit_file_of_more_than_32_mib_is_refused_unread() -> None:
    data = fit_activity().ljust(MAX_FIT_SIZE + 1, b"\0")
    with bounded(1):
        assert refusal(data) == "has more than the limit of 32 MiB for a FIT file"


@pytest.mark.parametrize("make", [lambda n: messages(20, n), alternating])
def test_more_messages_than_are_read_are_refused_early(
    make: Callable[[int], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = make(3 * MIB)
    monkeypatch.setattr(fit_stream, "MAX_MESSAGES", 200_000)
    with bounded(20):
        assert refusal(data) == "has more than the limit of 200,000 FIT messages"


def test_two_million_messages_are_read_and_no_more() -> None:
    assert (
        refusal(messages(20, MAX_MESSAGES))
        == f"has more than the limit of {MAX_MESSAGES:,} FIT messages"
    )
    assert (
        refusal(messages(20, MAX_MESSAGES - 1), NoSamples)
        == "it is a FIT file without records, laps or sessions"
    )


def test_definitions_count_as_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    data = Fit()
    for _ in range(20):
        data.define(0, 20, (3, "uint8"))
    monkeypatch.setattr(fit_stream, "MAX_MESSAGES", 19)
    assert refusal(data.build()) == "has more than the limit of 19 FIT messages"


def test_more_different_definitions_than_devices_have_are_refused() -> None:
    with bounded(10):
        assert (
            refusal(definitions(60_000))
            == f"has more than the limit of {MAX_DEFINITIONS:,} different FIT definitions"
        )


def test_more_chained_files_than_any_tool_makes_are_refused() -> None:
    assert (
        refusal(Fit().build() * (MAX_CHAINED + 1))
        == f"holds more than the limit of {MAX_CHAINED:,} FIT files, one after another"
    )


@pytest.mark.parametrize(
    ("number", "name", "most"),
    [
        (19, "lap", MAX_LAPS),
        (18, "session", MAX_LAPS),
        (101, "length", MAX_LAPS),
        (23, "device_info", MAX_ABOUT),
        (206, "field_description", MAX_DEVELOPER_FIELDS),
    ],
)
def test_more_laps_or_devices_than_are_read_are_refused(number: int, name: str, most: int) -> None:
    said = f"has {most + 1:,} FIT messages of kind {name}, more than the limit of {most:,}"
    assert refusal(messages(number, most + 1)) == said


@pytest.mark.parametrize("step", [1, 7, 64, 1000])
def test_where_messages_are_counted_does_not_change_what_is_read(
    step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = fit_activity(200) + fit_activity(50)
    damaged = data[:1500] + data[1507:]
    whole = [fit.parse(each, "a") for each in (data, damaged)]
    monkeypatch.setattr(fit_stream, "_COUNTED", step)
    for each, expected in zip((data, damaged), whole, strict=True):
        found = fit.parse(each, "a")
        assert (found.laps, found.sessions, found.partial) == (
            expected.laps,
            expected.sessions,
            expected.partial,
        )
        for name, column in expected.points.items():
            np.testing.assert_array_equal(found.points[name], column)


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("uint32", 2**31 - 1, 2**31 - 1),
        ("uint32", 2**31, None),
        ("sint64", -(2**31) - 1, None),
        ("float64", float("inf"), None),
        ("float64", 1e300, None),
        ("float32", float("nan"), None),
    ],
)
def test_a_count_that_no_integer_column_holds_is_none(
    kind: str, value: float, expected: int | None
) -> None:
    fields: list[tuple[Any, ...]] = [(253, "uint32"), (25, kind), (26, kind)]
    session = fit.parse(Fit().define(0, 18, *fields).add(0, T, value, value).build(), "a").sessions[
        0
    ]
    assert (session.first_lap_index, session.num_laps) == (expected, expected)
    length = Fit().define(0, 101, (253, "uint32"), (5, kind)).add(0, T, value).build()
    assert fit.parse(length, "a").lengths[0].total_strokes == expected


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan")])
def test_a_total_that_is_not_finite_is_none(value: float) -> None:
    data = (
        Fit()
        .define(0, 19, (2, "uint32"), (9, "float64"), (3, "float32"))
        .add(0, T, value, value)
        .build()
    )
    (lap,) = fit.parse(data, "a").laps
    assert (lap.start_time_utc, lap.distance_m, lap.start_latitude) == (START, None, None)


@pytest.mark.parametrize("value", [0.0, -1e300, 1e300, 2.0**32, 1.0])
def test_a_lap_that_starts_on_no_date_has_no_start(value: float) -> None:
    data = Fit().define(0, 19, (2, "float64"), (9, "uint32")).add(0, value, 100).build()
    assert fit.parse(data, "a").laps[0].start_time_utc is None


@pytest.mark.parametrize("value", [1e300, -1e300, 2.0**33, -5.0])
def test_records_at_times_that_are_none_are_no_track(value: float) -> None:
    with pytest.raises(NoSamples):
        fit.parse(
            Fit().define(0, 20, (253, "float64"), (3, "uint8")).add(0, value, 99).build(), "a"
        )


def test_a_developer_field_scaled_past_all_numbers_is_missing() -> None:
    described = (
        (0, "uint8"),
        (1, "uint8"),
        (2, "uint8"),
        (6, "float64"),
        (14, "uint16"),
        (15, "uint8"),
    )
    file = Fit().define(0, 206, *described).add(0, 0, 0, 0x89, 1e-300, 20, 7)
    file.define(1, 20, (253, "uint32"), developer=((0, 0, "float64"),))
    points = fit.parse(file.add(1, T, 1e300).add(1, T + 1, 1e-300).build(), "a").points
    assert points["power_w"].tolist() == pytest.approx([np.nan, 1.0], nan_ok=True)


# --- GPX and TCX
# --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("element", ["<Lap/>", "<Lap></Lap>"])
def test_more_laps_than_are_read_are_unreasonable(element: str) -> None:
    with bounded(60):
        assert (
            refusal(tcx_file(element * MIB), CorruptFile)
            == f"the XML has more than {MAX_LAPS:,} laps"
        )


def test_more_activities_than_are_read_are_unreasonable() -> None:
    data = tcx_file("</Activity>" + "<Activity></Activity>" * MAX_LAPS + "<Activity>")
    assert refusal(data, CorruptFile) == f"the XML has more than {MAX_LAPS:,} activities"


def test_as_many_laps_as_are_read_are_read_soon() -> None:
    begun = time.monotonic()
    assert len(parsers.parse(tcx_file("<Lap/>" * MAX_LAPS), "a").laps) == MAX_LAPS
    assert time.monotonic() - begun < 5


def test_a_flood_of_points_without_position_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_points, "MAX_POINTS", 1000)
    assert refusal(gpx_file(["<trkpt/>"] * 1001)) == "has more points than the limit of 1,000"
    assert (
        refusal(tcx_file(tcx_lap("<Trackpoint/>" * 1001)))
        == "has more points than the limit of 1,000"
    )
    assert refusal(gpx_file(["<trkpt/>"] * 1000), NoSamples).startswith(
        "none of the 1000 track points"
    )


def test_more_regular_points_than_are_read_are_refused_unparsed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(regular_xml, "MAX_POINTS", 1000)
    said = "has 1,001 points, more than the limit of 1,000"
    assert refusal(gpx_file([gpx_point()] * 1001)) == said
    assert refusal(tcx_file(tcx_lap(*[tcx_point()] * 1001))) == said
    assert parsers.parse(gpx_file([gpx_point()] * 1000), "a").point_count == 1000


@pytest.mark.parametrize("form", ["<a{}/>", "<a b{}='1'/>"])
def test_names_without_end_are_unreasonable(form: str) -> None:
    data = gpx_file(["".join(map(form.format, range(MAX_NAMES + 1)))])
    assert (
        refusal(data, CorruptFile)
        == f"the XML has more than {MAX_NAMES:,} names of elements and attributes"
    )
    data = gpx_file(["<trkpt>", *map("<a{}/>".format, range(MAX_NAMES + 1))])
    assert (
        refusal(data, CorruptFile)
        == f"the XML has more than {MAX_NAMES:,} names of elements and attributes"
    )


def test_totals_that_are_too_much_together_are_none() -> None:
    lap = tcx_lap(totals="<Calories>1e308</Calories><MaximumSpeed>1e308</MaximumSpeed>")
    between = "</Activity><Activity Sport='Biking'>"
    recording = tcx.parse(tcx_file(lap, lap, between, lap), "a.tcx")
    assert [row.calories_kcal for row in recording.sessions] == [None, 1e308]
    assert [row.calories_kcal for row in recording.laps] == [1e308] * 3


@pytest.mark.parametrize("text", ["nan", "inf", "-Infinity", "1e999"])
def test_a_total_that_is_no_number_is_none(text: str) -> None:
    (lap,) = tcx.parse(
        tcx_file(tcx_lap(totals=f"<DistanceMeters>{text}</DistanceMeters>")), "a.tcx"
    ).laps
    assert lap.distance_m is None


@pytest.mark.parametrize(
    "text",
    [
        "1899-12-31T23:59:59Z",
        "1900-01-01T00:00:00+01:00",
        "2199-12-31T23:30:00-01:00",
        "9999-12-31T23:59:59Z",
    ],
)
def test_a_time_that_is_not_kept_is_none(text: str) -> None:
    assert tcx.parse(tcx_file(tcx_lap(start=text)), "a.tcx").laps[0].start_time_utc is None
    assert (
        refusal(gpx_file([gpx_point(time=text)] * 3), NoSamples)
        == "none of the 3 track points has a time"
    )
    assert refusal(gpx_file([gpx_point(time=text), gpx_point(time=text + " ")]), NoSamples)


def test_speeds_that_are_far_beyond_each_other_are_compared_in_peace() -> None:
    times = [f"2024-05-01T06:00:0{second}Z" for second in range(3)]
    lap = tcx_lap(
        *(
            tcx_point(at, f"<DistanceMeters>{metres}</DistanceMeters>")
            for at, metres in zip(times, ("-1e308", "1e308", "1e-320"), strict=True)
        ),
        totals="<MaximumSpeed>1e308</MaximumSpeed>",
    )
    assert tcx.parse(tcx_file(lap), "a.tcx").laps[0].max_speed_mps == 1e308
