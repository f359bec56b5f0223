"""Brings labels, sports and names of gear into the form in which they are compared."""

from __future__ import annotations

import unicodedata


def normalize_label(text: str) -> str:
    """Words only: no accents, no case, no punctuation, single blanks.

    ``Fréquence cardiaque max.`` becomes ``frequence cardiaque max``.
    """
    if not text.isascii():
        text = "".join(
            c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)
        )
    return " ".join("".join(c if c.isalnum() else " " for c in text.casefold()).split())


def squeeze(text: str) -> str:
    """Letters only, so that ``E-Bike Ride`` and ``EBikeRide`` are equal."""
    return normalize_label(text).replace(" ", "")


def name_key(text: str) -> str:
    """The form in which equal names of gear are equal: NFKC, no case, single blanks.

    Accents and punctuation count.
    """
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
