"""Reads media.csv (photos.csv until 2022) into media.

Only activities.csv tells which activity a picture belongs to.
"""

from __future__ import annotations

from ingest.transform.tables.cells import key_text, text
from ingest.transform.tables.csvtable import CsvTable, column

_COLUMNS = (
    column("filename", key_text, "Media Filename", "Photo Filename"),
    column("caption", text, "Media Caption", "Photo Caption"),
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
