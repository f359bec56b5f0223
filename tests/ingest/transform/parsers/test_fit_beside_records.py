"""FIT messages that complete the points or stand beside them: halves of a second, hr, set, length,
laps that cannot be.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from ingest.transform.parsers import fit
from ingest.transform.records import Recording
from tests.builders import Fit, fit_time, semicircles

START = datetime(2024, 5, 1, 6, 0, tzinfo=UTC)
T = fit_time(START)
TIME = (253, "uint32")
LENGTH = (TIME, (2, "uint32"), (3, "uint32"), (4, "uint32"), (12, "enum"))
SESSION = (
    TIME,
    (2, "uint32"),
    (7, "uint32"),
    (8, "uint32"),
    (9, "uint32"),
    (5, "enum"),
    (44, "uint16"),
)


def read(file: Fit) -> Recording:
    return fit.parse(file.build(), "a.fit")


def halves() -> Fit:
    return (
        Fit()
        .define(0, 20, TIME, (0, "sint32"), (1, "sint32"))
        .define(1, 20, TIME, (3, "uint8"), (7, "uint16"))
    )


def place(degrees: float) -> tuple[int, int]:
    return semicircles(degrees), semicircles(8)


def test_records_of_one_time_that_complete_each_other_are_one_point() -> None:
    file = halves()
    for i in range(5):
        file.add(1, T + i, 120 + i, 200).add(0, T + i, *place(47))
    points = read(file).points
    assert points["elapsed_s"].tolist() == [0, 1, 2, 3, 4]
    assert points["heartrate_bpm"].tolist() == [120, 121, 122, 123, 124]
    assert not np.isnan(points["latitude"]).any()


def test_records_of_one_time_that_know_the_same_stay_two() -> None:
    file = (
        halves()
        .add(0, T, *place(47))
        .add(0, T, *place(47.1))
        .add(1, T, 120, None)
        .add(1, T + 1, 121, 200)
    )
    points = read(file).points
    assert points["elapsed_s"].tolist() == [0, 0, 1]
    assert points["heartrate_bpm"].tolist() == pytest.approx([np.nan, 120, 121], nan_ok=True)


def test_four_records_of_one_time_are_two_points_of_two_halves() -> None:
    file = halves()
    for degrees, heartrate in ((47, 120), (47.1, 121)):
        file.add(0, T, *place(degrees)).add(1, T, heartrate, None)
    points = read(file).points
    assert points["heartrate_bpm"].tolist() == [120, 121]
    assert points["latitude"] == pytest.approx([47, 47.1], abs=1e-6)


def with_strap(records: Fit, *rates: int, since: int = T, start_ticks: int = 4096) -> Fit:
    """Records, and a strap that told one rate at ``since`` and these in the seconds after it, two
    by two.
    """
    records.define(5, 132, TIME, (0, "uint16"), (9, "uint32"), (6, "uint8")).add(
        5, since, 0, start_ticks, 100
    )
    records.define(6, 132, (10, "byte", 6), (6, "byte", 4))
    for i in range(0, len(rates), 4):
        later = [(i + n + 1) * 1024 + start_ticks & 0xFFF for n in range(4)]
        packed = b"".join(
            bytes([a & 0xFF, a >> 8 | (b & 0xF) << 4, b >> 4]) for a, b in (later[:2], later[2:])
        )
        records.add(6, packed, bytes(rates[i : i + 4]))
    return records


def test_rates_of_a_strap_fill_the_records() -> None:
    file = Fit().define(0, 20, TIME, (13, "sint8"))
    for i in range(9):
        file.add(0, T + i, 20)
    points = read(with_strap(file, 101, 102, 103, 104, 105, 106, 107, 108)).points
    assert points["heartrate_bpm"].tolist() == [100, 101, 102, 103, 104, 105, 106, 107, 108]
    assert len(points["elapsed_s"]) == 9


def test_sparse_records_take_the_last_beat_before_them() -> None:
    file = (
        Fit()
        .define(0, 20, TIME, (5, "uint32"))
        .add(0, T, 0)
        .add(0, T + 8, 1600)
        .add(0, T + 60, 9000)
    )
    points = read(with_strap(file, 101, 102, 103, 104, 105, 106, 107, 108)).points
    assert points["elapsed_s"].tolist() == [0, 8, 60]
    assert points["heartrate_bpm"].tolist() == pytest.approx([100, 108, np.nan], nan_ok=True)


def test_every_byte_of_a_beat_counts() -> None:
    # A clock that begins at 255 ticks: the low byte of every time is 0xFF.
    file = Fit().define(0, 20, TIME, (13, "sint8"))
    for i in range(5):
        file.add(0, T + i, 20)
    points = read(with_strap(file, 101, 102, 103, 104, start_ticks=255)).points
    assert points["heartrate_bpm"].tolist() == [100, 101, 102, 103, 104]


def test_a_heart_rate_of_a_record_is_believed_before_the_strap() -> None:
    file = (
        Fit().define(0, 20, TIME, (3, "uint8")).add(0, T, 90).add(0, T + 1, None).add(0, T + 8, 91)
    )
    points = read(with_strap(file, 101, 102, 103, 104, 105, 106, 107, 108)).points
    assert points["heartrate_bpm"].tolist() == [90, 101, 91]


def test_a_strap_without_a_time_of_the_file_says_nothing() -> None:
    file = Fit().define(0, 20, TIME, (13, "sint8")).add(0, T, 20)
    file.define(6, 132, (10, "byte", 6), (6, "byte", 4)).add(
        6, bytes(6), bytes([100, 101, 102, 103])
    )
    assert "heartrate_bpm" not in read(file).points


def test_sets_have_exercise_weight_and_repetitions_and_rests_are_none() -> None:
    file = Fit().define(0, 20, TIME, (3, "uint8")).add(0, T, 99)
    sets = (
        (254, "uint32"),
        (0, "uint32"),
        (3, "uint16"),
        (4, "uint16"),
        (5, "uint8"),
        (6, "uint32"),
        (7, "uint16"),
        (8, "uint16"),
    )
    file.define(1, 225, *sets)
    file.add(1, T + 30, 30_000, 8, 70 * 16, 1, T, 0, 1).add(
        1, T + 90, 60_000, None, None, 0, T + 30, None, None
    )
    file.add(1, T + 120, 30_500, 6, 32, 1, T + 90, 65534, None)
    first, second = read(file).sets
    assert (first.exercise_name, first.repetitions, first.weight_kg) == (
        "Barbell Bench Press",
        8,
        70,
    )
    assert (second.set_index, second.duration_s, second.exercise_name) == (1, 30.5, None)
    assert second.start_time_utc == START + timedelta(seconds=90)


def pool(*swum: tuple[int, int, bool], pool_m: float = 25.0, records: Fit | None = None) -> Fit:
    """Lengths (begin, seconds, swum or rested) of one session, behind the records."""
    file = (records or Fit()).define(2, 101, *LENGTH)
    for begin, seconds, active in swum:
        file.add(2, T + begin + seconds, T + begin, seconds * 1000, seconds * 1000, int(active))
    lasting = swum[-1][0] + swum[-1][1]
    metres = sum(active for _, _, active in swum) * pool_m
    file.define(3, 18, *SESSION)
    return file.add(
        3,
        T + lasting,
        T,
        lasting * 1000,
        lasting * 1000,
        round(metres * 100),
        5,
        round(pool_m * 100),
    )


def seconds_with_temperature(count: int, every: int = 1) -> Fit:
    file = Fit().define(0, 20, TIME, (13, "sint8"))
    for i in range(0, count, every):
        file.add(0, T + i, 27)
    return file


def test_the_distance_of_a_pool_swim_comes_from_its_lengths() -> None:
    points = read(
        pool((0, 20, True), (20, 20, True), pool_m=50, records=seconds_with_temperature(41, 10))
    ).points
    assert points["distance_m"].tolist() == [0, 25, 50, 75, 100]


def test_a_rest_at_the_wall_is_no_distance() -> None:
    swum = ((0, 20, True), (20, 40, False), (60, 20, True))
    points = read(pool(*swum, records=seconds_with_temperature(81, 20))).points
    assert points["distance_m"].tolist() == [0, 25, 25, 25, 50]


def test_a_swim_whose_first_record_is_the_end_of_a_length_begins_at_the_beginning_of_that() -> None:
    records = Fit().define(0, 20, TIME, (5, "uint32")).add(0, T + 20, 2500).add(0, T + 45, 5000)
    recording = read(pool((0, 20, True), (20, 25, True), records=records))
    assert recording.start_time_utc == START
    assert recording.points["elapsed_s"].tolist() == [0, 20, 45]
    assert recording.points["distance_m"].tolist() == [0, 25, 50]


def test_a_device_that_counts_from_the_start_of_a_swim_gets_no_point_more() -> None:
    records = Fit().define(0, 20, TIME, (5, "uint32")).add(0, T + 1, 0).add(0, T + 45, 5000)
    assert read(pool((0, 20, True), (20, 25, True), records=records)).point_count == 2


def test_a_lap_that_outlasts_its_session_has_an_unknown_duration_and_is_told() -> None:
    lap = (TIME, (2, "uint32"), (7, "uint32"), (8, "uint32"))
    file = pool((0, 20, True), records=seconds_with_temperature(21)).define(4, 19, *lap)
    file.add(4, T + 20, T, 20_000, 20_000).add(4, T + 20, T + 20, 131_066_000, 10_000)
    recording = read(file)
    assert [lap.elapsed_time_s for lap in recording.laps] == [20, None]
    assert [lap.moving_time_s for lap in recording.laps] == [20, 10]
    assert recording.corrections == (
        "lap 2 lasts 131,066 s, longer than its session: its duration is unknown",
    )


def test_a_length_that_outlasts_its_session_is_no_distance() -> None:
    recording = read(pool((0, 20, True), (20, 20, True), records=seconds_with_temperature(41, 20)))
    assert recording.corrections == ()
    file = seconds_with_temperature(41, 20).define(2, 101, *LENGTH)
    file.add(2, T + 20, T, 4_000_000, 20_000, 1).define(3, 18, *SESSION).add(
        3, T + 40, T, 40_000, 40_000, 2500, 5, 2500
    )
    recording = read(file)
    assert recording.lengths[0].elapsed_time_s is None
    assert len(recording.corrections) == 1


def test_records_without_a_time_are_spread_over_their_lap() -> None:
    file = Fit().define(0, 20, (3, "uint8")).define(1, 19, TIME, (2, "uint32"))
    for rate in (100, 101, 102, 103, 104):
        file.add(0, rate)
    file.add(1, T + 40, T)
    points = read(file).points
    assert points["elapsed_s"].tolist() == [0, 10, 20, 30, 40]
    assert points["heartrate_bpm"].tolist() == [100, 101, 102, 103, 104]


def test_records_without_a_time_take_their_lap_not_the_pause_behind_it() -> None:
    file = (
        Fit()
        .define(0, 20, (3, "uint8"))
        .define(1, 19, TIME, (2, "uint32"))
        .define(2, 20, TIME, (3, "uint8"))
    )
    file.add(2, T, 100).add(0, 101).add(0, 102).add(1, T + 20, T).add(0, 103).add(
        2, T + 1000, 104
    ).add(1, T + 1000, T + 990)
    assert read(file).points["elapsed_s"].tolist() == [0, 10, 20, 990, 1000]


def test_a_position_of_zero_or_half_a_position_is_none_and_the_point_stays() -> None:
    file = Fit().define(0, 20, TIME, (0, "sint32"), (1, "sint32"), (3, "uint8"))
    file.add(0, T, *place(47), 100).add(0, T + 1, 0, 0, 101).add(
        0, T + 2, semicircles(47), None, 102
    )
    points = read(file).points
    assert points["heartrate_bpm"].tolist() == [100, 101, 102]
    assert (
        np.isnan(points["latitude"]).tolist()
        == np.isnan(points["longitude"]).tolist()
        == [False, True, True]
    )


@pytest.mark.parametrize(
    ("local", "offset"),
    [(19_800, 19_800), (-12_600, -12_600), (0, None), (3_600 * 20, None), (1_234, None)],
)
def test_local_time_is_told_by_a_timestamp_correlation(local: int, offset: int | None) -> None:
    file = Fit().define(0, 20, TIME, (3, "uint8")).add(0, T, 99)
    file.define(1, 162, TIME, (3, "uint32")).add(1, T, T + local)
    assert read(file).utc_offset_s == offset


@pytest.mark.parametrize(
    ("maker", "product", "name"),
    [
        (1, 3113, "Garmin fr945"),
        (1, 65000, "Garmin 65000"),
        (294, 841, "Coros 841"),
        (263, 10, "Favero Electronics assioma_uno"),
    ],
)
def test_products_are_named_by_the_profile_of_their_maker(
    maker: int, product: int, name: str
) -> None:
    file = Fit().define(0, 0, (1, "uint16"), (2, "uint16")).add(0, maker, product)
    assert read(file.define(1, 20, TIME, (3, "uint8")).add(1, T, 99)).device.name == name


def test_climbs_and_cadences_of_laps_have_their_fractions() -> None:
    fields = (TIME, (2, "uint32"), (17, "uint8"), (80, "uint8"), (21, "uint16"), (156, "uint8"))
    (lap,) = read(Fit().define(0, 19, *fields).add(0, T + 60, T, 88, 64, 12, 25)).laps
    assert (lap.average_cadence_rpm, lap.total_elevation_gain_m) == (88.5, 12.25)
