"""Reads shoes.csv into gear.

It has no ids: activities refer to shoes by brand, model and name in one text. The name may be
empty.
"""

from __future__ import annotations

from ingest.transform.tables.cells import MAX_KEY, parse_key, trimmed
from ingest.transform.tables.csvtable import CsvTable, Row, csv_column
from ingest.transform.tables.names import name_key


def _with_display_name(rows: list[Row]) -> list[Row]:
    return [{**row, "display_name": _display_name(row)} for row in rows]


def _display_name(row: Row) -> str | None:
    words = " ".join(" ".join(row[part] or "" for part in ("brand", "model", "name")).split())
    return words if words and len(name_key(words)) <= MAX_KEY else None


SHOES = CsvTable(
    filename="shoes.csv",
    table="gear",
    columns=(
        csv_column("name", parse_key, "Shoe Name"),
        csv_column("brand", parse_key, "Shoe Brand"),
        csv_column("model", parse_key, "Shoe Model"),
        csv_column("default_sport_types", trimmed, "Shoe Default Sport Types"),
    ),
    layouts=(
        "Shoe Name,Shoe Brand,Shoe Model,Shoe Default Sport Types",
        "Shoe Name,Shoe Brand,Shoe Model",
    ),
    constants={"kind": "shoe"},
    finish=_with_display_name,
)
