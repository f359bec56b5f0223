"""Reads starred_segments.csv into starred_segments, starred_routes.csv into starred_routes."""

from __future__ import annotations

from ingest.transform.tables.cells import identifier
from ingest.transform.tables.csvtable import CsvTable, column
from ingest.transform.tables.dates import parse_date

_STARRED_AT = column("starred_at", parse_date, "Date")

STARRED_SEGMENTS = CsvTable(
    filename="starred_segments.csv",
    table="starred_segments",
    columns=(_STARRED_AT, column("segment_id", identifier, "Segment ID")),
    layouts=("Date,Segment ID",),
)
STARRED_ROUTES = CsvTable(
    filename="starred_routes.csv",
    table="starred_routes",
    columns=(_STARRED_AT, column("route_id", identifier, "Route ID")),
    layouts=("Date,Route ID",),
)
