"""A gzip file's bytes in, its content out, never more than a bound: a small file can inflate to anything."""

from __future__ import annotations

import zlib
from types import ModuleType
from typing import Final

from ingest.errors import CorruptFile, TooLarge

_inflate: ModuleType
try:  # 2.2 times zlib where its wheel exists
    from isal import isal_zlib

    _inflate = isal_zlib
except ImportError:
    _inflate = zlib
_ERRORS: tuple[type[Exception], ...] = (zlib.error, _inflate.error)

#: No device writes more: the largest real TCX files are about 60 MB, and Strava takes uploads of 25 MB. XML takes six times its
#: bytes while it is parsed, and few files are parsed in the process that has 500 MB for everything.
MAX_INFLATED: Final = 128 * 1024 * 1024
_GZIP_WINDOW: Final = 31


def is_gzip(data: bytes) -> bool:
    """Whether the bytes begin like a gzip file."""
    return data[:3] == b"\x1f\x8b\x08"


def gunzip(data: bytes, origin: str, limit: int = MAX_INFLATED) -> bytes:
    """Inflate a gzip file, also one of several members, or one that was cut off (what is there is returned).

    Raises:
        CorruptFile: nothing can be inflated.
        TooLarge: the content is larger than ``limit`` bytes.
    """
    parts: list[bytes] = []
    size = 0
    while is_gzip(data):
        engine = _inflate.decompressobj(wbits=_GZIP_WINDOW)
        try:
            part = engine.decompress(data, limit - size + 1)
        except _ERRORS as err:
            if not parts:
                part = _salvage(data, limit - size + 1)
                if not part:
                    raise CorruptFile(origin, f"the gzip stream is damaged ({err})") from err
                if len(part) > limit:
                    raise TooLarge(origin, f"inflates to more than {limit >> 20} MiB") from err
                return part
            break
        size += len(part)
        if size > limit:
            raise TooLarge(origin, f"inflates to more than {limit >> 20} MiB")
        parts.append(part)
        data = engine.unused_data
    if not size:
        raise CorruptFile(origin, "the gzip file holds nothing")
    return b"".join(parts) if len(parts) > 1 else parts[0]


def _salvage(data: bytes, limit: int) -> bytes:
    """What a damaged stream gives before the damage."""
    engine = zlib.decompressobj(wbits=_GZIP_WINDOW)
    whole = bytearray()
    for at in range(0, len(data), 4096):
        try:
            whole += engine.decompress(data[at : at + 4096], limit - len(whole))
        except zlib.error:
            break
        if len(whole) >= limit:
            break
    return bytes(whole)
