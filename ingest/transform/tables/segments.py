"""Reads segments.csv: the segments that the athlete created, not those they rode or ran."""

from __future__ import annotations

from ingest.transform.tables.cells import identifier, number, text
from ingest.transform.tables.csvtable import CsvTable, column

SEGMENTS = CsvTable(
    filename="segments.csv",
    table="segments",
    columns=(
        column("name", text, "Segment Name"),
        column("activity_id", identifier, "Activity ID"),
        column("start_latitude", number, "Starting Latitude"),
        column("start_longitude", number, "Starting Longitude"),
        column("end_latitude", number, "Ending Latitude"),
        column("end_longitude", number, "Ending Longitude"),
    ),
    layouts=(
        "Segment Name,Activity ID,Starting Latitude,Starting Longitude,Ending Latitude,Ending "
        "Longitude",
    ),
)
