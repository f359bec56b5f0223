"""Reads components.csv into gear_components."""

from __future__ import annotations

from ingest.transform.tables.cells import key_text, trimmed
from ingest.transform.tables.csvtable import CsvTable, column

COMPONENTS = CsvTable(
    filename="components.csv",
    table="gear_components",
    columns=(
        column("bike_name", key_text, "Bike Name"),
        column("component_type", trimmed, "Component Type"),
        column("brand", trimmed, "Component Brand"),
        column("model", trimmed, "Component Model"),
    ),
    layouts=("Bike Name,Component Type,Component Brand,Component Model",),
)
