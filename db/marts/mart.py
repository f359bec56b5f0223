"""Defines what a mart is, and the units and roundings that both engines share.

A mart is a table and the function that fills it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from db.models import Base

M_PER_MI: Final = 1609.344
M_PER_FT: Final = 0.3048
S_PER_H: Final = 3600.0
_PLACES: Final = 1_000_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Mart:
    """A table for BI tools, and the function that fills it."""

    model: type[Base]
    fill: Callable[[sa.Connection], None]
    #: Whether ``fill`` itself removes outdated rows, so that the table is not emptied before.
    is_kept: bool = False

    @property
    def table(self) -> sa.Table:
        """The table of the model."""
        return cast(sa.Table, self.model.__table__)


def rounded(number: Any) -> sa.ColumnElement[Any]:
    """Round a number to six places.

    Engines add up floats in different orders, and people read 10.1, not 10.100000000000001.

    It goes through a whole number, since PostgreSQL rounds only NUMERIC to places, and SQLite's
    ``round(x, 6)`` is slightly off.
    """
    return cast("sa.ColumnElement[Any]", sa.func.round(number * _PLACES) / _PLACES)


def preferring(source: str, model: Any, *same: str) -> sa.ColumnElement[bool]:
    """The condition that prefers rows of one source.

    A row of another source counts only where ``source`` has none of the same activity with the same
    values in the columns ``same``.
    """
    other = aliased(model)
    alike = (getattr(other, name) == getattr(model, name) for name in ("activity_id", *same))
    return sa.or_(model.source == source, ~sa.exists().where(other.source == source, *alike))


def insert_select(
    connection: sa.Connection,
    model: type[Base],
    columns: Mapping[str, Any],
    build: Callable[[sa.Select[Any]], Any],
) -> None:
    """Fill a table by ``INSERT ... SELECT``.

    ``columns`` maps the table's columns to expressions; ``build`` adds what follows the list of
    columns.
    """
    query = build(sa.select(*(expression.label(name) for name, expression in columns.items())))
    connection.execute(sa.insert(model).from_select(list(columns), query))


def per(amount: Any, by: Any) -> sa.ColumnElement[Any]:
    """A quotient; NULL where there is nothing to divide by."""
    return cast("sa.ColumnElement[Any]", amount / sa.func.nullif(by, 0.0))


def total(column: Any) -> sa.ColumnElement[Any]:
    """A sum rounded to six places; zero where nothing is known."""
    return rounded(sa.func.coalesce(sa.func.sum(column), 0.0))


def pace_per(time_s: Any, distance_m: Any, unit_m: float) -> sa.ColumnElement[Any]:
    """Minutes per ``unit_m`` metres; NULL for what did not move."""
    return per(sa.func.nullif(time_s, 0.0) / 60.0 * unit_m, distance_m)
