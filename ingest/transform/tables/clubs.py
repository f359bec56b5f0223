"""Reads clubs.csv into clubs, and memberships.csv into memberships."""

from __future__ import annotations

from ingest.transform.tables.cells import trimmed, untrimmed
from ingest.transform.tables.csvtable import CsvTable, csv_column
from ingest.transform.tables.dates import parse_date

CLUBS = CsvTable(
    filename="clubs.csv",
    table="clubs",
    columns=(
        csv_column("name", trimmed, "Club Name"),
        csv_column("description", untrimmed, "Club Description"),
        csv_column("club_type", trimmed, "Club Type"),
        csv_column("club_sport", trimmed, "Club Sport"),
        csv_column("city", trimmed, "City", "Ville"),
        csv_column("state", trimmed, "State"),
        csv_column("country", trimmed, "Country", "Pays"),
        csv_column("website", trimmed, "Club Website"),
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
        csv_column("joined_at", parse_date, "Join Date", "Date d'inscription"),
        csv_column("club_name", trimmed, "Club Name"),
    ),
    layouts=("Join Date,Club Name",),
)
