"""Defines what a mart is, and the units and roundings that both engines share.

A mart is a table and the function that tells its rows. A refill of some days writes the rows that
differ from the stored ones, and no others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from db.bulk import insert_rows
from db.marts.scope import EVERYTHING, Scope
from db.models import Activity, Base

M_PER_MI: Final = 1609.344
M_PER_FT: Final = 0.3048
S_PER_H: Final = 3600.0
_PLACES: Final = 1_000_000.0
#: Added before rounding, in units of the last place: engines round an exact half, such as that of
#: 167.1328125, to different sides.
_OFF_HALF: Final = 1e-4

#: Rows as Python makes them, or the query that gives them.
Rows = list[dict[str, Any]] | sa.Select[Any]
Conditions = Sequence[sa.ColumnElement[bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refilled:
    """What a refill did: how many rows it inserted, and which rows changed."""

    count: int
    #: Rows as they were and as they are; ``None`` if all were replaced.
    changed: Sequence[Mapping[Any, Any]] | None = None


def _as_it_is(_: sa.Connection, scope: Scope) -> Scope:
    return scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Mart:
    """A table for BI tools, and the functions that tell its rows."""

    model: type[Base]
    #: The rows of a scope as they should be.
    rows: Callable[[sa.Connection, Scope], Rows]
    #: Which stored rows these replace.
    held: Callable[[Scope], Conditions]
    #: Where rows may have changed, too, if activities of this scope did.
    reach: Callable[[sa.Connection, Scope], Scope] = _as_it_is

    @property
    def table(self) -> sa.Table:
        """The table of the model."""
        return cast(sa.Table, self.model.__table__)

    def fill(self, connection: sa.Connection, scope: Scope = EVERYTHING) -> int:
        """Insert all rows of a scope that has none; returns how many."""
        rows = self.rows(connection, scope)
        if isinstance(rows, list):
            insert_rows(connection, self.model, rows)
            return len(rows)
        insert = sa.insert(self.model).from_select(rows.selected_columns.keys(), rows)
        return connection.execute(insert, execution_options={"preserve_rowcount": True}).rowcount

    def refill(self, connection: sa.Connection, scope: Scope) -> Refilled:
        """Write the rows of a scope that changed; all of its rows where every day may have.

        Most rows differ then, and comparing all of an athlete's would take too much memory.
        """
        scope = self.reach(connection, scope)
        if scope.days is None:
            self._empty(connection, scope)
            return Refilled(count=self.fill(connection, scope))
        rows = self.rows(connection, scope)
        if isinstance(rows, list):
            names = list(rows[0]) if rows else self.table.c.keys()
            new = [tuple(row.values()) for row in rows]
        else:
            names = rows.selected_columns.keys()
            new = [tuple(row) for row in connection.execute(rows)]
        return self._replace(connection, self.held(scope), names, new)

    def _empty(self, connection: sa.Connection, scope: Scope) -> None:
        # Two statements: for either condition PostgreSQL would read everybody's rows.
        connection.execute(sa.delete(self.table).where(*self.held(scope)))
        if "activity_id" in self.table.c:  # an activity may have been another athlete's
            own = sa.select(Activity.activity_id).where(*scope.of(Activity.athlete_id))
            connection.execute(sa.delete(self.table).where(self.table.c.activity_id.in_(own)))

    def _replace(
        self,
        connection: sa.Connection,
        held: Conditions,
        names: Sequence[str],
        new: Sequence[tuple[Any, ...]],
    ) -> Refilled:
        """Delete stored rows that differ from these, and insert those that are missing then."""
        stored = sa.select(*(self.table.c[name] for name in names)).where(*held)
        old = [tuple(row) for row in connection.execute(stored)]
        gone, missing = (
            [dict(zip(names, row, strict=True)) for row in rows if row not in others]
            for rows, others in ((old, set(new)), (new, set(old)))
        )
        changed = [*gone, *missing]
        if changed:  # with the keys of missing rows, since they may be another athlete's
            key = [column.name for column in self.table.primary_key]
            same = (self.table.c[name] == sa.bindparam(f"old_{name}") for name in key)
            olds = {tuple(row[name] for name in key) for row in changed}
            columns = [f"old_{name}" for name in key]
            rows = [dict(zip(columns, old, strict=True)) for old in olds]
            connection.execute(sa.delete(self.table).where(*same), rows)
        insert_rows(connection, self.model, missing)
        return Refilled(count=len(missing), changed=changed)


def rounded(number: Any) -> sa.ColumnElement[Any]:
    """Round a number to six places.

    Engines add up floats in different orders, and people read 10.1, not 10.100000000000001.

    It goes through a whole number, since PostgreSQL rounds only NUMERIC to places, and SQLite's
    ``round(x, 6)`` is slightly off.
    """
    return cast("sa.ColumnElement[Any]", sa.func.round(number * _PLACES + _OFF_HALF) / _PLACES)


def preferring(source: str, model: Any, *same: str) -> sa.ColumnElement[bool]:
    """The condition that prefers rows of one source.

    A row of another source counts only where ``source`` has none of the same activity with the same
    values in the columns ``same``.
    """
    other = aliased(model)
    alike = (getattr(other, name) == getattr(model, name) for name in ("activity_id", *same))
    return sa.or_(model.source == source, ~sa.exists().where(other.source == source, *alike))


def select(columns: Mapping[str, Any]) -> sa.Select[Any]:
    """A query of expressions by the names of the table's columns."""
    return sa.select(*(expression.label(name) for name, expression in columns.items()))


def per(amount: Any, by: Any) -> sa.ColumnElement[Any]:
    """A quotient; NULL where there is nothing to divide by."""
    return cast("sa.ColumnElement[Any]", amount / sa.func.nullif(by, 0.0))


def total(column: Any) -> sa.ColumnElement[Any]:
    """A sum rounded to six places; zero where nothing is known."""
    return rounded(sa.func.coalesce(sa.func.sum(column), 0.0))


def pace_per(time_s: Any, distance_m: Any, unit_m: float) -> sa.ColumnElement[Any]:
    """Minutes per ``unit_m`` metres; NULL for what did not move."""
    return per(sa.func.nullif(time_s, 0.0) / 60.0 * unit_m, distance_m)
