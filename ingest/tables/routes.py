"""routes.csv -> routes."""

from __future__ import annotations

from ingest.tables.cells import text, trimmed
from ingest.tables.csvtable import CsvTable, column

ROUTES = CsvTable(
    filename="routes.csv",
    table="routes",
    columns=(column("name", text, "Route Name"), column("filename", trimmed, "Route Filename")),
    layouts=("Route Name,Route Filename",),
)
