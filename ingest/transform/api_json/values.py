"""Reads one value of the API's JSON; ``None`` if it has another type than its name promises.

The API guarantees no types: counts come as ``12.0``, heart rates as ``162.5``, and a new field may
be anything. What cannot be read is missing in the columns, but stays in the observation, which
keeps the answer as it came.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from ingest.transform import positions
from ingest.transform.timezones import FIRST_YEAR, LAST_YEAR

_INT32: Final = 2**31
_INT64: Final = 2**63
#: Number of digits of 2**63.
_LONGEST_ID: Final = 19
#: Largest length of a text in an index; PostgreSQL's indexes take 8 kB a row.
_LONGEST_KEY: Final = 500


def json_number(value: Any) -> float | None:
    """A finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        real = float(value)
    except OverflowError:
        return None
    # Adding zero turns -0.0 into 0.0: SQLite stores it as 0, PostgreSQL as it is.
    return real + 0.0 if math.isfinite(real) else None


def json_whole(value: Any) -> int | None:
    """A whole number of 32 bits."""
    return _whole(value, _INT32)


def json_id(value: Any) -> int | None:
    """An id: a whole number of 64 bits, also one written as a text."""
    if (
        isinstance(value, str)
        and value.isascii()
        and value.isdecimal()
        and len(value) <= _LONGEST_ID
    ):
        value = int(value)
    return _whole(value, _INT64)


def _whole(value: Any, end: int) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, float):
        if not value.is_integer():  # of NaN and infinity as well
            return None
        value = int(value)
    return value if -end <= value < end else None


def json_text(value: Any) -> str | None:
    """A text, without NUL and halves of surrogate pairs, which PostgreSQL refuses."""
    if not isinstance(value, str):
        return None
    return value.replace("\0", "").encode("utf-8", "replace").decode("utf-8") or None


def json_key(value: Any) -> str | None:
    """A text that fits an index; ``None`` if it is longer than any name or id of Strava's."""
    read = json_text(value)
    return read if read is not None and len(read) <= _LONGEST_KEY else None


def json_flag(value: Any) -> bool | None:
    """Yes or no."""
    return value if isinstance(value, bool) else None


def moment(value: Any) -> datetime | None:
    """A time such as 2026-05-01T07:12:33Z."""
    if not isinstance(value, str):
        return None
    try:
        read = datetime.fromisoformat(value)
    except ValueError:
        return None
    aware = read.replace(tzinfo=UTC) if read.tzinfo is None else read
    return aware.astimezone(UTC) if FIRST_YEAR < aware.year < LAST_YEAR else None


def wall_clock(value: Any) -> datetime | None:
    """A local time, which the API writes as if it were UTC."""
    read = moment(value)
    return None if read is None else read.replace(tzinfo=None)


def json_position(value: Any) -> tuple[float, float] | None:
    """Latitude and longitude; ``None`` for ``[]`` or 0/0, which the API writes for none."""
    return positions.position(*pair(value))


def pair(value: Any) -> tuple[float | None, float | None]:
    """Two numbers in a list."""
    if not isinstance(value, list) or len(value) != 2:
        return None, None
    return json_number(value[0]), json_number(value[1])


def mapping(value: Any) -> Mapping[str, Any]:
    """An object; an empty one if the value is no object."""
    return value if isinstance(value, dict) else {}


def mappings(value: Any) -> list[Mapping[str, Any]]:
    """The objects of a list, without its other elements."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
