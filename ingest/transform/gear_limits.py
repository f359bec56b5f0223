"""Reads ``gear_limits.csv``: after how many kilometres each bike or pair of shoes is due."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ingest.errors import UsageError
from ingest.transform.tables.names import name_key

NAME: Final = "gear_limits.csv"
_COLUMNS: Final = ("gear", "limit_km")
_EXAMPLE: Final = "its first line must be gear,limit_km and each other one like Blue shoes,800"
#: Bytes that no list of shoes has.
_LARGEST: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class GearLimit:
    """A line of the file."""

    #: Name as activities show it, or Strava's id (b1234 or g1234).
    gear: str
    limit_km: float
    line: int


def read_gear_limits(path: Path) -> tuple[GearLimit, ...] | None:
    """The limits in the file; ``None`` if there is no such file.

    Spreadsheets may have written it with semicolons, and then with decimal commas.

    Raises:
        UsageError: the file cannot be read, or a line says no limit; names file and line.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise UsageError(f"{path}: too large for a list of gear; {_EXAMPLE}")
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as err:
        raise UsageError(f"{path}: not UTF-8; save it as CSV in UTF-8") from err
    except OSError as err:
        raise UsageError(f"{path}: {err.strerror}; let this user read it, or remove it") from err
    try:
        return tuple(_limits(path, text))
    except csv.Error as err:
        raise UsageError(f"{path}: no CSV ({err}); {_EXAMPLE}") from err


def _limits(path: Path, text: str) -> Iterator[GearLimit]:
    separator = ";" if ";" in text.partition("\n")[0] else ","
    lines = csv.reader(text.splitlines(), delimiter=separator)
    header = tuple(cell.strip().casefold() for cell in next(lines, ()))
    if header != _COLUMNS:
        raise UsageError(f"{path}, line 1: {_EXAMPLE}")
    seen: dict[str, int] = {}
    for cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        at = f"{path}, line {lines.line_num}"
        if len(cells) != len(_COLUMNS) or not cells[0].strip():
            raise UsageError(f"{at}: not a name and a limit; write it like Blue shoes,800")
        gear, limit = (cell.strip() for cell in cells)
        first = seen.setdefault(name_key(gear), lines.line_num)
        if first != lines.line_num:
            raise UsageError(f"{at}: {gear} has a limit in line {first} already; remove one")
        yield GearLimit(gear=gear, limit_km=_kilometres(limit, at), line=lines.line_num)


def _kilometres(text: str, at: str) -> float:
    try:
        limit = float(text.replace(",", "."))
    except ValueError:
        limit = math.nan
    if not (0 < limit < math.inf):
        raise UsageError(f"{at}: {text} is no distance; write kilometres above 0, like 800")
    return limit
