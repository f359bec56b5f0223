"""Text that attacks whoever prints it, and what must not be left of it in a terminal or a log."""

from __future__ import annotations

import re
from typing import Final

#: The title of the window, red letters (by C0 and by C1), a forged line, text that runs backwards.
NASTY: Final = (
    "[/x]\x1b]0;owned\x07\x1b[31m\x9b31m\x85\u2028a\r\nforged: all is well\u202eb\u2066\u200f\x7fz"
)
#: The same as a name of a file, and with half of a surrogate pair, as names that are no UTF-8 have
#: it.
NASTY_FILE: Final = NASTY.replace("/", "")
BROKEN_FILE: Final = NASTY_FILE + "\udcff"
_RAW: Final = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


def raw_characters(*texts: str) -> list[str]:
    """What a terminal would obey, and lines that other people have written."""
    lines = [line for text in texts for line in text.split("\n")]
    return [
        *(c for text in texts for c in _RAW.findall(text)),
        *(x for x in lines if x.startswith("forged")),
    ]
