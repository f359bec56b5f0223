"""Columns of ISO 8601 texts, read as a table where they are alike, else one by one."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime, timedelta

import pytest

from ingest.transform.parsers import times
from ingest.transform.parsers.times import Times, parse_time, parse_times, to_datetime


@pytest.fixture
def table_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is read one by one, which would hide mistakes of the table."""
    monkeypatch.setattr(times, "_read_one", lambda text: None)


def moments(*texts: str) -> list[datetime | None]:
    """Each text's moment, all read as one column."""
    found = parse_times(texts)
    return [
        to_datetime(micros) if known else None
        for micros, known in zip(found.micros, found.known, strict=True)
    ]


def zoned(*zones: str) -> Times:
    """Times with these zones at their end."""
    return parse_times([f"2024-05-01T06:00:00{zone}" for zone in zones])


@pytest.mark.usefixtures("table_alone")
@pytest.mark.parametrize("year", [1900, 1999, 2000, 2023, 2024, 2100, 2199])
@pytest.mark.parametrize("month", range(1, 13))
def test_each_month_has_its_days_and_no_more(year: int, month: int) -> None:
    last = monthrange(year, month)[1]
    texts = [f"{year}-{month:02}-{day:02}T10:20:30Z" for day in (0, 1, last, last + 1)]
    expected = [datetime(year, month, day, 10, 20, 30, tzinfo=UTC) for day in (1, last)]
    assert moments(*texts) == [None, *expected, None]


@pytest.mark.usefixtures("table_alone")
def test_times_of_one_layout_are_read_as_the_standard_library_reads_them() -> None:
    begin = datetime(1968, 2, 28, 23, 59, 58, 123456, tzinfo=UTC)
    right = [begin + timedelta(days=97 * n, seconds=12345 * n) for n in range(500)]
    assert moments(*(moment.isoformat() for moment in right)) == right


@pytest.mark.usefixtures("table_alone")
@pytest.mark.parametrize(
    "clock", ["00:00:00", "09:09:09", "19:48:37", "20:59:59", "23:00:59", "23:59:00.999999"]
)
@pytest.mark.parametrize("zone", ["", "Z", "+00:00", "+12:45", "-09:30", "+23:59"])
def test_each_time_of_day_is_read_in_a_table(clock: str, zone: str) -> None:
    text = f"2024-02-29T{clock}{zone}"
    right = datetime.fromisoformat(text)
    assert moments(text, text) == [right if zone else right.replace(tzinfo=UTC)] * 2


@pytest.mark.usefixtures("table_alone")
@pytest.mark.parametrize("clock", ["24:00:00", "10:60:00", "10:00:60"])
def test_what_is_on_no_clock_is_not_read_in_a_table(clock: str) -> None:
    assert moments(f"2024-02-29T{clock}Z") == [None]


@pytest.mark.parametrize("wrong", ["x", ":", "/"])
def test_a_text_with_one_wrong_letter_is_no_time(wrong: str) -> None:
    right = "2024-05-01T06:10:07.251+02:00"
    texts = [right[:n] + wrong + right[n + 1 :] for n in range(len(right)) if right[n] != wrong]
    assert moments(right, *texts)[1:] == [None] * len(texts)


@pytest.mark.parametrize(
    "text", ["2024-0-10 06:00:00", "2024-13-10 06:00:00", "2024-5-1 24:00:00", "2024-5-1 10:60:00"]
)
def test_what_is_on_no_calendar_or_clock_is_unknown(text: str) -> None:
    assert moments(text, "2024-05-01T06:00:00Z")[0] is None


@pytest.mark.parametrize(
    ("text", "is_known"),
    [
        ("1899-12-31T23:59:59Z", False),
        ("1900-01-01T00:00:00Z", True),
        ("1900-01-01T00:00:00+00:01", False),
        ("2199-12-31T23:59:59Z", True),
        ("2199-12-31T23:59:00-00:01", False),
        ("2200-01-01T00:00:00Z", False),
        ("1899-12-31 23:59:59Z", False),
        ("1900-1-1 00:00:00Z", True),
        ("1900-1-1 00:00:00+0001", False),
        ("2199-12-31 23:59:59Z", True),
        ("2199-12-31 23:59:00-0001", False),
        ("2200-1-1 00:00:00Z", False),
    ],
)
def test_only_years_that_can_be_right_are_known(text: str, is_known: bool) -> None:
    assert bool(parse_times([text]).known[0]) is is_known


@pytest.mark.parametrize(
    ("fraction", "micros"),
    [(".5", 500_000), (".123", 123_000), (".123456", 123_456), (".1234569", 123_456)],
)
@pytest.mark.parametrize("date", ["2024-05-01T06:00:07", "2024-5-1 6:00:07"])
def test_fractions_are_cut_to_microseconds(date: str, fraction: str, micros: int) -> None:
    assert moments(f"{date}{fraction}Z") == [datetime(2024, 5, 1, 6, 0, 7, micros, tzinfo=UTC)]


@pytest.mark.parametrize(
    ("zone", "hour", "minute"),
    [("+02:00", 10, 0), ("-03:30", 15, 30), ("+0530", 6, 30), ("-01", 13, 0), ("+9", 3, 0)],
)
def test_an_offset_is_east_of_utc(zone: str, hour: int, minute: int) -> None:
    text = f"2024-05-01T12:00:00{zone}"
    right = datetime(2024, 5, 1, hour, minute, tzinfo=UTC)
    assert moments(text) == [right]
    assert parse_time(text) == (right, True)


def test_times_without_a_zone_are_utc_and_naive() -> None:
    right = datetime(2024, 5, 1, 6, tzinfo=UTC)
    for text in ("2024-05-01T06:00:00", "2024-5-1 06:00:00"):
        assert parse_time(text) == (right, False)
        assert parse_times([text]).naive
        assert moments(text, "2024-05-01T06:00:01.5") == [
            right,
            right.replace(second=1, microsecond=500_000),
        ]
    assert not parse_times(["2024-5-1 06:00:00Z", "2024-05-01T06:00:00"]).naive
    assert not parse_times(["no time"]).naive


@pytest.mark.parametrize(("others", "offset_s"), [(1, 7200), (2, None)])
def test_an_offset_is_the_file_s_if_nine_of_ten_times_carry_it(
    others: int, offset_s: int | None
) -> None:
    assert zoned(*["+02:00"] * (10 - others), *["Z"] * others).offset_s == offset_s
    assert zoned(*["+0200"] * (10 - others), *["Z"] * others).offset_s == offset_s


@pytest.mark.parametrize(
    ("zone", "offset_s"),
    [("+15:00", 54_000), ("-15:00", -54_000), ("+15:01", None), ("+00:00", None)],
)
def test_an_offset_wider_than_any_zone_is_not_the_file_s(zone: str, offset_s: int | None) -> None:
    assert zoned(zone).offset_s == offset_s


@pytest.mark.parametrize(
    ("zone", "is_known"), [("+23:59", True), ("+24:00", False), ("-2359", True), ("-2400", False)]
)
def test_an_offset_of_a_day_or_more_is_no_time(zone: str, is_known: bool) -> None:
    assert bool(zoned(zone).known[0]) is is_known


def test_a_leap_second_is_the_next_minute() -> None:
    assert moments("2016-12-31T23:59:60Z", "2016-12-31T23:59:61Z") == [
        datetime(2017, 1, 1, tzinfo=UTC),
        None,
    ]


def test_odd_texts_between_others_are_read_one_by_one() -> None:
    right = datetime(2024, 5, 1, 6, 0, 7, tzinfo=UTC)
    texts = ("2024-05-01T06:00:07Z", "2024/5/1 6.00.07", "", "2024-05-01T06:00:07.000000+00:00")
    assert moments(*texts) == [right, right, None, right]
