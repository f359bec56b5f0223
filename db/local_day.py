"""Says by which start an activity belongs to a calendar day, and how many days are told apart."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from db.models import Activity

#: Changed days of an athlete up to which marts are refilled day by day, else for all days. A query
#: names them up to four times, and old SQLite builds take 999 parameters.
MOST_DAYS: Final = 200

#: Start that decides the calendar day of an activity: local where known, else UTC.
START: Final = sa.func.coalesce(
    Activity.start_time_local,
    sa.type_coerce(Activity.start_time_utc, Activity.start_time_local.type),
)
