"""Cells become values, or say that they cannot."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.transform.tables import cells
from ingest.transform.tables.distances import shown_metres

CONVERTERS = [
    cells.parse_number,
    cells.parse_whole,
    cells.parse_long_whole,
    cells.parse_id,
    cells.parse_activity_id,
    cells.parse_key,
    cells.paths,
    cells.parse_flag,
    cells.negated,
    cells.positive,
    cells.elevation,
    cells.epoch,
    cells.milliseconds,
    cells.kilograms,
    cells.watts,
    cells.beats,
]


@pytest.mark.parametrize(
    ("convert", "cell", "value"),
    [
        (cells.parse_number, "6325.60009765625", 6325.60009765625),
        (cells.parse_number, "-1.5e3", -1500.0),
        (cells.parse_whole, "12.0", 12),
        (cells.parse_whole, "1.2e3", 1200),
        (cells.parse_long_whole, " 3202723673445836344", 3202723673445836344),
        (cells.parse_id, "10370891.0", 10370891),
        (cells.parse_id, "17200000005", 17200000005),
        (cells.parse_activity_id, "9007199254740991", 2**53 - 1),
        (cells.parse_key, " " + "ü" * 1000 + " ", "ü" * 1000),
        (cells.parse_key, " ", None),
        (cells.paths, "a.jpg| b.mp4 ||", ("a.jpg", "b.mp4")),
        (cells.parse_flag, "true", True),
        (cells.parse_flag, "False", False),
        (cells.parse_flag, "1.0", True),
        (cells.parse_flag, "0.0", False),
        (cells.negated, "1.0", False),
        (cells.positive, "2.0", True),
        (cells.elevation, "-499.9", -499.9),
        (cells.elevation, "-500.0", None),
        (cells.epoch, "1580000000.0", datetime.fromtimestamp(1580000000, UTC)),
        (cells.epoch, "0.0", None),
        (cells.milliseconds, "95000", 95.0),
        (cells.kilograms, "70.0 kg", 70.0),
        (cells.kilograms, "70,5 kg", 70.5),
        (cells.kilograms, "100 lb", 45.359237),
        (cells.kilograms, "0.0 lb", None),
        (cells.kilograms, " kg", None),
        (cells.kilograms, "70.0", 70.0),
        (cells.watts, "133 W", 133.0),
        (cells.beats, "193", 193.0),
        (cells.trimmed, "  a b ", "a b"),
        (cells.untrimmed, "  a b ", "  a b "),
    ],
)
def test_a_cell_has_its_value(convert: Callable[[str], Any], cell: str, value: object) -> None:
    assert convert(cell) == value


@pytest.mark.parametrize(
    ("convert", "cell"),
    [
        (cells.parse_number, "nan"),
        (cells.parse_number, "inf"),
        (cells.parse_number, "1_000"),
        (cells.parse_number, "9,44"),
        (cells.parse_whole, "1.5"),
        (
            cells.parse_whole,
            "3000000000",
        ),  # PostgreSQL would refuse it, and the whole batch with it
        (cells.parse_long_whole, "9223372036854775808"),
        (cells.parse_id, "1.23E+10"),  # a spreadsheet's idea of an id: its last digits are lost
        (cells.parse_id, "-5"),
        (cells.parse_id, "0"),
        (cells.parse_activity_id, "9007199254740992"),  # a float cannot tell it from the next
        (cells.parse_key, "x" * 1001),
        (cells.parse_key, "\ufdfa" * 100),  # eighteen letters each as a name is compared
        (cells.paths, "a.jpg|" + "x" * 1001),
        (cells.parse_id, "#error#"),
        (cells.parse_flag, "yes"),
        (cells.epoch, "1e18"),
        (cells.epoch, "253402300799"),  # the last second of 9999
        (cells.kilograms, "11 st"),
        (cells.kilograms, "heavy"),
        (cells.watts, "300 hp"),
        (cells.beats, "fast"),
    ],
)
def test_a_cell_without_a_certain_value_is_refused(
    convert: Callable[[str], Any], cell: str
) -> None:
    with pytest.raises(ValueError, match=r".+"):
        convert(cell)


@pytest.mark.parametrize("convert", CONVERTERS, ids=lambda known: known.__name__)
@settings(deadline=None)
@given(st.text(min_size=1, max_size=20))
def test_any_cell_raises_nothing_but_value_error(convert: Callable[[str], Any], cell: str) -> None:
    with contextlib.suppress(ValueError):
        convert(cell)


@settings(deadline=None)
@given(st.integers(1, 2**63 - 1))
def test_ids_are_exact_at_any_size(number: int) -> None:
    assert cells.parse_id(str(number)) == cells.parse_id(f"{number}.0") == number


@pytest.mark.parametrize(
    ("cell", "sport", "decimal", "metres"),
    [
        ("9,44", "Run", ",", 9440.0),
        ("9.44", "Run", ".", 9440.0),
        ("9,44", "Run", None, 9440.0),
        ("1,234.56", "Ride", ".", 1234560.0),
        ("1.234,56", "Ride", ",", 1234560.0),
        ("1\u202f234,56", "Ride", ",", 1234560.0),
        ("1,500", "Ride", ",", 1500.0),
        ("1,250", "Swim", ".", 1250.0),
        ("1.500", "Swim", ",", 1500.0),
        ("1.500", "Rowing", None, 1500.0),
        ("950", "Swim", ".", 950.0),
        ("15.99", "Sail", ".", 29613.48),
        ("1.00", "Windsurf", ".", 1852.0),
        ("5", "Yoga", ".", 5000.0),
        ("0", None, None, 0.0),
    ],
)
def test_a_shown_distance_is_metres_by_sport_and_language(
    cell: str, sport: str | None, decimal: str | None, metres: float
) -> None:
    assert shown_metres(cell, sport, decimal) == pytest.approx(metres)


@pytest.mark.parametrize("cell", ["far", "1.2.3.4,x", "--", "1e306"])
def test_a_shown_distance_that_is_no_number_is_refused(cell: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        shown_metres(cell, None, None)


def test_zero_has_no_sign() -> None:
    assert math.copysign(1, cells.parse_number("-0.0")) == 1
