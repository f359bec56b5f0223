"""Reads clubs.csv into clubs, and memberships.csv into memberships."""

from __future__ import annotations

from ingest.transform.tables.cells import text, trimmed
from ingest.transform.tables.csvtable import CsvTable, column
from ingest.transform.tables.dates import parse_date

CLUBS = CsvTable(
    filename="clubs.csv",
    table="clubs",
    columns=(
        column("name", trimmed, "Club Name"),
        column("description", text, "Club Description"),
        column("club_type", trimmed, "Club Type"),
        column("club_sport", trimmed, "Club Sport"),
        column("city", trimmed, "City", "Ville"),
        column("state", trimmed, "State"),
        column("country", trimmed, "Country", "Pays"),
        column("website", trimmed, "Club Website"),
    ),
    layouts=(
        "Club Name,Club Description,Club Type,Club Sport,City,Country,State,Club Website,Cover "
        "Photo,Club Picture",
        "Club Name,Club Description,Club Type,Club Sport,City,Country,State,Club Website,"
        "Club Facebook Page,Club Twitter Page,Cover Photo,Club Picture",
    ),
    ignored=("Club Facebook Page", "Club Twitter Page", "Cover Photo", "Club Picture"),
)

MEMBERSHIPS = CsvTable(
    filename="memberships.csv",
    table="clubs",
    columns=(
        column("joined_at", parse_date, "Join Date", "Date d'inscription"),
        column("club_name", trimmed, "Club Name"),
    ),
    layouts=("Join Date,Club Name",),
)
