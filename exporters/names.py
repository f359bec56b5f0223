"""Names an activity's file, like ``2026-05-01T07-12-33Z_Morning-Run_12345.json``.

The name is valid on every file system.
"""

from __future__ import annotations

import unicodedata
from itertools import groupby
from typing import Final

from exporters.selection import Chosen

#: Bytes of UTF-8 that a title may take: file systems allow 255 per name, some sync programs less.
_TITLE_BYTES: Final = 100
_RESERVED: Final = frozenset(
    [
        "con",
        "prn",
        "aux",
        "nul",
        *(f"{port}{n}" for port in ("com", "lpt") for n in "0123456789¹²³"),
    ]
)
#: Variation selectors: they choose how a letter looks, say an emoji that is left out of the name,
#: but Unicode counts them as marks.
_VARIATIONS: Final = frozenset(map(chr, range(0xFE00, 0xFE10)))


def file_name(activity: Chosen, suffix: str) -> str:
    """The name of start, title and id: sorting by name sorts by time, and no two are equal."""
    title = slug(activity.name or "") or slug(activity.sport_type or "") or "Activity"
    return f"{when(activity)}_{title}_{activity.activity_id}{suffix}"


def when(activity: Chosen) -> str:
    """The start of an activity as names begin with it."""
    start = activity.start_time_utc
    return f"{start:%Y-%m-%dT%H-%M-%SZ}" if start else "undated"


def slug(text: str, limit: int = _TITLE_BYTES) -> str:
    """The letters, marks and digits of a text, with a hyphen for each run of anything else.

    It is never a name that Windows reserves.
    """
    letters = unicodedata.normalize("NFC", text)
    runs = ("".join(run) if kept else "-" for kept, run in groupby(letters, _is_kept))
    cut = (
        "".join(runs)
        .strip("-")
        .encode("utf-8", "ignore")[:limit]
        .decode("utf-8", "ignore")
        .strip("-")
    )
    return f"{cut}-" if cut.lower() in _RESERVED else cut


def _is_kept(letter: str) -> bool:
    if letter in _VARIATIONS:
        return False
    return letter == "_" or letter.isalnum() or unicodedata.category(letter).startswith("M")
