"""Defines how much is read of one device file: hostile files hold more than any device writes."""

from __future__ import annotations

from typing import Final

#: Track points of a file: 23 days of seconds. A point takes 80 bytes on its way to the writing
#: process, but only a few in a hostile file.
MAX_POINTS: Final = 2_000_000
#: Laps, sessions, pool lengths, and activities of a TCX file; each may have so many.
MAX_LAPS: Final = 10_000
#: Different names of elements and attributes in an XML file; real ones have some fifty.
MAX_NAMES: Final = 10_000

#: Bytes of a FIT file; the largest real ones have 5 MiB.
MAX_FIT_SIZE: Final = 32 * 1024 * 1024
#: Data messages and definitions of a FIT file: a message of two bytes takes forty of memory.
MAX_MESSAGES: Final = 2_000_000
#: Different definitions of a FIT file. Real files have fewer than a hundred; each may list 510
#: fields.
MAX_DEFINITIONS: Final = 2_000
#: FIT files chained in one.
MAX_CHAINED: Final = 10_000
#: Messages about the device or the sport; some devices write one for each reading of a sensor's
#: battery.
MAX_ABOUT: Final = 100_000
#: Developer fields that a FIT file describes.
MAX_DEVELOPER_FIELDS: Final = 1_000
