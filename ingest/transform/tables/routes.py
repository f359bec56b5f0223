"""Reads routes.csv into routes."""

from __future__ import annotations

from ingest.transform.tables.cells import text, trimmed
from ingest.transform.tables.csvtable import CsvTable, column

ROUTES = CsvTable(
    filename="routes.csv",
    table="routes",
    columns=(column("name", text, "Route Name"), column("filename", trimmed, "Route Filename")),
    layouts=("Route Name,Route Filename",),
)
