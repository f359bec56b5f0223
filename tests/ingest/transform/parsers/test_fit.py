"""FIT files as devices write them, and as they should not: what the reader makes of each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import pytest

from ingest.errors import CorruptFile, NoSamples
from ingest.reference import fit as reference
from ingest.transform import parsers
from ingest.transform.parsers import fit
from tests.builders import FIT_RECORD, Fit, FitValue, fit_activity, fit_time, semicircles

START = datetime(2024, 5, 1, 6, 0, tzinfo=UTC)
T = fit_time(START)
TIME = (253, "uint32")


def records(
    *fields: tuple[int | str, ...],
    rows: Sequence[tuple[FitValue, ...]],
    big_endian: bool = False,
    header_size: int = 14,
) -> bytes:
    """A file of records with a time per second and these fields."""
    file = Fit(big_endian=big_endian, header_size=header_size).define(0, 20, TIME, *fields)
    for i, row in enumerate(rows):
        file.add(0, T + i, *row)
    return file.build()


def column(data: bytes, name: str) -> list[float]:
    found: list[float] = fit.parse(data, "a.fit").points[name].tolist()
    return found


def test_an_activity_gives_points_lap_session_device_and_offset() -> None:
    recording = parsers.parse(fit_activity(points=5), "a.fit")
    assert recording.point_count == 5
    assert recording.start_time_utc == START
    assert recording.points["elapsed_s"].tolist() == [0, 1, 2, 3, 4]
    assert recording.points["latitude"] == pytest.approx(
        [47 + i * 2.7e-5 for i in range(5)], abs=1e-7
    )
    assert recording.points["altitude_m"].tolist() == [400.0] * 5
    assert (recording.laps[0].distance_m, recording.sessions[0].elapsed_time_s) == (12.0, 4.0)
    assert (recording.device.name, recording.device.serial_number) == ("Garmin fenix5", "4711")
    assert (recording.sport, recording.utc_offset_s, recording.partial) == ("running", 7200, None)


@pytest.mark.parametrize("big_endian", [False, True])
@pytest.mark.parametrize("header_size", [12, 14])
def test_byte_order_and_header_size_do_not_matter(big_endian: bool, header_size: int) -> None:
    data = records(
        (5, "uint32"), rows=[(100,), (250,)], big_endian=big_endian, header_size=header_size
    )
    assert column(data, "distance_m") == [1.0, 2.5]


def test_zero_is_a_value_and_the_invalid_marker_is_not() -> None:
    data = records((3, "uint8"), (7, "uint16"), rows=[(0, 0), (None, None), (60, 200)])
    assert column(data, "heartrate_bpm") == pytest.approx([0, np.nan, 60], nan_ok=True)
    assert column(data, "power_w") == pytest.approx([0, np.nan, 200], nan_ok=True)


def test_a_column_without_any_value_is_left_out() -> None:
    assert (
        "power_w" not in fit.parse(records((7, "uint16"), rows=[(None,), (None,)]), "a.fit").points
    )


def test_enhanced_speed_and_altitude_win_where_they_have_a_value() -> None:
    fields = ((6, "uint16"), (73, "uint32"), (2, "uint16"), (78, "uint32"))
    data = records(*fields, rows=[(1000, 2000, 3000, 5000), (1000, None, 3000, None)])
    assert column(data, "speed_mps") == [2.0, 1.0]
    assert column(data, "altitude_m") == [500.0, 100.0]


def test_positions_are_degrees_and_no_latitude_is_beyond_the_pole() -> None:
    data = records(
        (0, "sint32"),
        (1, "sint32"),
        rows=[
            (semicircles(-33.5), semicircles(-179.5)),
            (semicircles(120), 1),
            (0, semicircles(5)),
        ],
    )
    assert column(data, "latitude") == pytest.approx([-33.5, np.nan, 0], abs=1e-6, nan_ok=True)
    assert column(data, "longitude") == pytest.approx([-179.5, np.nan, 5], abs=1e-6, nan_ok=True)


def test_the_fraction_of_a_cadence_is_added() -> None:
    rows = [(80, 64), (80, None), (None, 64)]
    found = column(records((4, "uint8"), (53, "uint8"), rows=rows), "cadence_rpm")
    assert found == pytest.approx([80.5, 80.0, np.nan], nan_ok=True)


@pytest.mark.parametrize(
    ("kind", "value"),
    [("uint8", 180), ("uint32", 180), ("float32", 180.0), ("float64", 180.0), ("uint64", 180)],
)
def test_a_field_is_read_in_the_type_that_the_definition_says(kind: str, value: float) -> None:
    assert column(records((7, kind), rows=[(value,), (None,)]), "power_w") == pytest.approx(
        [180, np.nan], nan_ok=True
    )


def test_arrays_and_strings_are_no_number() -> None:
    data = records(
        (7, "uint16", 4), (3, "string", 3), (4, "uint8"), rows=[(b"\1\0\2\0", b"120", 80)]
    )
    assert set(fit.parse(data, "a.fit").points) == {"elapsed_s", "cadence_rpm"}


def test_a_one_byte_field_of_a_longer_type_is_read_as_coros_means_it() -> None:
    # COROS declares event.data as uint32 of one byte; fitparse gives up.
    data = records((7, "uint32", 1), rows=[(b"\x78",), (b"\xff",), (b"\x00",)])
    assert column(data, "power_w") == pytest.approx([120, np.nan, 0], nan_ok=True)


def test_a_field_of_a_size_that_no_number_has_is_skipped() -> None:
    data = records((7, "uint32", 3), (3, "uint8"), rows=[(b"abc", 99)])
    assert column(data, "heartrate_bpm") == [99.0]


def test_compressed_speed_and_distance_are_unpacked_and_accumulated_like_fitparse() -> None:
    packed = [
        speed | (distance << 12)
        for speed, distance in ((250, 4000), (260, 4090), (270, 10), (280, 90))
    ]
    rows = [(value.to_bytes(3, "little"),) for value in packed]
    rows.insert(2, (b"\xff\xff\xff",))
    data = records((8, "byte", 3), rows=rows)
    assert column(data, "speed_mps") == pytest.approx([2.5, 2.6, np.nan, 2.7, 2.8], nan_ok=True)
    assert column(data, "distance_m") == pytest.approx(
        [250, 255.625, np.nan, 256.625, 261.625], nan_ok=True
    )
    for name in ("speed_mps", "distance_m"):
        np.testing.assert_allclose(column(data, name), reference.points(data)[name])


def test_compressed_distance_begins_anew_in_each_chained_file() -> None:
    row = [((1600 << 12).to_bytes(3, "little"),), ((100 << 12).to_bytes(3, "little"),)]
    data = records((8, "byte", 3), rows=row)
    assert column(data + data, "distance_m") == [100.0, 262.25, 100.0, 262.25]


def test_compressed_timestamps_count_on_from_the_last_time_and_overflow() -> None:
    base = T - T % 32 + 30
    file = Fit().define(0, 20, TIME, (3, "uint8")).define(1, 20, (3, "uint8")).add(0, base, 100)
    for step in (
        1,
        2,
        3,
        35,
        36,
    ):  # the low five bits say 31, 0, 1, 1 (which is 32 s on, not known), 2
        file.add(1, 100 + step, time_offset=(base + step) % 32)
    assert column(file.build(), "elapsed_s") == [0, 1, 2, 3, 3, 4]


def test_compressed_timestamps_count_on_from_messages_of_any_kind() -> None:
    file = (
        Fit().define(2, 21, TIME, (0, "enum")).define(1, 20, (3, "uint8")).define(3, 0xFF00, TIME)
    )
    file.add(2, T, 0).add(1, 100, time_offset=(T + 5) % 32).add(3, T + 60).add(
        1, 101, time_offset=(T + 61) % 32
    )
    assert column(file.build(), "elapsed_s") == [0, 56]


def test_times_since_power_on_are_a_track_without_a_date() -> None:
    data = Fit().define(0, 20, TIME, (3, "uint8")).add(0, 1000, 99).add(0, 1005, 98).build()
    recording = fit.parse(data, "a.fit")
    assert recording.points["elapsed_s"].tolist() == [0, 5]
    assert recording.naive_time


def test_a_record_without_time_is_interpolated_between_neighbours_and_dropped_at_the_ends() -> None:
    file = Fit().define(0, 20, TIME, (3, "uint8"))
    for time, heart in ((None, 1), (T, 2), (None, 3), (None, 4), (T + 6, 5), (None, 6)):
        file.add(0, time, heart)
    recording = fit.parse(file.build(), "a.fit")
    assert recording.points["elapsed_s"].tolist() == [0, 2, 4, 6]
    assert recording.points["heartrate_bpm"].tolist() == [2, 3, 4, 5]


def test_a_stray_clock_costs_its_points_and_is_told() -> None:
    file = Fit().define(0, 20, TIME, (3, "uint8"))
    for second in (-1024 * 7 * 86400, 0, 1, 2, 9 * 3600, 3, 4):
        file.add(0, T + second, 120)
    recording = fit.parse(file.build(), "a.fit")
    assert (recording.start_time_utc, recording.points["elapsed_s"].tolist()) == (
        START,
        [0, 1, 2, 3, 4],
    )
    assert recording.partial == "2 of 7 points have a wrong time, far from the others"


def test_a_pause_overnight_costs_nothing() -> None:
    file = Fit().define(0, 20, TIME, (3, "uint8"))
    for second in (*range(40), *range(50_000, 50_040)):
        file.add(0, T + second, 120)
    recording = fit.parse(file.build(), "a.fit")
    assert (recording.point_count, recording.partial) == (80, None)


def test_a_clock_that_was_not_set_yet_gives_no_points() -> None:
    file = Fit().define(0, 20, TIME, (3, "uint8"))
    for time, heart in ((T - 10**8, 1), (500, 2), (T, 3), (T + 1, 4)):
        file.add(0, time, heart)
    assert column(file.build(), "heartrate_bpm") == [3, 4]


def test_records_without_any_time_are_no_track() -> None:
    with pytest.raises(NoSamples):
        fit.parse(Fit().define(0, 20, (3, "uint8")).add(0, 100).build(), "a.fit")


def test_records_of_several_definitions_stay_in_file_order() -> None:
    file = Fit().define(0, 20, TIME, (3, "uint8")).define(1, 20, TIME, (3, "uint8"), (7, "uint16"))
    file.add(0, T, 1).add(1, T + 1, 2, 200).add(0, T + 2, 3).define(0, 20, (7, "uint16"), TIME).add(
        0, 300, T + 3
    )
    data = file.build()
    assert column(data, "heartrate_bpm") == pytest.approx([1, 2, 3, np.nan], nan_ok=True)
    assert column(data, "power_w") == pytest.approx([np.nan, 200, np.nan, 300], nan_ok=True)


def test_long_runs_are_found_whole() -> None:
    file = Fit().define(0, 20, TIME, (3, "uint8")).define(1, 21, TIME, (0, "enum"))
    for i in range(5000):
        file.add(0, T + i, i % 200)
        if i in (31, 32, 33, 290, 2400):
            file.add(1, T + i, 0)
    recording = fit.parse(file.build(), "a.fit")
    assert recording.points["elapsed_s"].tolist() == list(range(5000))
    assert recording.points["heartrate_bpm"].tolist() == [i % 200 for i in range(5000)]


def developer_file(
    native_message: int | None, native_field: int | None, own_power: int | None, **scaling: int
) -> bytes:
    file = Fit().define(0, 207, (3, "uint8")).add(0, 0)
    names = (
        (0, "uint8"),
        (1, "uint8"),
        (2, "uint8"),
        (14, "uint16"),
        (15, "uint8"),
        (6, "uint8"),
        (7, "sint8"),
    )
    file.define(1, 206, *names)
    file.add(
        1, 0, 5, 0x84, native_message, native_field, scaling.get("scale"), scaling.get("offset")
    )
    file.define(2, 20, TIME, (7, "uint16"), developer=((5, 0, "uint16"), (9, 1, "float64")))
    return file.add(2, T, own_power, 250, 1.0).add(2, T + 1, None, 260, 2.0).build()


def test_a_developer_field_stands_for_the_native_one_that_is_missing() -> None:
    assert column(developer_file(20, 7, None), "power_w") == [250, 260]


def test_a_developer_field_does_not_fill_a_native_one_that_is_there() -> None:
    assert column(developer_file(20, 7, 100), "power_w") == pytest.approx(
        [100, np.nan], nan_ok=True
    )


@pytest.mark.parametrize(("message", "field"), [(18, 7), (20, 200), (20, None)])
def test_a_developer_field_of_another_meaning_is_skipped(message: int, field: int | None) -> None:
    assert "power_w" not in fit.parse(developer_file(message, field, None), "a.fit").points


def test_a_developer_field_is_scaled_as_described() -> None:
    assert column(developer_file(20, 7, None, scale=10, offset=5), "power_w") == [20, 21]


def test_chained_files_are_one_recording() -> None:
    recording = fit.parse(
        fit_activity(3) + fit_activity(2, start=datetime(2024, 5, 1, 7, 0, tzinfo=UTC)), "a.fit"
    )
    assert recording.points["elapsed_s"].tolist() == [0, 1, 2, 3600, 3601]
    assert [session.session_index for session in recording.sessions] == [0, 1]
    assert recording.partial is None


@pytest.mark.parametrize("crc", [b"\0\0", b"\xab\xcd", b""], ids=["zero", "wrong", "missing"])
def test_the_checksum_does_not_matter(crc: bytes) -> None:
    recording = fit.parse(Fit().define(0, 20, TIME).add(0, T).build(crc=crc), "a.fit")
    assert (recording.point_count, recording.partial) == (1, None)


@pytest.mark.parametrize("size", [0, 20], ids=["zero", "too small"])
def test_a_wrong_size_in_the_header_does_not_matter(size: int) -> None:
    file = Fit().define(0, 20, *FIT_RECORD)
    for i in range(10):
        file.add(0, T + i, 1, 2, 3, 4, 5, 6)
    recording = fit.parse(file.build(data_size=size), "a.fit")
    assert (recording.point_count, recording.partial) == (10, None)


def test_a_size_beyond_the_end_is_a_file_cut_short() -> None:
    data = fit_activity(10)
    recording = fit.parse(data[:200], "a.fit")
    assert 0 < recording.point_count < 10
    assert recording.partial is not None
    assert "cut short" in recording.partial


def test_padding_after_the_file_is_no_damage() -> None:
    assert fit.parse(fit_activity(3) + b"\0" * 500 + b"\xff" * 12, "a.fit").partial is None


def test_rubbish_after_the_file_is_told() -> None:
    recording = fit.parse(fit_activity(3) + b"not a FIT file at all", "a.fit")
    assert recording.point_count == 3
    assert recording.partial is not None
    assert "not FIT" in recording.partial


def test_a_file_after_rubbish_is_still_read() -> None:
    recording = fit.parse(fit_activity(3) + b"rubbish" + fit_activity(2), "a.fit")
    assert (recording.point_count, len(recording.sessions)) == (5, 2)


def test_a_lost_byte_costs_a_message_and_the_rest_is_found_again() -> None:
    file = (
        Fit(big_endian=True)
        .define(0, 20, TIME, (0, "sint32"), (1, "sint32"), (5, "uint32"))
        .define(1, 20, TIME, (3, "uint8"))
    )
    for i in range(40):
        file.add(0, T + 2 * i, 5, 6, i * 100).add(1, T + 2 * i + 1, 99)
    data = file.build()
    recording = fit.parse(data[:400] + data[401:], "a.fit")
    assert 74 <= recording.point_count < 80
    assert recording.points["elapsed_s"].max() == 79
    assert recording.partial is not None
    assert "damaged from byte" in recording.partial


def test_a_message_without_definition_ends_the_track_where_nothing_follows() -> None:
    recording = fit.parse(
        Fit().define(0, 20, TIME).add(0, T).raw(b"\x0b" + b"\1" * 50).build(), "a.fit"
    )
    assert recording.point_count == 1
    assert recording.partial is not None
    assert "damaged at byte" in recording.partial


def test_laps_and_sessions_have_everything_that_the_file_says() -> None:
    fields = (
        (2, "uint32"), (7, "uint32"), (8, "uint32"), (9, "uint32"), (11, "uint16"),
        (13, "uint16"), (110, "uint32"),
        (15, "uint8"), (17, "uint8"), (21, "uint16"), (22, "uint16"), (23, "enum"),
        (24, "enum"), (3, "sint32"),
        (50, "sint8"), (52, "uint32"), (4, "sint32"),
    )  # fmt: skip
    file = Fit().define(0, 19, *fields)
    file.add(
        0,
        T,
        61000,
        60000,
        20000,
        33,
        3000,
        3333,
        140,
        82,
        12,
        0,
        0,
        0,
        semicircles(47.5),
        -4,
        59000,
        semicircles(8),
    )
    file.add(
        0, T + 61, 10000, 9000, 0, None, 2000, None, None, 0, None, 3, 1, 7, None, None, None, None
    )
    first, second = fit.parse(file.build(), "a.fit").laps
    assert (first.start_time_utc, first.elapsed_time_s, first.moving_time_s) == (START, 61, 59)
    assert (first.distance_m, first.calories_kcal, first.average_speed_mps) == (200, 33, 3.333)
    assert (first.average_heartrate_bpm, first.average_cadence_rpm) == (140, 82)
    assert (first.total_elevation_gain_m, first.elevation_loss_m, first.average_temperature_c) == (
        12,
        0,
        -4,
    )
    assert (first.trigger, first.intensity, first.lap_index) == ("manual", "active", 0)
    assert first.start_latitude == pytest.approx(47.5, abs=1e-6)
    assert (second.moving_time_s, second.average_speed_mps, second.distance_m) == (9, 2.0, 0)
    assert (second.trigger, second.intensity, second.lap_index) == ("session_end", "rest", 1)
    assert (second.calories_kcal, second.start_latitude) == (None, None)


def test_a_file_without_records_is_its_sessions() -> None:
    file = Fit().define(
        0,
        18,
        (2, "uint32"),
        (7, "uint32"),
        (5, "enum"),
        (6, "enum"),
        (26, "uint16"),
        (25, "uint16"),
    )
    recording = fit.parse(file.add(0, T, 5000, 64, 94, 2, 0).build(), "a.fit")
    session = recording.sessions[0]
    assert (recording.start_time_utc, recording.point_count, session.elapsed_time_s) == (
        START,
        0,
        5,
    )
    assert (session.sport, session.sub_sport, session.num_laps, session.first_lap_index) == (
        "racket",
        "squash",
        2,
        0,
    )


def test_all_sessions_of_a_multisport_file_are_kept() -> None:
    file = (
        Fit()
        .define(0, 18, (2, "uint32"), (5, "enum"))
        .add(0, T, 5)
        .add(0, T + 900, 3)
        .add(0, T + 960, 200)
    )
    assert [session.sport for session in fit.parse(file.build(), "a.fit").sessions] == [
        "swimming",
        "transition",
        "200",
    ]


def test_pool_lengths_are_read() -> None:
    file = Fit().define(
        0,
        101,
        (2, "uint32"),
        (3, "uint32"),
        (4, "uint32"),
        (5, "uint16"),
        (6, "uint16"),
        (7, "enum"),
        (9, "uint8"),
        (12, "enum"),
    )
    file.add(0, T, 31000, 30000, 18, 806, 0, 35, 1).add(
        0, T + 31, 9000, 9000, None, None, None, None, 0
    )
    swum, rest = fit.parse(file.build(), "a.fit").lengths
    assert (swum.is_active, swum.stroke, swum.total_strokes, swum.average_speed_mps) == (
        True,
        "freestyle",
        18,
        0.806,
    )
    assert (
        swum.start_time_utc,
        swum.elapsed_time_s,
        swum.moving_time_s,
        swum.average_cadence_rpm,
    ) == (
        START,
        31,
        30,
        35,
    )
    assert (rest.is_active, rest.total_strokes, rest.length_index) == (False, None, 1)


@pytest.mark.parametrize(
    ("maker", "local", "expected"),
    [
        (1, 7200, 7200),
        (1, -12600, -12600),
        (1, 20701, 20700),
        (1, 0, 0),
        (294, 0, None),
        (1, 60 * 3600, None),
        (1, 400, None),
    ],
)
def test_the_utc_offset_is_believed_when_a_time_zone_can_have_it(
    maker: int, local: int, expected: int | None
) -> None:
    file = Fit().define(0, 0, (1, "uint16")).add(0, maker).define(1, 20, TIME).add(1, T)
    file.define(2, 34, TIME, (5, "uint32")).add(2, T, T + local)
    assert fit.parse(file.build(), "a.fit").utc_offset_s == expected


def test_the_device_is_the_creator_not_one_of_its_sensors() -> None:
    file = Fit().define(
        0,
        23,
        (0, "uint8"),
        (2, "uint16"),
        (4, "uint16"),
        (3, "uint32z"),
        (5, "uint16"),
        (27, "string", 16),
    )
    file.add(0, 1, 123, 5, 99, 100, b"H10").add(0, 0, 32, 31, 77, 1420, b"ELEMNT BOLT").define(
        1, 20, TIME
    ).add(1, T)
    device = fit.parse(file.build(), "a.fit").device
    assert (device.name, device.manufacturer, device.product) == (
        "Wahoo Fitness ELEMNT BOLT",
        "wahoo_fitness",
        "ELEMNT BOLT",
    )
    assert (device.serial_number, device.software_version) == ("77", "14.20")


def test_a_maker_that_is_in_the_product_name_is_not_said_twice() -> None:
    file = (
        Fit()
        .define(0, 0, (1, "uint16"), (8, "string", 20))
        .add(0, 294, b"COROS PACE 2")
        .define(1, 20, TIME)
    )
    assert fit.parse(file.add(1, T).build(), "a.fit").device.name == "COROS PACE 2"


@pytest.mark.parametrize("data", [b"", b"\x0e", b"GPX is not FIT, nor are many other things"])
def test_what_is_no_fit_file_is_corrupt(data: bytes) -> None:
    with pytest.raises(CorruptFile) as caught:
        fit.parse(data, "a.fit")
    assert caught.value.origin == "a.fit"


def test_a_header_alone_holds_no_samples() -> None:
    with pytest.raises(NoSamples):
        fit.parse(Fit().build(), "a.fit")


def test_the_reference_says_what_it_cannot_read() -> None:
    with pytest.raises(CorruptFile, match="fitparse"):
        reference.points(fit_activity(3)[:100])
