"""Reads profile.csv into athletes.

The athlete's e-mail address and the consent to health data are never read.
"""

from __future__ import annotations

from ingest.transform.tables.cells import kilograms, parse_id, trimmed
from ingest.transform.tables.csvtable import CsvTable, csv_column

PROFILE = CsvTable(
    filename="profile.csv",
    table="athletes",
    columns=(
        csv_column(
            "athlete_id",
            parse_id,
            "Athlete ID",
            "ID de l'athlète",
            "Athleten-ID",
            "Id. de atleta",
            "ID del atleta",
        ),
        csv_column("first_name", trimmed, "First Name", "Prénom", "Vorname", "Nombre", "Voornaam"),
        csv_column("last_name", trimmed, "Last Name", "Nom", "Nachname", "Apellido", "Achternaam"),
        csv_column("sex", trimmed, "Sex", "Sexe", "Geschlecht", "Sexo", "Geslacht"),
        csv_column(
            "description", trimmed, "Description", "Beschreibung", "Descripción", "Beschrijving"
        ),
        csv_column("weight_kg", kilograms, "Weight", "Poids", "Gewicht", "Peso"),
        csv_column("city", trimmed, "City", "Ville", "Stadt", "Ciudad", "Stad"),
        csv_column("state", trimmed, "State"),
        csv_column("country", trimmed, "Country", "Pays", "Land", "País"),
    ),
    layouts=(
        "Athlete ID,Email Address,First Name,Last Name,Sex,Description,Weight,City,State,Country,"
        "Health Consent Status,Date of Health Consent approval/denial",
    ),
    ignored=(
        "Email Address",
        "Adresse e-mail",
        "E-Mail-Adresse",
        "E-mailadres",
        "Health Consent Status",
        "Date of Health Consent approval/denial",
    ),
)
