"""Reads structured_details.csv into workout_sets: one row for each set of a strength workout."""

from __future__ import annotations

from collections import Counter

from ingest.transform.tables.cells import (
    identifier,
    long_whole,
    milliseconds,
    number,
    trimmed,
    whole,
)
from ingest.transform.tables.csvtable import CsvTable, Row, column


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
        column(
            "activity_id",
            identifier,
            "Activity ID",
            "Aktivitäts-ID",
            "ID de l'activité",
            "Id. de actividad",
            "Activiteits-ID",
        ),
        column("exercise_name", trimmed, "Exercise Name"),
        column("repetitions", whole, "Repetitions"),
        column("duration_s", number, "Duration (seconds)"),
        column("weight_kg", number, "Weight"),
        column("start_offset_s", milliseconds, "Start Time (milliseconds)"),
        column("superset_id", long_whole, "Superset ID"),
        column("perceived_exertion", number, "Rate of Perceived Exertion"),
    ),
    layouts=(
        "Activity ID,Exercise Name,Repetitions,Duration (seconds),Weight,Start Time "
        "(milliseconds),Superset ID,"
        "Rate of Perceived Exertion",
    ),
    finish=_numbered,
)
