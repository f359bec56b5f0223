"""The dates of a column tell together how they are written: in which language, in which order, by
which calendar.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from babel.dates import format_date, format_time

from ingest.transform.tables.date_column import DateFormat, decide

ROOT = Path(__file__).parents[4]
MOMENTS = [
    datetime(2025, 1, 3, 0, 5, 7, tzinfo=UTC) + timedelta(days=29 * i, hours=5 * i)
    for i in range(14)
]
#: The languages that Strava offers, and some that it does not.
LANGUAGES = """
    en en_GB en_AU en_CA de de_AT de_CH fr fr_CA es es_419 nl da nb sv pt pt_PT it pl cs sk hu ru uk
    tr el ro fi id vi th he ja ko zh_Hans zh_Hant zh_Hant_HK hr bg sl sr lv et ca ms ar fa hi
"""


def column(*texts: str, starts: Mapping[int, datetime] | None = None) -> DateFormat:
    """The format of a column whose first activity is 100, the next 101 ..."""
    return decide([str(100 + i) for i in range(len(texts))], texts, starts or {})


def starts_of(
    texts: Iterable[str], starts: Mapping[int, datetime] | None = None
) -> list[datetime | None]:
    """What the column says of each of its cells."""
    cells = list(texts)
    found = column(*cells, starts=starts)
    return [_read(found, text) for text in cells]


def _read(found: DateFormat, text: str) -> datetime | None:
    try:
        return found.read(text)
    except ValueError:
        return None


def day(year: int, month: int, number: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, number, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize("form", ["medium", "long"])
@pytest.mark.parametrize("language", LANGUAGES.split())
def test_dates_of_every_language_come_back(language: str, form: str) -> None:
    texts = [
        f"{format_date(m, form, language)}, {format_time(m, 'medium', locale=language)}"
        for m in MOMENTS
    ]
    assert starts_of(texts) == MOMENTS


def test_dates_without_seconds_are_read() -> None:
    assert starts_of(["14 жовт. 2025 р., 7:41"]) == [day(2025, 10, 14, 7, 41)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("21. aug. 2025 kl. 06.40.00", day(2025, 8, 21, 6, 40)),
        ("21.8.2025 klo 6.40.00", day(2025, 8, 21, 6, 40)),
        ("21. elokuuta 2025 klo 6.40", day(2025, 8, 21, 6, 40)),
        ("6:40:00 Ngày 21 tháng 8 năm 2025", day(2025, 8, 21, 6, 40)),
        ("6:40:00, 21 thg 8, 2025", day(2025, 8, 21, 6, 40)),
        ("21 ส.ค. 2568 06:40:00", day(2025, 8, 21, 6, 40)),
        ("٢١ أغسطس ٢٠٢٥، ٦:٤٠:٠٠ ص", day(2025, 8, 21, 6, 40)),
        ("\u200f21 באוג׳ 2025, 6:40:00", day(2025, 8, 21, 6, 40)),
        ("2025年8月21日晚上9:40:00", day(2025, 8, 21, 21, 40)),
        ("2025年8月21日凌晨12:40:00", day(2025, 8, 21, 0, 40)),
        ("2025. aug. 21. 6:40:00", day(2025, 8, 21, 6, 40)),
        ("21 Αυγ 2025, 6:40:00\u202fμ.μ.", day(2025, 8, 21, 18, 40)),
        ("21. 8. 2025. 6:40:00", day(2025, 8, 21, 6, 40)),
        ("21 août 2025, 18 h 40 min 00 s", day(2025, 8, 21, 18, 40)),
    ],
)
def test_what_a_language_writes_round_a_date_says_nothing_else(
    text: str, expected: datetime
) -> None:
    assert starts_of([text]) == [expected]


def test_thai_march_and_january_differ_in_a_vowel_only() -> None:
    assert starts_of(["5 ม.ค. 2025 08:00:00", "5 มี.ค. 2025 08:00:00"]) == [
        day(2025, 1, 5, 8),
        day(2025, 3, 5, 8),
    ]


def test_a_month_whose_name_is_another_in_another_language_is_read_with_the_words_beside_it() -> (
    None
):
    croatian = ["4. lip 2025. 09:00:00", "4. srp 2025. 09:00:00", "4. ruj 2025. 09:00:00"]
    assert starts_of(croatian) == [day(2025, month, 4, 9) for month in (6, 7, 9)]
    assert starts_of(["4 lip 2025, 09:00:00", "4 wrz 2025, 09:00:00"]) == [
        day(2025, month, 4, 9) for month in (7, 9)
    ]


def test_one_damaged_word_does_not_cost_the_language() -> None:
    assert starts_of(["4 Oca 2025 09:00:00", "4 Ş?b 2025 09:00:00", "4 Haz 2025 09:00:00"]) == [
        day(2025, 1, 4, 9),
        None,
        day(2025, 6, 4, 9),
    ]


def test_one_year_of_another_calendar_is_damage() -> None:
    assert (
        starts_of(["4 Oca 2025 09:00:00", "5 Oca 2568 09:00:00", "6 Oca 2025 09:00:00"])[1] is None
    )


@pytest.mark.parametrize(
    ("proof", "expected"),
    [("25/02/2024, 07:00", day(2024, 3, 5, 7)), ("02-25-2024 07:00", day(2024, 5, 3, 7))],
)
def test_one_day_above_12_tells_the_order_of_the_column(proof: str, expected: datetime) -> None:
    assert starts_of(["05/03/2024, 07:00", proof])[0] == expected


def test_a_column_that_contradicts_itself_keeps_only_what_is_certain() -> None:
    assert starts_of(["05/03/2024", "25/02/2024", "02/25/2024"]) == [
        None,
        day(2024, 2, 25),
        day(2024, 2, 25),
    ]


@pytest.mark.parametrize(
    ("start", "expected"), [(day(2024, 3, 5), day(2024, 3, 5)), (day(2024, 5, 3), day(2024, 5, 3))]
)
def test_the_start_of_a_device_file_tells_the_order(start: datetime, expected: datetime) -> None:
    found = starts_of(["05/03/2024", "06/04/2024"], {100: start + timedelta(minutes=3)})
    assert found[0] == expected


def test_a_start_that_fits_neither_order_tells_nothing() -> None:
    assert starts_of(["05/03/2024", "06/04/2024"], {100: day(1989, 12, 31)}) == [None, None]


def test_files_count_before_ids() -> None:
    months = [f"0{month}/02/2024" for month in range(3, 10)]
    assert starts_of(months, {100: day(2024, 2, 3)})[0] == day(2024, 2, 3)


def test_ids_that_grow_with_time_tell_the_order() -> None:
    days = [
        f"{number:02}/{month:02}/2024"
        for month in range(1, 7)
        for number in (4, 7, 11)
        if number != month
    ]
    assert starts_of(days)[0] == day(2024, 1, 4)
    assert starts_of(f"{text[3:5]}/{text[:2]}/2024" for text in days)[0] == day(2024, 1, 4)


def test_ids_that_fit_both_orders_tell_nothing() -> None:
    assert starts_of([f"03/0{number}/2024" for number in range(4, 10)]) == [None] * 6


def test_the_order_also_serves_dates_beside_the_column() -> None:
    assert column("25/02/2024").read("05/03/2024") == day(2024, 3, 5)


@pytest.mark.parametrize(
    ("texts", "doubtful"),
    [(["05/03/2024"], True), (["05/03/2024", "25/03/2024"], False), (["05/05/2024"], False)],
)
def test_other_witnesses_are_wanted_only_where_no_cell_proves_the_order(
    texts: list[str], doubtful: bool
) -> None:
    assert column(*texts).is_doubtful == doubtful


def test_a_format_is_named_only_where_cells_do_not_tell_it_themselves() -> None:
    assert column("09.12.2022, 15:24:49", "Jan 8, 2023, 9:27:04 PM").key == ""
    assert column("25/02/2024").key == "day"
    assert column("21 ส.ค. 2568 06:40:00").key == "th 543"
    assert not column("09.12.2022, 15:24:49").is_undecided


def test_babel_is_not_loaded_for_dates_of_known_languages() -> None:
    code = (
        "import sys; from ingest.transform.tables.date_column import decide;"
        "decide('123', ['9. jun. 2025 15.09', '2 lip 2025, 16:00:47', '2025/06/29 20:14:15'], {});"
        "sys.exit('babel' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def steps_back(by_day: int, by_month: int) -> list[str]:
    """Dates whose order steps back so often if the day comes first, and if the month does."""
    months = [f"{12 - n:02}/{1 + n:02}/2020" for n in range(by_month + 1)]
    return [*months, *(f"{1 + n:02}/{12 - n:02}/2021" for n in range(by_day + 1))]


@pytest.mark.parametrize(
    ("by_day", "by_month", "order"),
    [
        (0, 3, "day"),
        (0, 2, None),
        (1, 4, "day"),
        (1, 3, None),
        (2, 6, "day"),
        (2, 5, None),
        (3, 0, "month"),
        (2, 0, None),
        (4, 1, "month"),
        (3, 1, None),
        (6, 2, "month"),
        (5, 2, None),
    ],
)
def test_ids_tell_an_order_if_the_other_steps_back_three_times_more_and_as_often(
    by_day: int, by_month: int, order: str | None
) -> None:
    texts = steps_back(by_day, by_month)
    assert column(*texts).order == order
    assert column(*texts).is_undecided is (order is None)
    # Two activities of one moment are no step back.
    assert column(*texts[:1] * 2, *texts).order == order


@pytest.mark.parametrize(("away", "order"), [(-1, "day"), (1, "day"), (-2, None), (2, None)])
def test_a_start_is_near_if_it_is_less_than_two_days_away(away: int, order: str | None) -> None:
    assert column("05/03/2024", starts={100: day(2024, 3, 5 + away)}).order == order


@pytest.mark.parametrize(
    ("days", "months", "order"),
    [(11, 1, "day"), (10, 1, None), (1, 11, "month"), (1, 10, None)],
)
def test_an_order_must_be_proven_more_than_ten_times_as_often_as_the_other(
    days: int, months: int, order: str | None
) -> None:
    proofs = [f"{13 + n}/01/2024" for n in range(days)]
    proofs += [f"01/{13 + n}/2024" for n in range(months)]
    assert column(*proofs).order == order


@pytest.mark.parametrize(
    ("year", "era"), [(2442, 0), (2443, 543), (2568, 543), (2742, 543), (2743, 0)]
)
def test_thai_years_of_1900_to_2199_are_of_the_buddhist_calendar(year: int, era: int) -> None:
    assert column(f"21 ส.ค. {year} 06:40:00").era == era


def test_half_of_the_years_do_not_make_a_calendar() -> None:
    texts = ["21 ส.ค. 2568 06:40:00", "21 ส.ค. 2025 06:40:00"]
    assert column(*texts).era == 0
    assert column(*texts, "22 ส.ค. 2568 06:40:00").era == 543
