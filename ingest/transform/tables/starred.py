"""Reads starred_segments.csv into starred_segments, starred_routes.csv into starred_routes."""

from __future__ import annotations

from ingest.transform.tables.cells import parse_id
from ingest.transform.tables.csvtable import CsvTable, csv_column
from ingest.transform.tables.dates import parse_date

_STARRED_AT = csv_column("starred_at", parse_date, "Date")

STARRED_SEGMENTS = CsvTable(
    filename="starred_segments.csv",
    table="starred_segments",
    columns=(_STARRED_AT, csv_column("segment_id", parse_id, "Segment ID")),
    layouts=("Date,Segment ID",),
)
STARRED_ROUTES = CsvTable(
    filename="starred_routes.csv",
    table="starred_routes",
    columns=(_STARRED_AT, csv_column("route_id", parse_id, "Route ID")),
    layouts=("Date,Route ID",),
)
