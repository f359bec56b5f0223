"""Reads comments.csv, the comments that the athlete wrote.

The export does not say what they are about.
"""

from __future__ import annotations

from ingest.transform.tables.cells import text
from ingest.transform.tables.csvtable import CsvTable, column
from ingest.transform.tables.dates import parse_date

COMMENTS = CsvTable(
    filename="comments.csv",
    table="comments",
    columns=(
        column("commented_at", parse_date, "Comment Date", "Date du commentaire"),
        column("comment", text, "Comment", "Commenter"),
    ),
    layouts=("Comment Date,Comment",),
)
