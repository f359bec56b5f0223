"""What was imported in; the tables that BI tools chart, filled anew, out.

``refresh`` runs inside the caller's transaction: readers see all marts as they were, or all as they are now.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from db.marts.activity_facts import ACTIVITY_FACTS
from db.marts.daily_load import DAILY_LOAD
from db.marts.dates import DATES
from db.marts.eddington import EDDINGTON
from db.marts.gear_mileage import GEAR_MILEAGE
from db.marts.mart import Athletes, Mart, of_athletes
from db.marts.period_summary import PERIOD_SUMMARY
from db.marts.personal_records import PERSONAL_RECORDS
from db.marts.split_pace import SPLIT_PACE
from db.marts.streaks import STREAKS
from db.marts.year_to_date import YEAR_TO_DATE

__all__ = ["MARTS", "refresh"]

#: Every mart, after those it is made from.
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
#: Rows of each index that ANALYZE looks at: enough to choose indexes by, and no scan of millions of points.
_ANALYZED: Final = 1000


def refresh(connection: sa.Connection, athletes: Athletes = None) -> None:
    """Fill every mart anew, or the rows of some athletes; for everybody the planner's statistics, too."""
    for mart in reversed(MARTS):
        if not mart.is_kept:
            _empty(connection, mart, athletes)
    for mart in MARTS:
        mart.fill(connection, athletes)
    if athletes is None:
        _analyze(connection)


def _empty(connection: sa.Connection, mart: Mart, athletes: Athletes) -> None:
    table = mart.table
    if athletes is None:
        connection.execute(sa.delete(table))
    elif "athlete_id" in table.columns:
        connection.execute(sa.delete(table).where(of_athletes(table.c.athlete_id, athletes)))


def _analyze(connection: sa.Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA analysis_limit = {_ANALYZED}")
        connection.exec_driver_sql("ANALYZE")
    else:
        connection.exec_driver_sql(f"ANALYZE {', '.join(mart.table.name for mart in MARTS)}")
