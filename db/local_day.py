"""Says by which start an activity belongs to a calendar day."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from db.models import Activity

#: Start that decides the calendar day of an activity: local where known, else UTC.
START: Final = sa.func.coalesce(
    Activity.start_time_local,
    sa.type_coerce(Activity.start_time_utc, Activity.start_time_local.type),
)
