"""Reads names and values from a ``.env`` file, for the importer and the exporters alike."""

from __future__ import annotations

import io
from pathlib import Path

from dotenv import dotenv_values


class UnreadableSettings(Exception):
    """The file cannot be read; the message names it and says what to do."""


def read_settings(file: Path) -> dict[str, str]:
    """The settings of a file; none where there is no such file.

    Raises:
        UnreadableSettings: it may not be read, or is no text in UTF-8.
    """
    if not file.is_file():
        return {}
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as err:
        raise UnreadableSettings(
            f"{file} cannot be read ({err.strerror}); make it readable, or move it away"
        ) from err
    except UnicodeDecodeError:
        text = "\0"  # not chained: the cause quotes the file, which may hold secrets
    if "\0" in text:
        raise UnreadableSettings(
            f"{file} is no text in UTF-8; save it as UTF-8 with a text editor, or move it away"
        )
    return {
        name: value
        for name, value in dotenv_values(stream=io.StringIO(text)).items()
        if value is not None
    }
