"""Reads media.csv (photos.csv until 2022) into media.

Only activities.csv tells which activity a picture belongs to.
"""

from __future__ import annotations

from ingest.transform.tables.cells import parse_key, untrimmed
from ingest.transform.tables.csvtable import CsvTable, csv_column

_COLUMNS = (
    csv_column("filename", parse_key, "Media Filename", "Photo Filename"),
    csv_column("caption", untrimmed, "Media Caption", "Photo Caption"),
)

MEDIA = CsvTable(
    filename="media.csv", table="media", columns=_COLUMNS, layouts=("Media Filename,Media Caption",)
)
PHOTOS = CsvTable(
    filename="photos.csv",
    table="media",
    columns=_COLUMNS,
    layouts=("Photo Filename,Photo Caption",),
)
