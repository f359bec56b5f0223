"""Prints the result of a command as one JSON object on standard output."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from db.terminal import json_line, say


def say_result(status: str = "done", error: str | None = None, **facts: Any) -> None:
    """Print ``status``, ``error`` and the facts; times become texts of ISO 8601."""
    say(json_line({"status": status, "error": error, **facts}, _text))


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
