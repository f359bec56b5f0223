"""shoes.csv -> gear. There are no ids: activities name shoes by brand, model and name in one; the name may be empty."""

from __future__ import annotations

from ingest.tables.cells import trimmed
from ingest.tables.csvtable import CsvTable, Row, column


def _with_display_name(rows: list[Row]) -> list[Row]:
    return [{**row, "display_name": _display_name(row)} for row in rows]


def _display_name(row: Row) -> str | None:
    words = " ".join(row[part] or "" for part in ("brand", "model", "name")).split()
    return " ".join(words) or None


SHOES = CsvTable(
    filename="shoes.csv",
    table="gear",
    columns=(
        column("name", trimmed, "Shoe Name"),
        column("brand", trimmed, "Shoe Brand"),
        column("model", trimmed, "Shoe Model"),
        column("default_sport_types", trimmed, "Shoe Default Sport Types"),
    ),
    layouts=("Shoe Name,Shoe Brand,Shoe Model,Shoe Default Sport Types", "Shoe Name,Shoe Brand,Shoe Model"),
    constants={"kind": "shoe"},
    finish=_with_display_name,
)
