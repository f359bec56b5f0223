"""Dates of every language and year are read, and none is guessed."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.transform.tables.dates import Order, parse_date, plain_date_text, read_date


def words(text: str) -> list[str]:
    return text.split()


ENGLISH = words("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec")
GERMAN = words("Jan. Feb. März Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez.")
FRENCH = words("janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.")
DUTCH = words("jan feb mrt apr mei jun jul aug sep okt nov dec")
DUTCH_2020 = words("jan. feb. mrt. apr. mei jun. jul. aug. sep. okt. nov. dec.")
SPANISH = words("ene feb mar abr may jun jul ago sep oct nov dic")
SPANISH_DOTTED = words("ene. feb. mar. abr. may. jun. jul. ago. sept. oct. nov. dic.")
ITALIAN = words("gen feb mar apr mag giu lug ago set ott nov dic")
PORTUGUESE = words("jan. fev. mar. abr. mai. jun. jul. ago. set. out. nov. dez.")
POLISH = words("sty lut mar kwi maj cze lip sie wrz paź lis gru")
SWEDISH = words("jan. feb. mars apr. maj juni juli aug. sep. okt. nov. dec.")
NORWEGIAN = words("jan. feb. mars apr. mai juni juli aug. sep. okt. nov. des.")
RUSSIAN = words("янв. февр. мар. апр. мая июн. июл. авг. сент. окт. нояб. дек.")


def hour12(t: datetime) -> str:
    return f"{t.hour % 12 or 12}:{t:%M:%S}"


def half(t: datetime, am: str, pm: str) -> str:
    return pm if t.hour >= 12 else am


def day_month(months: list[str], join: str = ", ", of: str = "") -> Callable[[datetime], str]:
    return lambda t: f"{t.day} {of}{months[t.month - 1]} {of}{t:%Y}{join}{t:%H:%M:%S}"


def spanish(space: str, am: str, pm: str) -> Callable[[datetime], str]:
    return lambda t: f"{t.day} {SPANISH[t.month - 1]} {t:%Y}, {hour12(t)}{space}{half(t, am, pm)}"


LOOKS: dict[str, Callable[[datetime], str]] = {
    "first exports": lambda t: f"{t:%Y-%m-%d %H:%M:%S}",
    "en-US": lambda t: f"{ENGLISH[t.month - 1]} {t.day}, {t:%Y}, {hour12(t)} {half(t, 'AM', 'PM')}",
    "en-US, newer ICU": lambda t: (
        f"{ENGLISH[t.month - 1]} {t.day}, {t:%Y}, {hour12(t)}\u202f{half(t, 'AM', 'PM')}"
    ),
    "en-US, long": lambda t: f"{t:%B} {t.day}, {t:%Y} at {hour12(t)} {half(t, 'AM', 'PM')}",
    "en-GB": day_month(ENGLISH),
    "en-GB, newer ICU": day_month([*ENGLISH[:8], "Sept", *ENGLISH[9:]]),
    "en-AU": lambda t: (
        f"{t.day} {ENGLISH[t.month - 1]} {t:%Y}, {hour12(t)}\u202f{half(t, 'am', 'pm')}"
    ),
    "de": lambda t: f"{t:%d.%m.%Y, %H:%M:%S}",
    "de, long": lambda t: f"{t.day}. {GERMAN[t.month - 1]} {t:%Y} um {t:%H:%M:%S}",
    "fr": day_month(FRENCH),
    "fr, older": day_month(FRENCH, " à "),
    "nl": day_month(DUTCH),
    "nl, 2020": day_month(DUTCH_2020, " "),
    "es-419": spanish("\u202f", "a.m.", "p.m."),
    "es-419, spaced": spanish("\u00a0", "a. m.", "p. m."),
    "es-419, spaced twice": spanish("\u202f", "a.\u00a0m.", "p.\u00a0m."),
    "es-ES": day_month(SPANISH),
    "es-ES, with de": day_month(SPANISH_DOTTED, of="de "),
    "es-ES, one digit": lambda t: f"{t.day} {SPANISH[t.month - 1]} {t:%Y}, {t.hour}:{t:%M:%S}",
    "it": day_month(ITALIAN),
    "pt-BR": lambda t: f"{t.day} de {PORTUGUESE[t.month - 1]} de {t:%Y}, {t:%H:%M:%S}",
    "pl": day_month(POLISH),
    "sv": day_month(SWEDISH, " "),
    "nb": lambda t: f"{t.day}. {NORWEGIAN[t.month - 1]} {t:%Y}, {t:%H:%M:%S}",
    "ru": lambda t: f"{t.day} {RUSSIAN[t.month - 1]} {t:%Y} г., {t:%H:%M:%S}",
    "ja": lambda t: f"{t:%Y/%m/%d %H:%M:%S}",
    "zh-CN": lambda t: f"{t.year}年{t.month}月{t.day}日 {t:%H:%M:%S}",
    "zh-TW": lambda t: f"{t.year}年{t.month}月{t.day}日 {half(t, '上午', '下午')}{hour12(t)}",
    "ko": lambda t: f"{t.year}. {t.month}. {t.day}. {half(t, '오전', '오후')} {hour12(t)}",
    "ISO": lambda t: f"{t:%Y-%m-%dT%H:%M:%SZ}",
    "ISO with offset": lambda t: f"{t:%Y-%m-%dT%H:%M:%S}+00:00",
}

MOMENTS = st.datetimes(datetime(1991, 1, 1), datetime(2099, 12, 31)).map(
    lambda t: t.replace(microsecond=0, tzinfo=UTC)
)


@pytest.mark.parametrize("look", LOOKS)
@settings(deadline=None)
@given(MOMENTS)
def test_a_date_comes_back_from_every_look(look: str, moment: datetime) -> None:
    assert parse_date(LOOKS[look](moment)) == moment


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2014-09-12 16:54:28", "2014-09-12T16:54:28"),
        ("Jan 8, 2023, 9:27:04 PM", "2023-01-08T21:27:04"),
        ("22 May 2024, 08:19:26", "2024-05-22T08:19:26"),
        ("24 Dec 2020, 08:13:59", "2020-12-24T08:13:59"),
        ("09.12.2022, 15:24:49", "2022-12-09T15:24:49"),
        ("19 janv. 2023, 15:31:11", "2023-01-19T15:31:11"),
        ("19 janv. 2023 à 14:30:00", "2023-01-19T14:30:00"),
        ("23 jun. 2017 15:52:12", "2017-06-23T15:52:12"),
        ("9 mei 2026, 00:03:01", "2026-05-09T00:03:01"),
        ("2 ago 2026, 12:20:32\u202fp.m.", "2026-08-02T12:20:32"),
        ("2 ago 2026, 12:20:32\u202fa.m.", "2026-08-02T00:20:32"),
        ("15 mar 2024, 6:45:12", "2024-03-15T06:45:12"),
        ("2 de ene. de 2025, 7:05:00", "2025-01-02T07:05:00"),
        ("2026/06/29 20:14:15", "2026-06-29T20:14:15"),
        ("2026-06-29T20:14:15.500+02:00", "2026-06-29T18:14:15.500"),
        ("2026-06-29T20:14:15-0330", "2026-06-29T23:44:15"),
        ("1 Jan 2026, 12:00:00 AM", "2026-01-01T00:00:00"),
        ("Jan 1, 1990", "1990-01-01T00:00:00"),
        ("13/04/2024, 10:00:00", "2024-04-13T10:00:00"),
        ("04/13/2024, 10:00:00", "2024-04-13T10:00:00"),
        ("04/04/2024, 10:00:00", "2024-04-04T10:00:00"),
        ("1900-01-01T00:00:00", "1900-01-01T00:00:00"),
        ("31.12.2199, 23:59:59", "2199-12-31T23:59:59"),
        ("2026-06-29T20:14:15.1234567Z", "2026-06-29T20:14:15.123456"),
    ],
)
def test_dates_seen_in_exports_are_read_as_utc(text: str, expected: str) -> None:
    moment = parse_date(text)
    assert moment == datetime.fromisoformat(expected).replace(tzinfo=UTC)
    assert moment.tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "03/04/2024, 10:00:00",  # April or March
        "Foo 8, 2023, 9:27:04 PM",
        "32.01.2024, 10:00:00",
        "29.02.2023, 10:00:00",
        "1 jan 2024, 25:00:00",
        "1 jan 2024, 13:00:00 PM",
        "1 jan 24, 13:00:00",
        "1234567890",
        "2024-05-01 10:00:00 CET",
        "0001-01-01T00:00:00+05:00",
        "0001-01-02 00:00:00",
        "31.12.1899, 23:59:59",
        "1900-01-01T00:00:00+01:00",
        "2200-01-01 00:00:00",
        "9999-12-31 23:59:59",
    ],
)
def test_what_is_no_certain_date_is_refused_and_named(text: str) -> None:
    with pytest.raises(ValueError, match="not a date") as caught:
        parse_date(text)
    assert repr(text) in str(caught.value)


@settings(deadline=None)
@given(st.text(max_size=40))
def test_any_other_text_raises_nothing_but_value_error(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert parse_date(text).tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "proves"),
    [("13/12/2024", "day"), ("12/13/2024", "month"), ("12/11/2024", None), ("11/12/2024", None)],
)
def test_a_number_above_12_is_the_day(text: str, proves: Order | None) -> None:
    reading = read_date(text)
    assert reading.proves == proves
    assert (reading.swapped is None) is (proves is not None)


def test_a_date_that_can_be_read_in_two_ways_takes_the_order_it_is_given() -> None:
    reading = read_date("03/04/2024")
    assert reading.by("day") == datetime(2024, 4, 3, tzinfo=UTC)
    assert reading.by("month") == datetime(2024, 3, 4, tzinfo=UTC)


def test_texts_lose_accents_of_europe_marks_of_direction_and_digits_of_other_scripts() -> None:
    assert plain_date_text(" À\u036fÉ \u200f٢١ 8월 ") == "ae 21 8월"
    assert plain_date_text("ม\u0e35.ค.") == "ม\u0e35.ค."
