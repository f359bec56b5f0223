"""Bounds how much is read of one device file: no device writes more, hostile files do."""

from __future__ import annotations

from typing import Final

#: 23 days of seconds. Points cross the border of the process as 80 bytes each, and a hostile file
#: has one in few bytes.
MAX_POINTS: Final = 2_000_000
#: Laps, sessions, pool lengths, and the activities of a TCX file.
MAX_LAPS: Final = 10_000
#: Names of elements and attributes in one XML file; real ones have some fifty.
MAX_NAMES: Final = 10_000

#: The largest real FIT files have 5 MiB.
MAX_FIT_SIZE: Final = 32 * 1024 * 1024
#: Data messages and definitions of a FIT file. One of two bytes costs forty of memory.
MAX_MESSAGES: Final = 2_000_000
#: Distinct definitions, of which real files have fewer than a hundred, and each may list 510
#: fields.
MAX_DEFINITIONS: Final = 2_000
#: FIT files in one.
MAX_CHAINED: Final = 10_000
#: Messages that tell the device or the sport; some devices write one for each reading of a sensor's
#: battery.
MAX_ABOUT: Final = 100_000
#: Developer fields that a file describes.
MAX_DEVELOPER_FIELDS: Final = 1_000
