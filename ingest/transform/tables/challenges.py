"""Reads global_challenges.csv and group_challenges.csv into challenges."""

from __future__ import annotations

from dataclasses import replace

from ingest.transform.tables.cells import parse_flag, untrimmed
from ingest.transform.tables.csvtable import CsvTable, csv_column
from ingest.transform.tables.dates import parse_date

GLOBAL_CHALLENGES = CsvTable(
    filename="global_challenges.csv",
    table="challenges",
    columns=(
        csv_column("joined_at", parse_date, "Join Date", "Date d'inscription"),
        csv_column("name", untrimmed, "Name", "Nom", "Nombre", "Naam"),
        csv_column("is_completed", parse_flag, "Completed", "Terminé"),
    ),
    layouts=("Join Date,Name,Completed",),
    constants={"challenge_type": "global"},
)
GROUP_CHALLENGES = replace(
    GLOBAL_CHALLENGES, filename="group_challenges.csv", constants={"challenge_type": "group"}
)
