"""Reads general_preferences.csv into athletes.

The date of birth and settings of the web site are not read.
"""

from __future__ import annotations

from ingest.transform.tables.cells import beats, kilograms, trimmed, watts
from ingest.transform.tables.csvtable import CsvTable, csv_column

GENERAL_PREFERENCES = CsvTable(
    filename="general_preferences.csv",
    table="athletes",
    columns=(
        csv_column("weight_kg", kilograms, "Weight", "Poids", "Gewicht", "Peso"),
        csv_column("ftp_w", watts, "Functional Threshold Power", "Seuil fonctionnel de puissance"),
        csv_column("max_heartrate_bpm", beats, "Maximum Heartrate", "Fréquence cardiaque maximale"),
        csv_column("athlete_type", trimmed, "Athlete Type"),
        csv_column("measurement_preference", trimmed, "Measurement Preference"),
    ),
    layouts=(
        "Date of Birth,Weight,Functional Threshold Power,Maximum Heartrate,Athlete "
        "Type,Measurement Preference,Date Preference,Chart Preference,Email Language,Pace Zone "
        "Time,Pace Zone Distance,Default Leaderboard View",
    ),
    ignored=(
        "Date of Birth",
        "Date de naissance",
        "Date Preference",
        "Chart Preference",
        "Email Language",
        "Pace Zone Time",
        "Pace Zone Distance",
        "Default Leaderboard View",
    ),
)
