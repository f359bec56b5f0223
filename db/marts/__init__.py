"""Refills the tables that BI tools chart from what was imported.

``refresh`` runs inside the caller's transaction: readers see all marts as they were, or all as they
are now.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from db.marts.activity_facts import ACTIVITY_FACTS
from db.marts.daily_load import DAILY_LOAD
from db.marts.dates import DATES
from db.marts.eddington import EDDINGTON
from db.marts.gear_mileage import GEAR_MILEAGE
from db.marts.mart import Mart
from db.marts.period_summary import PERIOD_SUMMARY
from db.marts.personal_records import PERSONAL_RECORDS
from db.marts.split_pace import SPLIT_PACE
from db.marts.streaks import STREAKS
from db.marts.year_to_date import YEAR_TO_DATE
from db.models import Base

__all__ = ["MARTS", "refresh"]

#: Every mart; each comes after those that it is made from.
MARTS: Final[tuple[Mart, ...]] = (
    DATES,
    ACTIVITY_FACTS,
    PERIOD_SUMMARY,
    YEAR_TO_DATE,
    DAILY_LOAD,
    EDDINGTON,
    STREAKS,
    GEAR_MILEAGE,
    PERSONAL_RECORDS,
    SPLIT_PACE,
)
#: Rows of each index that ANALYZE looks at: enough to choose indexes by, without a scan of millions
#: of points.
_ANALYZED: Final = 1000
_NEVER_ANALYZED: Final = """
    SELECT relname FROM pg_class
    WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND reltuples <= 0
"""


def refresh(connection: sa.Connection) -> None:
    """Refill every mart, and renew the query planner's statistics."""
    for mart in reversed(MARTS):
        if not mart.is_kept:
            connection.execute(sa.delete(mart.table))
    is_server = connection.dialect.name == "postgresql"
    if is_server:
        _analyze_new(connection)
    for mart in MARTS:
        mart.fill(connection)
        if is_server:  # at once, since other marts are made from it
            connection.exec_driver_sql(f"ANALYZE {mart.table.name}")
    if not is_server:
        connection.exec_driver_sql(f"PRAGMA analysis_limit = {_ANALYZED}")
        connection.exec_driver_sql("ANALYZE")


def _analyze_new(connection: sa.Connection) -> None:
    """Analyze tables that a first run has filled; autovacuum would do so only a minute later."""
    for name in sorted(
        set(connection.scalars(sa.text(_NEVER_ANALYZED))) & set(Base.metadata.tables)
    ):
        connection.exec_driver_sql(f"ANALYZE {name}")
