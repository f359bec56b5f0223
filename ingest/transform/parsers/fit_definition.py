"""Reads a FIT definition message: place and type of each field in the messages that follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np

#: Base type -> NumPy type, and the value that means "not measured" (as in
#: fitparse.records.BASE_TYPES).
NUMERIC: Final[dict[int, tuple[str, float | int | None]]] = {
    0x00: ("u1", 0xFF),
    0x01: ("i1", 0x7F),
    0x02: ("u1", 0xFF),
    0x0A: ("u1", 0),
    0x0D: ("u1", 0xFF),
    0x83: ("i2", 0x7FFF),
    0x84: ("u2", 0xFFFF),
    0x85: ("i4", 0x7FFFFFFF),
    0x86: ("u4", 0xFFFFFFFF),
    0x88: ("f4", None),
    0x89: ("f8", None),
    0x8B: ("u2", 0),
    0x8C: ("u4", 0),
    0x8E: ("i8", 0x7FFFFFFFFFFFFFFF),
    0x8F: ("u8", 0xFFFFFFFFFFFFFFFF),
    0x90: ("u8", 0),
    -1: ("u1", None),
}
STRING: Final = 0x07
BYTE: Final = 0x0D
#: Pseudo type for one byte of a longer field; every value of it is valid.
RAW_BYTE: Final = -1

_FIXED: Final = 6
_TRIPLET: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldAt:
    """One field of a message; ``at`` is its distance from the message's header byte."""

    at: int
    size: int
    base_type: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Definition:
    """The layout of a message; ``size`` includes the header byte.

    A field that is listed twice is read from its first place.
    """

    key: bytes
    message: int
    big_endian: bool
    size: int
    fields: dict[int, FieldAt]
    #: (Developer data index, field number) -> field. Its base type is 0 here, since a
    #: field_description message states it.
    developer_fields: dict[tuple[int, int], FieldAt]

    def numpy_type(self, field: FieldAt) -> tuple[np.dtype[Any], float | int | None] | None:
        """How NumPy reads the field, and its invalid value; ``None`` for strings and arrays."""
        return _numpy_type(field.base_type, field.size, self.big_endian)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """All numeric fields of a message as one structured type, which NumPy reads at once."""

    dtype: np.dtype[Any]
    #: Number of a field -> its place in a row.
    places: Mapping[int, int]
    #: The invalid value of each field in a row.
    invalid: Sequence[float | int | None]


@lru_cache(maxsize=512)
def layout_of(definition: Definition) -> Layout:
    """How all numeric fields of a message are read at once."""
    kinds = {
        number: kind
        for number, field in definition.fields.items()
        if (kind := definition.numpy_type(field)) is not None
    }
    dtype = np.dtype(
        {
            "names": [str(number) for number in kinds],
            "formats": [numpy_type for numpy_type, _ in kinds.values()],
            "offsets": [definition.fields[number].at for number in kinds],
            "itemsize": definition.size,
        }
    )
    return Layout(
        dtype=dtype,
        places={number: place for place, number in enumerate(kinds)},
        invalid=[invalid for _, invalid in kinds.values()],
    )


@lru_cache(maxsize=1024)
def _numpy_type(
    base_type: int, size: int, big_endian: bool
) -> tuple[np.dtype[Any], float | int | None] | None:
    kind, invalid = NUMERIC.get(base_type, NUMERIC[BYTE])
    if base_type == STRING:
        return None
    if size == int(kind[1]):
        return np.dtype("><"[not big_endian] + kind), invalid
    # COROS declares one-byte fields as uint32: read an integer of the size that the field really
    # has.
    if kind[0] == "f" or size not in (1, 2, 4) or size > int(kind[1]):
        return None
    bits = 8 * size - (kind[0] == "i")
    return np.dtype("><"[not big_endian] + kind[0] + str(size)), (1 << bits) - 1


def read_definition(data: bytes, at: int, end: int) -> tuple[Definition | None, int]:
    """The definition at ``at`` and where it ends; ``None`` if it would reach past ``end``."""
    fields_end = at + _FIXED + _TRIPLET * data[at + 5] if at + _FIXED <= end else end + 1
    after = fields_end
    if data[at] & 0x20 and after < end:
        after += 1 + _TRIPLET * data[after]
    elif data[at] & 0x20:
        after = end + 1
    if after > end:
        return None, at
    return _parsed(data[at + 1 : fields_end], data[fields_end:after]), after


@lru_cache(maxsize=1024)
def _parsed(fixed: bytes, developer: bytes) -> Definition:
    """Parse a definition; cached over messages and files, since devices repeat few definitions."""
    big = bool(fixed[1])
    fields: dict[int, FieldAt] = {}
    size = 1
    for number, width, base_type in zip(fixed[5::3], fixed[6::3], fixed[7::3], strict=True):
        fields.setdefault(number, FieldAt(at=size, size=width, base_type=base_type))
        size += width
    extra: dict[tuple[int, int], FieldAt] = {}
    for number, width, index in zip(developer[1::3], developer[2::3], developer[3::3], strict=True):
        extra.setdefault((index, number), FieldAt(at=size, size=width, base_type=0))
        size += width
    return Definition(
        key=fixed + b"|" + developer,
        message=int.from_bytes(fixed[2:4], "big" if big else "little"),
        big_endian=big,
        size=size,
        fields=fields,
        developer_fields=extra,
    )
