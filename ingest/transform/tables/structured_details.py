"""Reads structured_details.csv into workout_sets: one row for each set of a strength workout."""

from __future__ import annotations

from collections import Counter

from ingest.transform.tables.cells import (
    milliseconds,
    parse_id,
    parse_long_whole,
    parse_number,
    parse_whole,
    trimmed,
)
from ingest.transform.tables.csvtable import CsvTable, Row, csv_column


def _numbered(rows: list[Row]) -> list[Row]:
    """Number the sets of each activity; only their order tells two equal sets apart."""
    seen: Counter[int | None] = Counter()
    numbered = []
    for row in rows:
        activity_id = row["activity_id"]
        numbered.append({**row, "set_index": seen[activity_id]})
        seen[activity_id] += 1
    return numbered


STRUCTURED_DETAILS = CsvTable(
    filename="structured_details.csv",
    table="workout_sets",
    columns=(
        csv_column(
            "activity_id",
            parse_id,
            "Activity ID",
            "Aktivitäts-ID",
            "ID de l'activité",
            "Id. de actividad",
            "Activiteits-ID",
        ),
        csv_column("exercise_name", trimmed, "Exercise Name"),
        csv_column("repetitions", parse_whole, "Repetitions"),
        csv_column("duration_s", parse_number, "Duration (seconds)"),
        csv_column("weight_kg", parse_number, "Weight"),
        csv_column("start_offset_s", milliseconds, "Start Time (milliseconds)"),
        csv_column("superset_id", parse_long_whole, "Superset ID"),
        csv_column("perceived_exertion", parse_number, "Rate of Perceived Exertion"),
    ),
    layouts=(
        "Activity ID,Exercise Name,Repetitions,Duration (seconds),Weight,Start Time "
        "(milliseconds),Superset ID,Rate of Perceived Exertion",
    ),
    finish=_numbered,
)
