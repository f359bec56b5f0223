"""Reads fields of a few FIT messages as Python values in SI units, ``None`` for unknown.

A file has a handful of sessions, laps or events. For so few, Python is several times as fast as a
NumPy column for each of some ninety fields.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cached_property
from math import isfinite, isnan
from typing import Any, Final, TypeVar

import numpy as np

from ingest.transform.parsers.fit_columns import DEGREES
from ingest.transform.parsers.fit_definition import STRING, FieldAt, Layout, layout_of
from ingest.transform.parsers.fit_profile import (
    FIRST_DATE,
    FIT_EPOCH,
    LAST_DATE,
    field_spec,
    fractions_of,
    message_number,
    profile_word,
)
from ingest.transform.parsers.fit_stream import Group, Stream
from ingest.transform.positions import cleaned
from ingest.transform.records import FloatArray

T = TypeVar("T")

#: Largest value of an INTEGER column; larger ones come only from damage.
_LARGEST: Final = 2**31 - 1


class FewMessages:
    """All messages of one name in a file, in file order, whatever their definitions."""

    def __init__(self, stream: Stream, name: str) -> None:
        self.name, self._data, self._fractions = name, stream.data, fractions_of(name)
        self._groups = stream.of(message_number(name))
        self.count = sum(len(group.offsets) for group in self._groups)

    def values(self, name: str) -> list[float | None]:
        """A field by its name, scaled, plus its fraction if another field holds that."""
        spec, found = field_spec(self.name, name), list[float | None]()
        scale, offset = spec.scale or 1.0, spec.offset or 0.0
        for layout, rows in self._rows:
            place = layout.places.get(spec.number)
            if place is None:
                found += [None] * len(rows)
                continue
            invalid = layout.invalid[place]
            raw = [row[place] for row in rows]
            if invalid is None:  # floating point
                scaled = [value / scale - offset for value in raw]
                found += [value if isfinite(value) else None for value in scaled]
            else:
                found += [None if value == invalid else value / scale - offset for value in raw]
        found, fraction = self._in_order(found), self._fractions.get(name)
        if fraction is None:
            return found
        parts = zip(found, self.values(fraction), strict=True)
        return [None if whole is None else whole + (part or 0.0) for whole, part in parts]

    def first_of(self, *names: str) -> list[float | None]:
        """For each message, the value of the first of several fields that has one."""
        found = self.values(names[0])
        for name in names[1:]:
            if None in found:
                pairs = zip(found, self.values(name), strict=True)
                found = [other if value is None else value for value, other in pairs]
        return found

    def positions(
        self, latitude: str, longitude: str
    ) -> tuple[list[float | None], list[float | None]]:
        """Two fields in semicircles as degrees; both ``None`` where one is missing or wrong."""
        north, east = self.values(latitude), self.values(longitude)
        if north.count(None) == self.count or east.count(None) == self.count:
            return [None] * self.count, [None] * self.count
        degrees = cleaned(*(np.array(column, np.float64) * DEGREES for column in (north, east)))
        return _known(degrees[0]), _known(degrees[1])

    def integers(self, name: str) -> list[int | None]:
        """A field of whole numbers; ``None`` for those that do not fit an INTEGER column."""
        return [
            None if value is None or abs(value) > _LARGEST else int(value)
            for value in self.values(name)
        ]

    def dates(self, name: str) -> list[datetime | None]:
        """A field of times as aware UTC."""
        return [as_date(value) for value in self.values(name)]

    def words(self, name: str) -> list[str | None]:
        """A field of an enumerated type, in the profile's words."""
        kind = field_spec(self.name, name).type_name
        return [
            None if value is None else profile_word(kind, int(value)) for value in self.values(name)
        ]

    def texts(self, name: str) -> list[str | None]:
        """A string field."""
        number, found = field_spec(self.name, name).number, list[str | None]()
        for group in self._groups:
            place = group.definition.fields.get(number)
            found += [_text(self._data, offset, place) for offset in group.offsets]
        return self._in_order(found)

    @cached_property
    def _rows(self) -> list[tuple[Layout, list[tuple[Any, ...]]]]:
        """The numbers of all messages as they are stored, with each group's layout."""
        return [self._rows_of(group) for group in self._groups]

    def _rows_of(self, group: Group) -> tuple[Layout, list[tuple[Any, ...]]]:
        layout, size = layout_of(group.definition), group.definition.size
        messages = b"".join([self._data[at : at + size] for at in group.offsets])
        return layout, np.frombuffer(messages, layout.dtype).tolist()

    def _in_order(self, found: list[T]) -> list[T]:
        """What was found group by group, in file order."""
        return found if len(self._groups) < 2 else [found[place] for place in self._order]

    @cached_property
    def _order(self) -> list[int]:
        everywhere = [offset for group in self._groups for offset in group.offsets]
        return sorted(range(self.count), key=everywhere.__getitem__)


def as_date(fit_seconds: float | None) -> datetime | None:
    """A FIT time as aware UTC; ``None`` if it is no date."""
    if fit_seconds is None or not FIRST_DATE <= fit_seconds < LAST_DATE:
        return None
    return datetime.fromtimestamp(FIT_EPOCH + fit_seconds, UTC)


def _known(column: FloatArray) -> list[float | None]:
    return [None if isnan(value) else value for value in column.tolist()]


def _text(data: bytes, offset: int, place: FieldAt | None) -> str | None:
    if place is None or place.base_type != STRING:
        return None
    raw = data[offset + place.at : offset + place.at + place.size]
    return raw.split(b"\0", 1)[0].decode("utf-8", "replace").strip() or None
