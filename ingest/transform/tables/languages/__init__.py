"""Lists the languages whose exports are known; a new language is a file of words and an entry."""

from __future__ import annotations

from typing import Final

from ingest.transform.tables.languages.de import DE
from ingest.transform.tables.languages.en import EN
from ingest.transform.tables.languages.es import ES
from ingest.transform.tables.languages.fr import FR
from ingest.transform.tables.languages.language import Language
from ingest.transform.tables.languages.nl import NL

#: English of 2018, when exports had ten columns; the same words mean other columns later (``type``,
#: ``gear``).
EN_2018: Final = Language(
    code="en",
    decimal=".",
    labels={
        "activity_id": ("id",),
        "activity_date": ("date",),
        "activity_name": ("name",),
        "activity_type": ("type",),
        "activity_description": ("description",),
        "elapsed_time": ("elapsed_time",),
        "distance": ("distance",),
        "commute": ("commute",),
        "activity_gear": ("gear",),
        "filename": ("filename",),
    },
)

LANGUAGES: Final = (EN, DE, FR, ES, NL)

__all__ = ["EN", "EN_2018", "LANGUAGES", "Language"]
