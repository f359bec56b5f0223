"""Reads the reactions that the athlete gave: reactions.csv (kudos.csv until about 2021)."""

from __future__ import annotations

from dataclasses import replace

from ingest.transform.tables.cells import parse_id, trimmed
from ingest.transform.tables.csvtable import CsvTable, csv_column
from ingest.transform.tables.dates import parse_date

REACTIONS = CsvTable(
    filename="reactions.csv",
    table="reactions",
    columns=(
        csv_column(
            "reacted_at", parse_date, "Reaction Date", "Date de réaction", "Kudos Date", "Date"
        ),
        csv_column("reaction_type", trimmed, "Reaction Type"),
        csv_column("parent_type", trimmed, "Parent Type"),
        csv_column("parent_id", parse_id, "Parent ID"),
    ),
    layouts=("Reaction Date,Reaction Type,Parent Type,Parent ID",),
)
#: The older file; no header of it has ever been published.
KUDOS = replace(REACTIONS, filename="kudos.csv")
