"""Finds tables by the names that the user gave; defines the flat view of an activity.

CSV, JSON and Excel share that view.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from db.models import Activity, Base, Gear
from exporters.errors import UsageError
from exporters.selection import Selection, by_start


def tables_named(names: Sequence[str]) -> tuple[sa.Table, ...]:
    """The named tables, or all if none is named; a table comes after those it refers to."""
    known = Base.metadata.tables
    unknown = [name for name in names if name not in known]
    if unknown:
        raise UsageError(
            f"there is no table {unknown[0]!r}; choose from {', '.join(sorted(known))}"
        )
    return tuple(table for table in Base.metadata.sorted_tables if not names or table.name in names)


def is_points(table: sa.Table) -> bool:
    """Whether a table is ``track_points``, the only one too large to read as rows."""
    return table.name == "track_points"


def rows_of(table: sa.Table, selection: Selection) -> sa.Select[Any]:
    """The rows of a table that belong to the selection, by primary key (activities: by start)."""
    order = by_start() if table.name == "activities" else tuple(table.primary_key.columns)
    return selection.restrict(sa.select(*table.columns), table).order_by(*order)


def flat_activities(selection: Selection) -> sa.Select[Any]:
    """Every column of ``activities``, with the name of the gear, by start."""
    gear = Base.metadata.tables["gear"]
    activities = Base.metadata.tables["activities"]
    return (
        sa.select(*activities.columns, gear.c.name.label("gear_name"))
        .outerjoin_from(activities, gear, Activity.gear_id == Gear.gear_id)
        .where(*selection.conditions())
        .order_by(*by_start())
    )
