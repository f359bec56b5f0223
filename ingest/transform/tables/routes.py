"""Reads routes.csv into routes."""

from __future__ import annotations

from ingest.transform.tables.cells import trimmed, untrimmed
from ingest.transform.tables.csvtable import CsvTable, csv_column

ROUTES = CsvTable(
    filename="routes.csv",
    table="routes",
    columns=(
        csv_column("name", untrimmed, "Route Name"),
        csv_column("filename", trimmed, "Route Filename"),
    ),
    layouts=("Route Name,Route Filename",),
)
