"""Holds one activity's track as it is written: its recording, what follows from it, its source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from ingest.transform.derived import NOTHING, Derived
from ingest.transform.records import Recording


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityTrack:
    """What a device file, or the API's streams, hold of one activity."""

    activity_id: int
    recording: Recording
    derived: Derived = NOTHING
    source: Literal["file", "loose_file", "api"] = "file"
    #: Path of the device file in its export or in the drop folder; ``None`` for streams.
    file_name: str | None = None
    #: Version of the parser that read the file; ``None`` for streams.
    parser_version: int | None = None
    #: When the streams were fetched; for a file, when streams were found poorer than it.
    fetched_at: datetime | None = None
    #: The fields of the activity's observation of the file; streams give none.
    fields: Mapping[str, Any] = field(default_factory=dict)
