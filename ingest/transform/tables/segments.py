"""Reads segments.csv: the segments that the athlete created, not those they rode or ran."""

from __future__ import annotations

from ingest.transform.tables.cells import parse_id, parse_number, untrimmed
from ingest.transform.tables.csvtable import CsvTable, csv_column

SEGMENTS = CsvTable(
    filename="segments.csv",
    table="segments",
    columns=(
        csv_column("name", untrimmed, "Segment Name"),
        csv_column("activity_id", parse_id, "Activity ID"),
        csv_column("start_latitude", parse_number, "Starting Latitude"),
        csv_column("start_longitude", parse_number, "Starting Longitude"),
        csv_column("end_latitude", parse_number, "Ending Latitude"),
        csv_column("end_longitude", parse_number, "Ending Longitude"),
    ),
    layouts=(
        "Segment Name,Activity ID,Starting Latitude,Starting Longitude,Ending Latitude,Ending "
        "Longitude",
    ),
)
