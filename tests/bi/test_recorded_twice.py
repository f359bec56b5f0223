"""The SQL of docs/bi.md about activities that were recorded twice works on both engines."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import sqlalchemy as sa

from db.marts import refresh
from db.migrate import upgrade
from db.models import Activity, Athlete
from tests.bi.conftest import BI

PAGE = (BI.parent / "bi.md").read_text(encoding="utf-8")
START = datetime(2026, 5, 1, 12, tzinfo=UTC)
PLACE = {"start_latitude": 47.0, "start_longitude": 8.0, "end_latitude": 47.1, "end_longitude": 8.0}


def test_the_query_of_the_page_finds_what_was_recorded_twice(engine: sa.Engine) -> None:
    (sql,) = re.findall(r"## Recorded twice\n.*?```sql\n(.*?)```", PAGE, re.DOTALL)
    upgrade(engine, None)
    rows = [
        {"activity_id": 1, "name": "Ride", "elapsed_time_s": 3600.0, **PLACE},
        {"activity_id": -2, "name": "From the watch", "elapsed_time_s": 3500.0, **PLACE},
        {
            "activity_id": 3,
            "name": "Another",
            "elapsed_time_s": 3600.0,
            **PLACE,
            "end_latitude": 48.0,
        },
    ]
    same = {
        "athlete_id": 1,
        "sport_type": "Ride",
        "start_time_utc": START,
        "timezone_source": "unknown",
        "has_track": False,
    }
    with engine.begin() as connection:
        connection.execute(sa.insert(Athlete), {"athlete_id": 1})
        connection.execute(sa.insert(Activity), [{**row, **same} for row in rows])
        refresh(connection)
        (found,) = connection.execute(sa.text(sql)).mappings()
    assert (found["name"], found["other_name"]) == ("From the watch", "Ride")
    assert (found["overlap_fraction"], found["certainty"]) == (1.0, "high")
