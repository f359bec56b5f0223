"""Reads goals.csv into goals."""

from __future__ import annotations

from ingest.transform.tables.cells import parse_id, parse_number, trimmed
from ingest.transform.tables.csvtable import CsvTable, Row, csv_column
from ingest.transform.tables.dates import parse_date
from ingest.transform.tables.sports import sport_type


def _with_sport_type(rows: list[Row]) -> list[Row]:
    return [{**row, "sport_type": sport_type(row["activity_type_label"] or "")} for row in rows]


GOALS = CsvTable(
    filename="goals.csv",
    table="goals",
    columns=(
        csv_column("goal_type", trimmed, "Goal Type"),
        csv_column("activity_type_label", trimmed, "Activity Type"),
        csv_column("target", parse_number, "Goal"),
        csv_column("start_time_utc", parse_date, "Start Date"),
        csv_column("end_time_utc", parse_date, "End Date"),
        csv_column("segment_id", parse_id, "Segment ID"),
        csv_column("time_period", trimmed, "Time Period"),
        csv_column("interval_time", trimmed, "Interval Time"),
    ),
    layouts=(
        "Goal Type,Activity Type,Goal,Start Date,End Date,Segment ID,Time Period,Interval Time",
    ),
    finish=_with_sport_type,
)
