"""Defines what every exporter is given, and what it returns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from db.progress import ProgressView
from exporters.config import Config
from exporters.selection import Chosen, Selection, chosen


@dataclass(frozen=True, kw_only=True)
class Job:
    """One export: what to read, where to write, and how.

    Not slotted, so that the list of activities can be cached when it is first read.
    """

    connection: sa.Connection
    out: Path
    config: Config
    selection: Selection = field(default_factory=Selection)
    overwrite: bool = False
    progress: ProgressView = field(default_factory=ProgressView)

    @cached_property
    def activities(self) -> Sequence[Chosen]:
        """The chosen activities by start."""
        return chosen(self.connection, self.selection)

    @property
    def point_count(self) -> int:
        """Track points of the chosen activities."""
        return sum(activity.point_count for activity in self.activities)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What an exporter has written.

    ``notes`` are for people; ``missing`` names each item that could not be exported.
    """

    files: int
    rows: int = 0
    notes: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    #: Commands of this program that the last of the notes advises.
    commands: tuple[str, ...] = ()
    #: Further figures for programs that read ``--json``.
    details: dict[str, Any] = field(default_factory=dict)
