"""Names an activity's file, like ``2026-05-01T07-12-33Z_Morning-Run_12345.json``.

The name is valid on every file system.
"""

from __future__ import annotations

import unicodedata
from itertools import groupby
from typing import Final

from exporters.selection import Chosen

#: Bytes of UTF-8 that a title may take: names of files end at 255, and some sync programs count on less.
_TITLE_BYTES: Final = 100
_RESERVED: Final = frozenset(
    ["con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in "0123456789¹²³")]
)
#: They choose between a letter's looks, say of an emoji that does not get into the name; to Unicode they are marks.
_VARIATIONS: Final = frozenset(map(chr, range(0xFE00, 0xFE10)))


def file_name(activity: Chosen, suffix: str) -> str:
    """Start, title and id: sorted by name is sorted by time, and no two activities share one."""
    title = slug(activity.name or "") or slug(activity.sport_type or "") or "Activity"
    return f"{when(activity)}_{title}_{activity.activity_id}{suffix}"


def when(activity: Chosen) -> str:
    """How the name begins."""
    start = activity.start_time_utc
    return f"{start:%Y-%m-%dT%H-%M-%SZ}" if start else "undated"


def slug(text: str, limit: int = _TITLE_BYTES) -> str:
    """Letters, marks and digits of any alphabet, everything else one hyphen; never a name that Windows keeps for itself."""
    letters = unicodedata.normalize("NFC", text)
    runs = ("".join(run) if kept else "-" for kept, run in groupby(letters, _is_kept))
    cut = "".join(runs).strip("-").encode("utf-8", "ignore")[:limit].decode("utf-8", "ignore").strip("-")
    return f"{cut}-" if cut.lower() in _RESERVED else cut


def _is_kept(letter: str) -> bool:
    if letter in _VARIATIONS:
        return False
    return letter == "_" or letter.isalnum() or unicodedata.category(letter).startswith("M")
