"""Removes the position from a JPEG, PNG or WebP picture, whose pixels stay as they are encoded.

Only what is needed to show the picture is kept, and what ``exif`` keeps. So XMP, IPTC, comments,
previews, and pictures or films behind the picture are removed, too: each can hold a position.

Sources: ITU T.81 annex B (JPEG), PNG third edition, RFC 9649 (WebP).
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from typing import Final

from exporters.exif import without_position

_JPEG: Final = b"\xff\xd8"
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_EXIF: Final = b"Exif\0\0"
#: Markers of a JPEG: the first bytes of a scan, the end, and those without a length.
_SCAN, _END = 0xDA, 0xD9
_BARE: Final = frozenset([0x01, *range(0xD0, 0xD8)])
#: The marker that ends a scan: inside one, FF is followed by 00, or by a marker of a restart.
_AFTER_SCAN: Final = re.compile(rb"\xff+[^\x00\xd0-\xd7\xff]", re.DOTALL)
#: Segments of applications that change how a JPEG looks: marker -> how they begin.
_SHOWING: Final = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
_APPLICATIONS: Final = range(0xE0, 0xF0)
_COMMENT: Final = 0xFE
#: Chunks of a PNG that change how it looks, beside those that every reader must know.
_PNG_SHOWING: Final = frozenset(
    b"tRNS gAMA cHRM sRGB iCCP sBIT bKGD hIST pHYs sPLT cICP mDCV cLLI acTL fcTL fdAT".split()
)
_WEBP_SHOWING: Final = frozenset([b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"])
#: Bits of a WebP's header that say whether Exif and XMP follow.
_HAS_EXIF, _HAS_XMP = 0x08, 0x04


class PositionStays(Exception):
    """The file may still hold a position. The message says why, without naming it."""


def stripped(data: bytes) -> bytes:
    """The picture without position.

    Raises:
        PositionStays: it is a film, a picture of another format, or damaged.
    """
    try:
        if data.startswith(_JPEG):
            return b"".join(_jpeg(data))
        if data.startswith(_PNG):
            return b"".join(_png(data))
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return _webp(data)
    except (struct.error, IndexError) as err:
        raise PositionStays(
            "the picture is damaged and may keep a position, so it is not written"
        ) from err
    raise PositionStays(
        "it is no JPEG, PNG or WebP picture, so its position cannot be removed, and it is not "
        "written"
    )


def _jpeg(data: bytes) -> Iterator[bytes]:
    """The parts of a JPEG to keep, up to its end; what follows the end is another file."""
    yield _JPEG
    at = 2
    while True:
        while data[at] == 0xFF and data[at + 1] == 0xFF:  # fill bytes
            at += 1
        start, marker = struct.unpack_from("BB", data, at)
        if start != 0xFF:
            raise IndexError(at)
        if marker == _END:
            yield data[at : at + 2]
            return
        if marker in _BARE:
            end = at + 2
        else:
            (length,) = struct.unpack_from(">H", data, at + 2)
            end = at + 2 + max(length, 2)
        yield _segment(marker, data[at:end])
        if marker == _SCAN:
            found = _AFTER_SCAN.search(data, end)
            if found is None:
                raise IndexError(end)
            yield data[end : found.start()]
            end = found.start()
        at = end


def _segment(marker: int, segment: bytes) -> bytes:
    """The segment as it is kept; nothing if it is not needed."""
    body = segment[4:]
    if marker == 0xE1 and body.startswith(_EXIF):
        tiff = without_position(body[len(_EXIF) :])
        size = struct.pack(">H", 2 + len(_EXIF) + len(tiff))
        return segment[:2] + size + _EXIF + tiff if tiff else b""
    if marker == _COMMENT or marker in _APPLICATIONS:
        return segment if body.startswith(_SHOWING.get(marker, b"\0none")) else b""
    return segment


def _png(data: bytes) -> Iterator[bytes]:
    """The chunks of a PNG to keep, up to its end."""
    yield _PNG
    at, kind = len(_PNG), b""
    while kind != b"IEND":
        size, kind = struct.unpack_from(">I4s", data, at)
        (chunk,) = struct.unpack_from(f"{size + 12}s", data, at)
        if kind == b"eXIf":
            tiff = without_position(chunk[8:-4])
            yield _png_chunk(kind, tiff) if tiff else b""
        elif kind[:1].isupper() or kind in _PNG_SHOWING:
            yield chunk
        at += size + 12


def _png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _webp(data: bytes) -> bytes:
    """A WebP of the chunks to keep."""
    (size,) = struct.unpack_from("<I", data, 4)
    parts, at, end = [], 12, 8 + size
    header: bytearray | None = None
    exif = b""
    while at < end:
        kind, length = struct.unpack_from("<4sI", data, at)
        (body,) = struct.unpack_from(f"{length}s", data, at + 8)
        if kind == b"VP8X":
            header = bytearray(body)
        elif kind == b"EXIF":
            exif = without_position(body.removeprefix(_EXIF))
        elif kind in _WEBP_SHOWING:
            parts.append(_riff_chunk(kind, body))
        at += 8 + length + length % 2
    if header is not None:
        header[0] = header[0] & ~(_HAS_EXIF | _HAS_XMP) | (_HAS_EXIF if exif else 0)
        parts.insert(0, _riff_chunk(b"VP8X", bytes(header)))
        parts += [_riff_chunk(b"EXIF", exif)] if exif else []
    return _riff_chunk(b"RIFF", b"".join([b"WEBP", *parts]))


def _riff_chunk(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)
