"""Reads bikes.csv into gear; it has no ids, and activities refer to a bike by its name."""

from __future__ import annotations

from ingest.transform.tables.cells import parse_key, trimmed
from ingest.transform.tables.csvtable import CsvTable, Row, csv_column


def _with_display_name(rows: list[Row]) -> list[Row]:
    return [{**row, "display_name": " ".join((row["name"] or "").split()) or None} for row in rows]


BIKES = CsvTable(
    filename="bikes.csv",
    table="gear",
    columns=(
        csv_column("name", parse_key, "Bike Name"),
        csv_column("brand", trimmed, "Bike Brand"),
        csv_column("model", trimmed, "Bike Model"),
        csv_column("default_sport_types", trimmed, "Bike Default Sport Types"),
    ),
    layouts=(
        "Bike Name,Bike Brand,Bike Model,Bike Default Sport Types",
        "Bike Name,Bike Brand,Bike Model",
    ),
    constants={"kind": "bike"},
    finish=_with_display_name,
)
