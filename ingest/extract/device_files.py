"""Tells device files (FIT, GPX, TCX, gzipped or not) from others, by name and by content."""

from __future__ import annotations

import zlib
from typing import Final

from db.export_names import is_junk
from ingest.transform.parsers import PARSERS
from ingest.transform.parsers.gunzip import is_gzip

#: Number of bytes at the beginning of a file that tell what it is.
HEAD: Final = 4096
_ENDINGS: Final = tuple(f".{fmt}{packed}" for fmt in PARSERS for packed in ("", ".gz"))


def is_named_like_one(name: str) -> bool:
    """Whether a file's name is that of a device file, and not of one that is passed over."""
    return name.lower().endswith(_ENDINGS) and not is_passed_over(name)


def is_passed_over(name: str) -> bool:
    """Whether a file is hidden, left behind by a system, or what a program that copies or syncs
    keeps until it is done.
    """
    last = name.rpartition("/")[2]
    return last.startswith((".", "~")) or last.lower().endswith(".tmp") or is_junk(name)


def device_format(head: bytes) -> str | None:
    """FIT, GPX or TCX, by the first bytes of a file."""
    plain = inflated_head(head) if is_gzip(head) else head
    return next((fmt for fmt, entry in PARSERS.items() if entry.recognizes(plain)), None)


def inflated_head(head: bytes) -> bytes:
    """The first bytes that a gzip file packs; none where it is damaged."""
    try:
        return zlib.decompressobj(wbits=31).decompress(head, HEAD)
    except zlib.error:
        return b""
