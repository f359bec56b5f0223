"""The names of FIT messages, fields and values in, their numbers, scales and words out: fitparse's profile and what is newer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from fitparse.profile import FIELD_TYPES, MESSAGE_TYPES

#: Seconds from 1970-01-01 to 1989-12-31, the beginning of FIT's time.
FIT_EPOCH: Final = 631065600
#: Smaller times count from the moment the device was switched on (the SDK's DateTime.MIN).
FIRST_DATE: Final = 0x10000000
LAST_DATE: Final = 0xFFFFFFFF
TIMESTAMP: Final = 253

#: Fields of later profiles than fitparse's, which is of March 2019.
_NEWER_FIELDS: Final = {
    ("session", "end_position_lat"): 38,
    ("session", "end_position_long"): 39,
    ("device_info", "product_name"): 27,
}
#: Words of later profiles than fitparse's.
_NEWER_WORDS: Final[Mapping[str, Mapping[int, str]]] = {
    "manufacturer": {294: "coros", 331: "mywhoosh"},
    "sport": {
        49: "baseball",
        53: "diving",
        62: "hiit",
        64: "racket",
        65: "wheelchair_push_walk",
        66: "wheelchair_push_run",
        67: "meditation",
        69: "disc_golf",
        71: "cricket",
        72: "rugby",
        73: "hockey",
        74: "lacrosse",
        75: "volleyball",
        76: "water_tubing",
        77: "wakesurfing",
        80: "mixed_martial_arts",
        82: "snorkeling",
        83: "dance",
        84: "jump_rope",
    },
    "sub_sport": {
        62: "breathing",
        65: "sail_race",
        67: "ultra",
        68: "indoor_climbing",
        69: "bouldering",
        70: "hiit",
        73: "amrap",
        74: "emom",
        75: "tabata",
        84: "pickleball",
        85: "padel",
        94: "squash",
        95: "badminton",
        96: "racquetball",
        97: "table_tennis",
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSpec:
    """A field of the profile: a value is ``raw / scale - offset``, or one of the words of ``type_name``."""

    number: int
    scale: float | None = None
    offset: float | None = None
    type_name: str = ""


@lru_cache(maxsize=1)
def _messages() -> dict[str, int]:
    return {message.name: number for number, message in MESSAGE_TYPES.items()}


def message_number(name: str) -> int:
    """The global number of a message (``record`` is 20)."""
    return _messages()[name]


@lru_cache(maxsize=512)
def field_spec(message: str, name: str) -> FieldSpec:
    """What the profile says of a field; it must exist."""
    newer = _NEWER_FIELDS.get((message, name))
    if newer is not None:
        return FieldSpec(number=newer)
    fields: Mapping[int, Any] = MESSAGE_TYPES[message_number(message)].fields
    field = next(field for field in fields.values() if field.name == name)
    return FieldSpec(number=field.def_num, scale=field.scale, offset=field.offset, type_name=field.type.name)


@lru_cache(maxsize=1024)
def word(type_name: str, value: int) -> str:
    """The profile's word for a value (``sport`` 1 is ``running``); the number itself where no profile names it."""
    known = FIELD_TYPES[type_name].values.get(value) or _NEWER_WORDS.get(type_name, {}).get(value)
    return str(known or value)
