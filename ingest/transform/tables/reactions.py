"""Reads the reactions that the athlete gave: reactions.csv (kudos.csv until about 2021)."""

from __future__ import annotations

from ingest.transform.tables.cells import parse_id, trimmed
from ingest.transform.tables.csvtable import CsvTable, csv_column
from ingest.transform.tables.dates import parse_date

_COLUMNS = (
    csv_column("reacted_at", parse_date, "Reaction Date", "Date de réaction", "Kudos Date", "Date"),
    csv_column("reaction_type", trimmed, "Reaction Type"),
    csv_column("parent_type", trimmed, "Parent Type"),
    csv_column("parent_id", parse_id, "Parent ID"),
)
_LAYOUTS = ("Reaction Date,Reaction Type,Parent Type,Parent ID",)

REACTIONS = CsvTable(
    filename="reactions.csv", table="reactions", columns=_COLUMNS, layouts=_LAYOUTS
)
#: The older file; no header of it has ever been published.
KUDOS = CsvTable(filename="kudos.csv", table="reactions", columns=_COLUMNS, layouts=_LAYOUTS)
