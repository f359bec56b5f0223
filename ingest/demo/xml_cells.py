"""Formats columns of a track as the texts that GPX and TCX hold."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ingest.demo.athlete import Plan
from ingest.demo.track import DemoTrack
from ingest.transform.records import FloatArray


def time_cells(plan: Plan, track: DemoTrack, suffix: str) -> list[str]:
    """``2026-07-01T06:30:00Z`` for each point."""
    moments = np.datetime64(plan.start.replace(tzinfo=None), "s") + track.elapsed_s
    return [f"{moment}{suffix}" for moment in np.datetime_as_string(moments).tolist()]


def decimal_cells(pattern: str, column: FloatArray) -> list[str]:
    """Each number in one pattern."""
    return [pattern % value for value in column.tolist()]


def whole_cells(pattern: str, column: FloatArray) -> list[str]:
    """Each number as an integer in one pattern; there are few different ones."""
    known = {value: pattern % value for value in set(column.tolist())}
    return [known[value] for value in column.tolist()]


def rows(columns: Iterable[list[str]]) -> list[str]:
    """One text for each point."""
    return ["".join(cells) for cells in zip(*columns, strict=True)]
