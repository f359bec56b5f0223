"""Writes a plan to a file: as HTML, CSV, JSON or GPX, by the ending of its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from db.terminal import json_line
from exporters.files import prepare, refuse_existing, write_text
from ingest.course.plan.facts import csv_text, facts_of, record_facts
from ingest.course.plan.gpx import gpx_text
from ingest.course.plan.page import html_text
from ingest.course.plan.planned import Planned
from ingest.errors import UsageError


def _json_text(planned: Planned) -> str:
    facts = {**facts_of(planned.plan), "record": record_facts(planned.known.record)}
    return json_line(facts) + "\n"


def _gpx_text(planned: Planned) -> str:
    return gpx_text(planned.plan, planned.known.units)


def _csv_text(planned: Planned) -> str:
    return csv_text(planned.plan)


#: Ending -> the text of such a file.
_TEXTS: Final[Mapping[str, Callable[[Planned], str]]] = {
    ".html": html_text,
    ".csv": _csv_text,
    ".json": _json_text,
    ".gpx": _gpx_text,
}
#: The endings that are written.
ENDINGS: Final = tuple(_TEXTS)


def check_out(out: Path, *, overwrite: bool) -> None:
    """Refuse a file that cannot be written, before any work.

    Raises:
        UsageError: its ending is none that is written.
        TargetExists: it is there already.
    """
    if out.suffix.lower() not in ENDINGS:
        endings = ", ".join(ENDINGS)
        raise UsageError(f"--out {out}: the ending says what is written; choose one of {endings}")
    refuse_existing([out], overwrite)


def write(planned: Planned, out: Path) -> None:
    """Write a plan.

    Raises:
        UsageError: GPX is asked for, and the course has no positions.
        ExportError: it cannot be written.
    """
    text = text_of(planned, out.suffix.lower())
    prepare(out.parent)
    write_text(out, text)


def text_of(planned: Planned, ending: str) -> str:
    """The text of a file with one of ``ENDINGS``.

    Raises:
        UsageError: GPX is asked for, and the course has no positions.
    """
    if ending == ".gpx" and not planned.plan.course.has_positions:
        raise UsageError("the course has no positions, which .gpx needs; choose .csv")
    return _TEXTS[ending](planned)
