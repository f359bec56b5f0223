"""Finds where the messages of a FIT file continue after a damaged place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from ingest.transform.parsers.fit_definition import (
    NUMERIC,
    STRING,
    Definition,
    FieldAt,
    read_definition,
)
from ingest.transform.parsers.fit_profile import FIRST_DATE, LAST_DATE, TIMESTAMP, is_message

_DEFINITION: Final = re.compile(rb"[\x40-\x4f\x60-\x6f]\x00[\x00\x01]")
_FIXED: Final = 6
#: Most seconds between the last message before the damage and the one that is searched for.
_GAP_S: Final = 3600
_TIME_SIZE: Final = 4


def next_message(
    data: bytes, at: int, end: int, known: Sequence[tuple[int, Definition]], last_time: int
) -> int:
    """Where messages continue between ``at`` and ``end``, -1 if they do not.

    ``known`` are the header bytes that have a definition, ``last_time`` is the last time before the
    damage (0: none). A byte lost in the middle of a message shifts all that follows (fitparse's
    strava-android-app.fit); the next message is found by its header and its time.
    """
    places = [*_timed_messages(data, at, end, known, last_time)]
    definition = next_definition(data, at, min([end, *places]))
    return definition if definition >= 0 else min(places, default=-1)


def next_definition(data: bytes, at: int, end: int) -> int:
    """Where the next plausible definition begins, -1 if there is none."""
    for found in _DEFINITION.finditer(data, at, end):
        definition, after = read_definition(data, found.start(), end)
        if definition is not None and after < end and _is_plausible(definition):
            return found.start()
    return -1


def time_of(data: bytes, at: int, definition: Definition) -> int:
    """The time of the message at ``at``; 0 if it has none."""
    place = definition.fields.get(TIMESTAMP)
    if place is None or place.size != _TIME_SIZE:
        return 0
    raw = data[at + place.at : at + place.at + _TIME_SIZE]
    return int.from_bytes(raw, "big" if definition.big_endian else "little")


def _timed_messages(
    data: bytes, at: int, end: int, known: Sequence[tuple[int, Definition]], last_time: int
) -> Iterator[int]:
    """For each known message, the next place where it has a time shortly after ``last_time``."""
    if last_time < FIRST_DATE:
        return
    for head, definition in known:
        place = definition.fields.get(TIMESTAMP)
        if place is None or place.size != _TIME_SIZE:
            continue
        for found in _pattern(head, place, definition, last_time).finditer(data, at, end):
            start = found.start()
            if (
                0 <= time_of(data, start, definition) - last_time <= _GAP_S
                and start + definition.size <= end
            ):
                yield start
                break


def _pattern(
    head: int, place: FieldAt, definition: Definition, last_time: int
) -> re.Pattern[bytes]:
    """Pattern of a header byte and, at the field's place, the upper half of a time in the gap."""
    halves = {last_time >> 16, min(last_time + _GAP_S, LAST_DATE) >> 16}
    if definition.big_endian:
        times = b"|".join(re.escape(half.to_bytes(2, "big")) + b".." for half in halves)
    else:
        times = b"|".join(b".." + re.escape(half.to_bytes(2, "little")) for half in halves)
    gap = b".{%d}" % (place.at - 1)
    return re.compile(b"(?=" + re.escape(bytes([head])) + gap + b"(?:" + times + b"))", re.DOTALL)


def _is_plausible(definition: Definition) -> bool:
    fields = definition.fields.values()
    return is_message(definition.message) and len(fields) > 1 and all(map(_is_sound, fields))


def _is_sound(field: FieldAt) -> bool:
    if field.base_type == STRING:
        return field.size > 0
    kind = NUMERIC.get(field.base_type)
    return kind is not None and field.size > 0 and field.size % int(kind[0][1]) == 0
