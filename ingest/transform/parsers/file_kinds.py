"""Tells what a device file is if it is no activity: a course, a workout, the day's steps, settings.

Only the beginning of a FIT file is read, since monitoring files come by the thousand. XML files are
searched for a few tags.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from ingest.errors import IngestError
from ingest.transform.parsers import sniff
from ingest.transform.parsers.fit_definition import Definition, read_definition
from ingest.transform.parsers.fit_profile import field_spec, message_number, profile_word
from ingest.transform.parsers.fit_stream import SIGNATURE, SIGNATURE_AT, body_at
from ingest.transform.parsers.gunzip import gunzip, is_gzip
from ingest.transform.parsers.xml_text import as_utf8

#: Messages and definitions of a FIT file among which its file_id is; it should be the first.
_FIRST_MESSAGES: Final = 64
#: Bytes of an XML file that show whether it is UTF-16.
_UTF16_HEAD: Final = 256
#: FIT files chained in one that are looked at.
_MOST_CHAINED: Final = 100
#: FIT's file types that hold a workout that was done; a summary has its sessions without records.
_ACTIVITIES: Final = frozenset({"activity", "activity_summary"})
#: FIT's file type -> what it is. The profile has no words for the numbers: devices of Garmin write
#: them, and programs that read those files agree on their meaning.
_FIT_KINDS: Final[Mapping[str, str]] = {
    "device": "a description of the device",
    "settings": "settings of the device",
    "sport": "settings of a sport",
    "workout": "a planned workout",
    "course": "a course",
    "schedules": "a schedule of workouts",
    "weight": "readings of a scale",
    "totals": "totals of the device",
    "goals": "goals",
    "blood_pressure": "readings of blood pressure",
    "monitoring_a": "all-day monitoring",
    "monitoring_daily": "all-day monitoring",
    "monitoring_b": "all-day monitoring",
    "segment": "a segment",
    "segment_list": "a list of segments",
    "exd_configuration": "settings of a display",
    "8": "saved locations",
    "29": "personal records",
    "44": "fitness metrics",
    "49": "sleep",
    "68": "heart rate variability",
    "70": "a health snapshot",
    "73": "skin temperature",
}
_FIT_INVALID: Final = b"\xff"


def _tag(*names: str) -> re.Pattern[bytes]:
    """Finds the beginning of elements by local name, under any prefix and in any case."""
    either = "|".join(names)
    return re.compile(rf"<(?:[\w.-]{{1,40}}:)?(?:{either})(?=[\s/>])".encode(), re.IGNORECASE)


#: Laps of an activity have a start, those of a course have no attribute.
_TCX_DONE: Final = _tag("activity", r"lap(?=\s+starttime)")
_TCX_KINDS: Final = (
    (_tag("course"), "a course"),
    (_tag("workout"), "a planned workout"),
)
_GPX_TRACK, _GPX_POINT, _GPX_TIME = _tag("trk"), _tag("trkpt"), _tag("time")
_GPX_KINDS: Final = (
    (_tag("rte"), "a planned route"),
    (_tag("wpt"), "waypoints"),
)


def ignored_kind(data: bytes, origin: str) -> str | None:
    """What a device file is, as a phrase (``a course``), if its type says it is no activity.

    ``None`` if it is an activity or if that cannot be told, as in damaged files. The file may be
    gzipped; ``origin`` names it. No bytes raise an error.
    """
    try:
        data = gunzip(data, origin) if is_gzip(data) else data
        fmt = sniff(data, origin)
        if fmt == "fit":
            return _fit_kind(data)
        # Tags are the same bytes in all encodings but UTF-16, which has zeros.
        text = as_utf8(data) if b"\0" in data[:_UTF16_HEAD] else data
        return {"tcx": _tcx_kind, "gpx": _gpx_kind}[fmt](text)
    except IngestError:
        return None


def _fit_kind(data: bytes) -> str | None:
    """What a FIT file, or the first of several chained in one, is, if none is an activity."""
    first: str | None = None
    for count, at in enumerate(_chained(data)):
        if count >= _MOST_CHAINED:
            return None
        kind = _fit_type(data, at)
        if kind is None or kind in _ACTIVITIES:
            return None
        first = first or kind
    return None if first is None else _FIT_KINDS.get(first, f"a FIT file of type {first}")


def _chained(data: bytes) -> Iterator[int]:
    """Where each FIT file of a chain begins.

    They are searched, because the sizes in their headers are often wrong.
    """
    found = data.find(SIGNATURE)
    while found >= 0:
        yield found - SIGNATURE_AT
        found = data.find(SIGNATURE, found + len(SIGNATURE))


def _fit_type(data: bytes, at: int) -> str | None:
    """The profile's word for the type of the file that begins at ``at``, else its number."""
    at = body_at(data, at)
    definitions: dict[int, Definition] = {}
    for _ in range(_FIRST_MESSAGES):
        if at >= len(data):
            return None
        head = data[at]
        if head & 0xC0 == 0x40:
            defined, at = read_definition(data, at, len(data))
            if defined is None:
                return None
            definitions[head & 0x0F] = defined
            continue
        definition = definitions.get(head >> 5 & 0x03 if head & 0x80 else head & 0x0F)
        if definition is None:
            return None
        if definition.message == message_number("file_id"):
            return _type_in(data, at, definition)
        at += definition.size
    return None


def _type_in(data: bytes, at: int, file_id: Definition) -> str | None:
    """The type in the file_id at ``at``."""
    field = file_id.fields.get(field_spec("file_id", "type").number)
    told = b"" if field is None else data[at + field.at : at + field.at + 1]
    return None if told in (b"", _FIT_INVALID) else profile_word("file", told[0])


def _tcx_kind(text: bytes) -> str | None:
    return None if _TCX_DONE.search(text) else _first_of(_TCX_KINDS, text)


def _gpx_kind(text: bytes) -> str | None:
    if _GPX_TRACK.search(text) is None:
        return _first_of(_GPX_KINDS, text)
    point = _GPX_POINT.search(text)
    if point is None or _GPX_TIME.search(text, point.end()) is not None:
        return None
    return "a course (no point of its track has a time)"


def _first_of(kinds: tuple[tuple[re.Pattern[bytes], str], ...], text: bytes) -> str | None:
    return next((kind for tag, kind in kinds if tag.search(text)), None)
