"""Makes the id that an activity has while only a loose device file tells of it."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Final

#: Minutes since 1970 that a start can lie in (up to the year 2225), and ids of each of them. All
#: ids together are as many as a JSON number or a double holds exactly.
_MINUTES: Final = 1 << 27
_IDS: Final = 1 << 26


def content_hash(data: bytes) -> str:
    """The hash by which equal device files are known; of unpacked bytes."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def provisional_id(
    content: str, session_index: int, named_athlete: int, start: datetime | None
) -> int:
    """A negative id, so that it is none of Strava's; the same for every copy of a file.

    ``content`` is the file's ``content_hash``. ``named_athlete`` is whose file it is by its place,
    since a file that two athletes share is each one's; 0 where the place does not tell. Later
    starts give higher ids, so that points are written at the end of their table, as files mostly
    come in the order of their starts; in any other place this takes a third more time.
    """
    minute = 0 if start is None else int(start.timestamp() // 60)
    minute = min(max(minute, 0), _MINUTES - 1)
    text = f"{content} {session_index} {named_athlete}"
    number = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")
    return (minute - _MINUTES) * _IDS + 1 + number % (_IDS - 1)
