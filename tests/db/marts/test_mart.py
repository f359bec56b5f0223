"""Quotients, paces and roundings, which all marts share, on both engines."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from db.marts.mart import pace_per, per, rounded, total


def computed(engine: sa.Engine, expression: Any) -> Any:
    """What an engine makes of an expression."""
    with engine.connect() as connection:
        return connection.scalar(sa.select(expression))


def number(value: float | None) -> Any:
    return sa.cast(value, sa.Double)


@pytest.mark.parametrize(
    ("amount", "by", "quotient"),
    [(6.0, 4.0, 1.5), (6.0, 1.0, 6.0), (6.0, -1.0, -6.0), (6.0, 0.0, None), (6.0, None, None)],
)
def test_a_quotient_is_unknown_where_nothing_divides(
    engine: sa.Engine, amount: float, by: float | None, quotient: float | None
) -> None:
    assert computed(engine, per(number(amount), number(by))) == quotient


@pytest.mark.parametrize(
    ("seconds", "metres", "minutes"),
    [(600.0, 2500.0, 4.0), (1.0, 500.0, 1 / 30), (0.0, 1000.0, None), (600.0, 0.0, None)],
)
def test_a_pace_is_minutes_per_unit_and_unknown_for_what_did_not_move(
    engine: sa.Engine, seconds: float, metres: float, minutes: float | None
) -> None:
    found = computed(engine, pace_per(number(seconds), number(metres), 1000.0))
    assert found == (None if minutes is None else pytest.approx(minutes))


@pytest.mark.parametrize(
    ("exact", "six_places"),
    [
        (0.1 + 0.2, 0.3),
        (1.23456749, 1.234567),
        (-2.0000006, -2.000001),
        (167.1328125, 167.132813),  # exact halves
        (167.1328135, 167.132814),
        (-0.5 / 64, -0.007812),
    ],
)
def test_numbers_are_rounded_to_six_places(
    engine: sa.Engine, exact: float, six_places: float
) -> None:
    assert computed(engine, rounded(number(exact))) == six_places


def test_the_sum_of_nothing_is_zero(engine: sa.Engine) -> None:
    assert computed(engine, total(number(None))) == 0.0
    assert computed(engine, total(number(0.1 + 0.2))) == 0.3
