"""Reads goals.csv into goals."""

from __future__ import annotations

from ingest.transform.tables.cells import identifier, number, trimmed
from ingest.transform.tables.csvtable import CsvTable, Row, column
from ingest.transform.tables.dates import parse_date
from ingest.transform.tables.sports import sport_type


def _with_sport_type(rows: list[Row]) -> list[Row]:
    return [{**row, "sport_type": sport_type(row["activity_type_label"] or "")} for row in rows]


GOALS = CsvTable(
    filename="goals.csv",
    table="goals",
    columns=(
        column("goal_type", trimmed, "Goal Type"),
        column("activity_type_label", trimmed, "Activity Type"),
        column("target", number, "Goal"),
        column("start_time_utc", parse_date, "Start Date"),
        column("end_time_utc", parse_date, "End Date"),
        column("segment_id", identifier, "Segment ID"),
        column("time_period", trimmed, "Time Period"),
        column("interval_time", trimmed, "Interval Time"),
    ),
    layouts=(
        "Goal Type,Activity Type,Goal,Start Date,End Date,Segment ID,Time Period,Interval Time",
    ),
    finish=_with_sport_type,
)
