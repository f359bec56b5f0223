"""Reads comments.csv, the comments that the athlete wrote.

The export does not say what they are about.
"""

from __future__ import annotations

from ingest.transform.tables.cells import untrimmed
from ingest.transform.tables.csvtable import CsvTable, csv_column
from ingest.transform.tables.dates import parse_date

COMMENTS = CsvTable(
    filename="comments.csv",
    table="comments",
    columns=(
        csv_column("commented_at", parse_date, "Comment Date", "Date du commentaire"),
        csv_column("comment", untrimmed, "Comment", "Commenter"),
    ),
    layouts=("Comment Date,Comment",),
)
