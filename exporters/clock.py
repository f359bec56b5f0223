"""Writes moments as texts like ``2026-05-01T07:12:33Z``."""

from __future__ import annotations

from datetime import datetime


def iso_text(moment: datetime) -> str:
    """ISO 8601 text; aware times end in Z, wall clocks have no suffix."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}Z" if moment.tzinfo else f"{moment:%Y-%m-%dT%H:%M:%S}"
