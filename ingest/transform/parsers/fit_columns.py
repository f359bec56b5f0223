"""Reads fields of FIT messages as float64 columns in SI units, NaN where nothing was measured."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ingest.transform.parsers.fit_definition import NUMERIC, RAW_BYTE, Definition, FieldAt
from ingest.transform.parsers.fit_profile import (
    TIMESTAMP,
    field_spec,
    fractions_of,
    message_number,
)
from ingest.transform.parsers.fit_stream import Group, Stream
from ingest.transform.positions import cleaned
from ingest.transform.records import FloatArray, IntArray

Offsets = IntArray

_TIME_BITS: Final = 31
#: Degrees in a semicircle, FIT's unit of positions.
DEGREES: Final = 180.0 / 2**31


class Messages:
    """All messages of one name in a file, in file order, whatever their definitions."""

    def __init__(self, stream: Stream, name: str) -> None:
        self.name, self._data, self._fractions = name, stream.data, fractions_of(name)
        self.groups = stream.of(message_number(name))
        self.offsets_of = [np.array(group.offsets, dtype=np.int64) for group in self.groups]
        self._packed: list[NDArray[np.void]] | None = None
        everywhere = np.concatenate(self.offsets_of) if self.groups else np.empty(0, dtype=np.int64)
        self.count = len(everywhere)
        self._order = np.argsort(everywhere, kind="stable") if len(self.groups) > 1 else None
        #: Where each message begins, in file order.
        self.offsets: Offsets = everywhere if self._order is None else everywhere[self._order]

    def raw(self, number: int) -> FloatArray | None:
        """A field as it is stored; ``None`` if no definition has it as a number."""
        return self.gather([group.definition.fields.get(number) for group in self.groups])

    def numbers(self, name: str) -> FloatArray | None:
        """A field by its name, scaled, plus its fraction if another field holds that."""
        spec = field_spec(self.name, name)
        column = self.raw(spec.number)
        if column is None:
            return None
        if spec.scale:
            column /= spec.scale
        if spec.offset:
            column -= spec.offset
        fraction = self._fractions.get(name)
        more = None if fraction is None else self.numbers(fraction)
        return column if more is None else column + np.nan_to_num(more)

    def elements(self, name: str) -> FloatArray:
        """A field that may be an array: one row per message, one column per element.

        NaN where a message has no such element.
        """
        spec = field_spec(self.name, name)
        return self._table(spec.number, _length, _element) / (spec.scale or 1.0)

    def raw_bytes(self, number: int) -> FloatArray:
        """The bytes of a packed field, one row per message, NaN where the field is missing.

        Every value of a byte is valid.
        """
        return self._table(number, lambda place: place.size, _byte)

    def _table(
        self, number: int, length: Callable[[FieldAt], int], part: Callable[[FieldAt, int], FieldAt]
    ) -> FloatArray:
        """The ``length`` parts of a field side by side, one row per message."""
        places = [group.definition.fields.get(number) for group in self.groups]
        most = max((length(place) for place in places if place is not None), default=0)
        table = np.full((self.count, most), np.nan)
        for i in range(most):
            column = self.gather(
                [None if x is None or i >= length(x) else part(x, i) for x in places]
            )
            if column is not None:
                table[:, i] = column
        return table

    def first_of(self, *names: str) -> FloatArray | None:
        """For each message, the value of the first of several fields that has one.

        For example ``enhanced_speed``, else ``speed``.
        """
        column: FloatArray | None = None
        for name in names:
            column = coalesce(column, self.numbers(name))
        return column

    def positions(
        self, latitude: str, longitude: str
    ) -> tuple[FloatArray | None, FloatArray | None]:
        """Two fields in semicircles as degrees; both NaN where one is missing or wrong."""
        north, east = (
            self.raw(field_spec(self.name, name).number) for name in (latitude, longitude)
        )
        if north is None or east is None:
            return None, None
        return cleaned(north * DEGREES, east * DEGREES)

    def gather(self, places: Sequence[FieldAt | None]) -> FloatArray | None:
        """One column, given the place that the field has in each group."""
        if self._packed is None:
            self._packed = [
                _side_by_side(self._data, group.definition.size, offsets)
                for group, offsets in zip(self.groups, self.offsets_of, strict=True)
            ]
        columns = [
            None if place is None else _column(packed, group.definition, place)
            for packed, group, place in zip(self._packed, self.groups, places, strict=True)
        ]
        if self._order is None or all(column is None for column in columns):
            return columns[0] if columns else None
        whole = np.concatenate(
            [
                np.full(len(at), np.nan) if column is None else column
                for column, at in zip(columns, self.offsets_of, strict=True)
            ]
        )
        ordered: FloatArray = whole[self._order]
        return ordered


def _length(place: FieldAt) -> int:
    """How many elements a field holds; 0 for a text."""
    kind = NUMERIC.get(place.base_type)
    return 0 if kind is None else place.size // int(kind[0][1])


def _element(place: FieldAt, i: int) -> FieldAt:
    width = place.size // _length(place)
    return FieldAt(at=place.at + i * width, size=width, base_type=place.base_type)


def _byte(place: FieldAt, i: int) -> FieldAt:
    return FieldAt(at=place.at + i, size=1, base_type=RAW_BYTE)


def _side_by_side(data: bytes, size: int, offsets: Offsets) -> NDArray[np.void]:
    """The messages of one definition, one after another, as they are stored."""
    # A window at every byte of the file: one gather then takes all messages.
    windows = np.ndarray((len(data) - size + 1,), f"V{size}", buffer=data, strides=(1,))
    return windows[offsets]


def _column(packed: NDArray[np.void], definition: Definition, place: FieldAt) -> FloatArray | None:
    kind = definition.numpy_type(place)
    if kind is None:
        return None
    numpy_type, invalid = kind
    raw = np.ndarray(
        len(packed), numpy_type, buffer=packed, offset=place.at, strides=(definition.size,)
    )
    column: FloatArray = raw.astype(np.float64)
    missing = ~np.isfinite(column) if invalid is None else column == invalid
    # This runs for every field of a file, and any() would take five times as long.
    if np.count_nonzero(missing):
        column[missing] = np.nan
    return column


def coalesce(first: FloatArray | None, second: FloatArray | None) -> FloatArray | None:
    """The first column, with its gaps filled from the second."""
    if first is None or second is None:
        return second if first is None else first
    gaps = np.isnan(first)
    return np.where(gaps, second, first) if gaps.any() else first


def times(stream: Stream, messages: Messages) -> FloatArray:
    """The FIT time of each message in seconds, NaN where it has none."""
    if not any(group.compressed for group in messages.groups):
        column = messages.raw(TIMESTAMP)
        return np.full(messages.count, np.nan) if column is None else column
    at, seconds = _all_times(stream)
    found = np.searchsorted(at, messages.offsets)
    found[found == len(at)] = 0
    return np.where(at[found] == messages.offsets, seconds[found], np.nan)


def _all_times(stream: Stream) -> tuple[Offsets, FloatArray]:
    """Offset and time of every message that has a time, of its own or by a compressed header.

    A compressed header holds the low five bits of the time. The time is the first one with these
    bits that is not before the time of the message before it.
    """
    parts = [_stamps(stream.data, group) for groups in stream.groups.values() for group in groups]
    at = np.concatenate([part[0] for part in parts])
    stamps, low = (
        np.concatenate([part[1] for part in parts]),
        np.concatenate([part[2] for part in parts]),
    )
    order = np.argsort(at, kind="stable")
    at, stamps, low = at[order], stamps[order], low[order]
    timed = ~np.isnan(stamps) | (low >= 0)
    at, stamps, low = at[timed], stamps[timed], low[timed]
    own = low < 0
    low = np.where(own, np.nan_to_num(stamps), low).astype(np.int64) & _TIME_BITS
    steps = np.cumsum(np.diff(low, prepend=0) & _TIME_BITS)
    base = np.maximum.accumulate(np.where(own, np.arange(len(at)), -1))
    since = np.where(base >= 0, stamps[base] - steps[base], 0)
    return at, since + steps


def _stamps(data: bytes, group: Group) -> tuple[Offsets, FloatArray, IntArray]:
    """Offsets of a group, its times (NaN: none), and low bits of compressed headers (-1: none)."""
    offsets = np.array(group.offsets, dtype=np.int64)
    definition, place = group.definition, group.definition.fields.get(TIMESTAMP)
    column = (
        None
        if place is None
        else _column(_side_by_side(data, definition.size, offsets), definition, place)
    )
    stamps = np.full(len(offsets), np.nan) if column is None else column
    if not group.compressed:
        return offsets, stamps, np.full(len(offsets), -1, dtype=np.int64)
    heads = np.frombuffer(data, dtype=np.uint8)[offsets].astype(np.int64)
    return offsets, np.full(len(offsets), np.nan), heads & _TIME_BITS


def developer_column(messages: Messages, key: tuple[int, int], base_type: int) -> FloatArray | None:
    """A developer field as stored, of the type that its field_description states."""
    if base_type not in NUMERIC:
        return None
    return messages.gather(
        [
            None if place is None else FieldAt(at=place.at, size=place.size, base_type=base_type)
            for place in (group.definition.developer_fields.get(key) for group in messages.groups)
        ]
    )
