"""Fills the tables that BI tools chart from what was imported.

``refresh`` makes all of them from nothing, ``refill`` writes what has changed; the result is the
same. Both run inside the caller's transaction: readers see all marts as they were, or all as they
are now.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import sqlalchemy as sa

from db.marts import dates
from db.marts.activity_facts import ACTIVITY_FACTS
from db.marts.daily_load import DAILY_LOAD
from db.marts.duplicate_candidates import DUPLICATE_CANDIDATES
from db.marts.eddington import EDDINGTON
from db.marts.gear_mileage import GEAR_MILEAGE
from db.marts.mart import Mart
from db.marts.pace_at_heart_rate import PACE_AT_HEART_RATE
from db.marts.period_summary import PERIOD_SUMMARY, changed_sums
from db.marts.personal_records import PERSONAL_RECORDS
from db.marts.route_groups import ROUTE_GROUPS
from db.marts.scope import Scope
from db.marts.split_pace import SPLIT_PACE
from db.marts.streaks import STREAKS
from db.marts.year_to_date import YEAR_TO_DATE
from db.models import ActivityFact, Base

__all__ = ["MARTS", "Scope", "refill", "refresh"]

#: Every mart but the calendar; each comes after those that it is made from.
MARTS: Final[tuple[Mart, ...]] = (
    ACTIVITY_FACTS,
    PERIOD_SUMMARY,
    YEAR_TO_DATE,
    DAILY_LOAD,
    EDDINGTON,
    STREAKS,
    GEAR_MILEAGE,
    PERSONAL_RECORDS,
    SPLIT_PACE,
    PACE_AT_HEART_RATE,
    ROUTE_GROUPS,
    DUPLICATE_CANDIDATES,
)
#: Marts that change only where sums of days do.
_ONLY_OF_SUMS: Final = (YEAR_TO_DATE, EDDINGTON, STREAKS)
#: Marts of which no other days than these change; which load daily_load takes may change alone.
_OF_SUMS: Final = (*_ONLY_OF_SUMS, DAILY_LOAD)
#: Rows of each index that ANALYZE looks at: enough to choose indexes by, without a scan of millions
#: of points.
_ANALYZED: Final = 1000
#: Inserted rows from which on a mart is worth new statistics.
_MANY: Final = 2000
_NEVER_ANALYZED: Final = """
    SELECT relname FROM pg_class
    WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND reltuples <= 0
"""
#: Rows that a table had when it was analyzed last; at most 0 before.
_ESTIMATE: Final = """
    SELECT reltuples FROM pg_class
    WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND relname = :name
"""


def refresh(connection: sa.Connection) -> None:
    """Fill every mart from nothing, and renew the query planner's statistics."""
    for mart in reversed(MARTS):
        connection.execute(sa.delete(mart.table))
    _analyze_new(connection)
    dates.grow(connection)
    dates.shrink(connection)
    for mart in MARTS:
        _analyze(connection, mart, mart.fill(connection), was_emptied=True)
    _analyze_all(connection)


def refill(connection: sa.Connection, scopes: Sequence[Scope]) -> None:
    """Write the rows of every mart that changed because activities did in these scopes.

    The planner's statistics are renewed where an athlete is new, or many rows are.
    """
    new = {scope.athlete_id for scope in scopes if _has_none(connection, scope)}
    is_first = bool(new)
    if is_first:
        _analyze_new(connection)
    # Of a new athlete there is nothing to compare with.
    scopes = [replace(scope, days=None) if scope.athlete_id in new else scope for scope in scopes]
    dates.grow(connection)
    sums = {scope: scope for scope in scopes}
    written = 0
    for mart in MARTS:
        rows = 0
        for scope in scopes:
            own = sums[scope] if mart in _OF_SUMS else scope
            if mart in _ONLY_OF_SUMS and own.days == frozenset():
                continue
            done = mart.refill(connection, own)
            if mart is PERIOD_SUMMARY:
                sums[scope] = changed_sums(scope, done)
            rows += done.count
        if is_first or rows > _MANY:
            _analyze(connection, mart, rows)
        written += rows
    dates.shrink(connection)
    if is_first or written > _MANY:
        _analyze_all(connection)


def _has_none(connection: sa.Connection, scope: Scope) -> bool:
    facts = sa.select(sa.literal(1)).where(*scope.of(ActivityFact.athlete_id)).limit(1)
    return connection.execute(facts).first() is None


def _analyze(
    connection: sa.Connection, mart: Mart, written: int, *, was_emptied: bool = False
) -> None:
    """Analyze a mart at once that has grown by half, since others are made from it.

    Less than that does not change how they are made; and to analyze the marts of a club for each of
    its athletes takes longer than to fill them.
    """
    if not _is_server(connection):
        return
    known = connection.scalar(sa.text(_ESTIMATE), {"name": mart.table.name}) or 0
    grown = written - known if was_emptied else written
    if 2 * grown > known:
        connection.exec_driver_sql(f"ANALYZE {mart.table.name}")


def _analyze_all(connection: sa.Connection) -> None:
    """Analyze the SQLite file; a server does so by itself."""
    if not _is_server(connection):
        connection.exec_driver_sql(f"PRAGMA analysis_limit = {_ANALYZED}")
        connection.exec_driver_sql("ANALYZE")


def _analyze_new(connection: sa.Connection) -> None:
    """Analyze tables that a first run has filled; autovacuum would do so only a minute later."""
    if not _is_server(connection):
        return
    for name in sorted(
        set(connection.scalars(sa.text(_NEVER_ANALYZED))) & set(Base.metadata.tables)
    ):
        connection.exec_driver_sql(f"ANALYZE {name}")


def _is_server(connection: sa.Connection) -> bool:
    return connection.dialect.name == "postgresql"
