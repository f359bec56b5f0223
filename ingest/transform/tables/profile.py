"""Reads profile.csv into athletes.

The athlete's e-mail address and the consent to health data are never read.
"""

from __future__ import annotations

from ingest.transform.tables.cells import identifier, kilograms, trimmed
from ingest.transform.tables.csvtable import CsvTable, column

PROFILE = CsvTable(
    filename="profile.csv",
    table="athletes",
    columns=(
        column(
            "athlete_id",
            identifier,
            "Athlete ID",
            "ID de l'athlète",
            "Athleten-ID",
            "Id. de atleta",
            "ID del atleta",
        ),
        column("first_name", trimmed, "First Name", "Prénom", "Vorname", "Nombre", "Voornaam"),
        column("last_name", trimmed, "Last Name", "Nom", "Nachname", "Apellido", "Achternaam"),
        column("sex", trimmed, "Sex", "Sexe", "Geschlecht", "Sexo", "Geslacht"),
        column(
            "description", trimmed, "Description", "Beschreibung", "Descripción", "Beschrijving"
        ),
        column("weight_kg", kilograms, "Weight", "Poids", "Gewicht", "Peso"),
        column("city", trimmed, "City", "Ville", "Stadt", "Ciudad", "Stad"),
        column("state", trimmed, "State"),
        column("country", trimmed, "Country", "Pays", "Land", "País"),
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
