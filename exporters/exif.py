"""Keeps orientation, times and camera of a picture's Exif data, and drops all else.

Exif is a small TIFF (Exif 2.32, TIFF 6.0). Tags are kept by a list, since positions also hide in
notes of the camera's maker, comments and previews.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

_POINTER: Final = 0x8769  # of the first directory, to the one with the details of the exposure
_LONG: Final = 4
#: Bytes of one value of each type.
_SIZES: Final = {1: 1, 2: 1, 3: 2, _LONG: 4, 5: 8, 7: 1, 9: 4, 10: 8}
_KEPT: Final = frozenset(
    [
        *(0x010F, 0x0110),  # make and model of the camera
        *(0x0112, 0x0132),  # orientation; when the file was changed
        *(0x829A, 0x829D, 0x8827, 0x920A, 0xA405),  # exposure, aperture, ISO and focal lengths
        *(0x9000, 0xA001),  # version of Exif, colour space
        *(0x9003, 0x9004),  # when it was taken and stored
        *(0x9010, 0x9011, 0x9012, 0x9290, 0x9291, 0x9292),  # their zones and fractions of seconds
    ]
)
#: Bytes of a value; times and names of cameras have less.
_MOST: Final = 200
_HEADS: Final = {b"II*\0": "<", b"MM\0*": ">"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """One tag of a directory; ``data`` is its values as they are stored."""

    tag: int
    kind: int
    count: int
    data: bytes


def without_position(tiff: bytes) -> bytes:
    """Exif data with the kept tags alone; empty if none is there, or if they cannot be read."""
    order = _HEADS.get(tiff[:4])
    if order is None:
        return b""
    try:
        (at,) = struct.unpack_from(f"{order}I", tiff, 4)
        first = list(_entries(tiff, order, at))
        details = [
            entry
            for pointer in first
            if pointer.tag == _POINTER
            for entry in _entries(tiff, order, struct.unpack(f"{order}I", pointer.data)[0])
        ]
    except struct.error:  # it ends too early
        return b""
    return _written(order, _kept(first), _kept(details))


def _kept(entries: Sequence[_Entry]) -> list[_Entry]:
    return [entry for entry in entries if entry.tag in _KEPT]


def _entries(tiff: bytes, order: str, at: int) -> Iterator[_Entry]:
    """The entries of the directory that begins at a byte."""
    (count,) = struct.unpack_from(f"{order}H", tiff, at)
    for place in range(at + 2, at + 2 + count * 12, 12):
        tag, kind, values = struct.unpack_from(f"{order}HHI", tiff, place)
        size = _SIZES.get(kind, _MOST + 1) * values
        if size > _MOST:
            continue
        start = place + 8 if size <= 4 else struct.unpack_from(f"{order}I", tiff, place + 8)[0]
        (data,) = struct.unpack_from(f"{size}s", tiff, start)
        yield _Entry(tag=tag, kind=kind, count=values, data=data)


def _written(order: str, first: Sequence[_Entry], details: Sequence[_Entry]) -> bytes:
    """A TIFF of these entries."""
    if not first and not details:
        return b""
    head = next(head for head, each in _HEADS.items() if each == order) + struct.pack(
        f"{order}I", 8
    )
    if not details:
        return head + _directory(order, first, 8)
    after = 8 + len(_directory(order, [*first, _pointer(order, 0)], 8))
    whole = _directory(order, [*first, _pointer(order, after)], 8)
    return head + whole + _directory(order, details, after)


def _pointer(order: str, to: int) -> _Entry:
    return _Entry(tag=_POINTER, kind=_LONG, count=1, data=struct.pack(f"{order}I", to))


def _directory(order: str, entries: Sequence[_Entry], at: int) -> bytes:
    """A directory that begins at a byte, with the values that do not fit into it behind it."""
    behind = at + 2 + 12 * len(entries) + 4
    lines, values = b"", b""
    for entry in sorted(entries, key=lambda entry: entry.tag):
        lines += struct.pack(f"{order}HHI", entry.tag, entry.kind, entry.count)
        if len(entry.data) <= 4:
            lines += entry.data.ljust(4, b"\0")
        else:
            lines += struct.pack(f"{order}I", behind + len(values))
            values += entry.data + b"\0" * (len(entry.data) % 2)  # values begin at even bytes
    return struct.pack(f"{order}H", len(entries)) + lines + bytes(4) + values
