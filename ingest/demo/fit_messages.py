"""Encodes FIT: message definitions, values packed into messages, and the checksum."""

from __future__ import annotations

import functools
import struct
from dataclasses import dataclass
from typing import Final

import numpy as np
from fitdecode.types import BaseType
from numpy.typing import NDArray

from ingest.transform.records import FloatArray

#: FIT's epoch, 1989-12-31T00:00:00Z, in Unix time.
EPOCH_S: Final = 631_065_600
_ROW_WORDS: Final = 128


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a message; it stores value × scale + offset."""

    name: str
    number: int
    base: BaseType
    scale: int
    offset: int

    def stored(self, value: float | None) -> int:
        """The integer that stands for a value."""
        return self._none() if value is None else round((value + self.offset) * self.scale)

    def _none(self) -> int:
        """The integer that stands for no value: the largest one, or zero in types with a z."""
        is_signed = self.base.fmt.islower()
        return 0 if self.base.name.endswith("z") else (1 << 8 * self.base.size - is_signed) - 1

    def column(self, values: FloatArray) -> FloatArray:
        """The integers that stand for many values."""
        return np.rint((values + self.offset) * self.scale)


@dataclass(frozen=True, slots=True)
class Message:
    """A definition: the local number, the message's number and its fields in order."""

    local: int
    number: int
    fields: tuple[Field, ...]

    def definition(self) -> bytes:
        """The bytes of the definition message."""
        head = struct.pack("<BBBHB", 0x40 | self.local, 0, 0, self.number, len(self.fields))
        return head + b"".join(
            bytes((f.number, f.base.size, f.base.identifier)) for f in self.fields
        )

    def data(self, **values: float | None) -> bytes:
        """One message; what is not named stays invalid."""
        unknown = values.keys() - {f.name for f in self.fields}
        if unknown:
            raise TypeError(f"message {self.number} has no {sorted(unknown)}")
        stored = (f.stored(values.get(f.name)) for f in self.fields)
        return struct.pack(self._format, self.local, *stored)

    def rows(self, columns: dict[str, FloatArray]) -> bytes:
        """Many messages at once, one for each element of the columns, which must be all
        of the fields.
        """
        layout = [("header", "u1")] + [(f.name, "<" + f.base.fmt) for f in self.fields]
        table = np.empty(len(next(iter(columns.values()))), dtype=layout)
        table["header"] = self.local
        for f in self.fields:
            table[f.name] = f.column(columns[f.name])
        return table.tobytes()

    @property
    def size(self) -> int:
        """Bytes of one data message."""
        return struct.calcsize(self._format)

    @property
    def _format(self) -> str:
        return "<B" + "".join(f.base.fmt for f in self.fields)


def wrap(content: bytes) -> bytes:
    """A whole file: header, content, checksum."""
    head = struct.pack("<BBHI4s", 14, 0x20, 2132, len(content), b".FIT")
    head += struct.pack("<H", crc16(head))
    return head + content + struct.pack("<H", crc16(head + content))


def crc16(data: bytes) -> int:
    """The FIT checksum (CRC-16/ARC), of many rows side by side.

    Zeros in front change nothing, so the data are padded to a table of whole rows. The checksum is
    linear, so a table carries that of one row over the next row.
    """
    word, row = _tables()
    padding = -len(data) % (2 * _ROW_WORDS)
    words = np.frombuffer(bytes(padding) + data, dtype="<u2").reshape(-1, _ROW_WORDS)
    sums = np.zeros(len(words), dtype=np.uint16)
    for column in np.ascontiguousarray(words.T):
        sums = word[sums ^ column]
    crc = 0
    for each in sums.tolist():
        crc = int(row[crc]) ^ each
    return crc


@functools.lru_cache(maxsize=1)
def _tables() -> tuple[NDArray[np.uint16], NDArray[np.uint16]]:
    """Tables of what each checksum becomes after two zero bytes, and after a row of zeros."""
    word = np.arange(65_536, dtype=np.uint16)
    for _ in range(16):
        word = np.where(word & 1, word >> 1 ^ 0xA001, word >> 1).astype(np.uint16)
    row = np.arange(65_536, dtype=np.uint16)
    for _ in range(_ROW_WORDS):
        row = np.take(word, row)
    return word, row
