"""Loads, on import, what a parser process needs at its first file, before there is one.

The server that parser processes are forked from imports it; they then share its memory.
"""

from __future__ import annotations

import importlib

import ingest.run.export.parser_process  # noqa: F401
from ingest.transform.parsers import PARSERS
from ingest.transform.timezones import zone_at

for _entry in PARSERS.values():
    importlib.import_module(_entry.module)
# The zones of the world are read at the first position.
zone_at(0.0, 0.0)
