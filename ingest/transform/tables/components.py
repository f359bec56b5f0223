"""Reads components.csv into gear_components."""

from __future__ import annotations

from ingest.transform.tables.cells import parse_key, trimmed
from ingest.transform.tables.csvtable import CsvTable, csv_column

COMPONENTS = CsvTable(
    filename="components.csv",
    table="gear_components",
    columns=(
        csv_column("bike_name", parse_key, "Bike Name"),
        csv_column("component_type", trimmed, "Component Type"),
        csv_column("brand", trimmed, "Component Brand"),
        csv_column("model", trimmed, "Component Model"),
    ),
    layouts=("Bike Name,Component Type,Component Brand,Component Model",),
)
