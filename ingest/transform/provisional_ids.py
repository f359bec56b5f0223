"""Makes the id that an activity has while only a loose device file tells of it."""

from __future__ import annotations

import hashlib
from typing import Final

#: A provisional id is smaller than what a JSON number or a double holds exactly.
_IDS: Final = 2**53 - 1


def content_hash(data: bytes) -> str:
    """The hash by which equal device files are known; of unpacked bytes."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def provisional_id(content: str, session_index: int, named_athlete: int) -> int:
    """A negative id, so that it is none of Strava's; the same for every copy of a file.

    ``content`` is the file's ``content_hash``. ``named_athlete`` is whose file it is by its place,
    since a file that two athletes share is each one's; 0 where the place does not tell.
    """
    text = f"{content} {session_index} {named_athlete}"
    number = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")
    return -(number % _IDS) - 1
