"""Removes from a text whatever XML 1.0 may not hold."""

from __future__ import annotations

import re
from typing import Final

#: Characters that XML cannot hold, not even escaped: control characters, halves of surrogate pairs
#: and non-characters.
_FORBIDDEN: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def valid_xml_text(text: str) -> str:
    """The text without what XML cannot hold."""
    return _FORBIDDEN.sub("", text)
