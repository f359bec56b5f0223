"""Looks up FIT messages, fields and values by name in the profile that fitdecode carries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from fitdecode.profile import FIELD_TYPES, MESSAGE_TYPES

#: Seconds from 1970-01-01 to 1989-12-31, where FIT's time begins.
FIT_EPOCH: Final = 631065600
#: First and last time that is a date. Smaller ones count from the moment the device was switched on
#: (the SDK's DateTime.MIN).
FIRST_DATE: Final = 0x10000000
LAST_DATE: Final = 0xFFFFFFFF
TIMESTAMP: Final = 253

_NUMBERS: Final[Mapping[str, int]] = {
    message.name: number for number, message in MESSAGE_TYPES.items()
}
#: Message -> field that counts wholes -> field with the fraction to add to it.
_FRACTIONS: Final[Mapping[str, Mapping[str, str]]] = {
    "record": {"cadence": "fractional_cadence"},
    "lap": {
        "avg_cadence": "avg_fractional_cadence",
        "max_cadence": "max_fractional_cadence",
        "total_ascent": "total_fractional_ascent",
        "total_descent": "total_fractional_descent",
    },
    "hr": {"timestamp": "fractional_timestamp"},
    "timestamp_correlation": {"timestamp": "fractional_timestamp"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSpec:
    """A field of the profile.

    A value is ``raw / scale - offset``, or one of the words of the type ``type_name``.
    """

    number: int
    scale: float | None = None
    offset: float | None = None
    type_name: str = ""


def message_number(name: str) -> int:
    """The global number of a message (20 for ``record``)."""
    return _NUMBERS[name]


def is_message(number: int) -> bool:
    """Whether the profile knows a message of this number."""
    return number in MESSAGE_TYPES


@lru_cache(maxsize=512)
def field_spec(message: str, name: str) -> FieldSpec:
    """What the profile says of a field, which must exist."""
    fields: Mapping[int, Any] = MESSAGE_TYPES[message_number(message)].fields
    field = next(field for field in fields.values() if field.name == name)
    return FieldSpec(
        number=field.def_num, scale=field.scale, offset=field.offset, type_name=field.type.name
    )


def fractions_of(message: str) -> Mapping[str, str]:
    """Fields whose fraction is in another field -> that field."""
    return _FRACTIONS.get("lap" if message == "session" else message, {})


@lru_cache(maxsize=1024)
def profile_word(type_name: str, value: int) -> str:
    """The profile's word for a value (``running`` for ``sport`` 1), else the number as a text."""
    return str(known_word(type_name, value) or value)


def known_word(type_name: str, value: int) -> str | None:
    """The profile's word for a value; ``None`` if it has no word or does not know the type."""
    kind = FIELD_TYPES.get(type_name)
    found: str | None = kind.enum.get(value) if kind is not None and kind.enum else None
    return found
