"""Tells where each fact of an activity comes from, and what other sources say of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from db.models import Activity
from db.models.base import unit_of
from exporters.report.units import number
from ingest.load.observations import is_close
from ingest.transform.records import Observation

_NAMES: Final = {
    "export": "export",
    "file": "device file",
    "loose_file": "loose device file",
    "api_summary": "API, list",
    "api_detail": "API, details",
}
_LONGEST: Final = 120


class SourcedFact(NamedTuple):
    """A column of ``activities``, in words."""

    column: str
    meaning: str
    value: str
    #: Sources that say so; empty for what is worked out from others.
    sources: str
    #: What other sources say.
    others: str


def facts(row: Any, observations: Sequence[Observation]) -> list[SourcedFact]:
    """The facts of a row of ``activities`` that are known, in the order of its columns."""
    return [*_facts(row, observations)]


def _facts(row: Any, observations: Sequence[Observation]) -> Iterator[SourcedFact]:
    for column in Activity.__table__.columns:
        value = getattr(row, column.name)
        if value is None or column.primary_key:
            continue
        said = [(_NAMES[o.source], o.fields.get(column.name)) for o in observations]
        known = [(source, other) for source, other in said if other is not None]
        others = [f"{source}: {_text(o)}" for source, o in known if not is_close(value, o)]
        yield SourcedFact(
            column=column.name,
            meaning=column.comment or column.name,
            value=f"{_text(value)} {unit_of(column.name) or ''}".strip(),
            sources=", ".join(source for source, other in known if is_close(value, other)),
            others="; ".join(others),
        )


def _text(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case float():
            return number(value, 3).rstrip("0").rstrip(".")
        case datetime():
            return f"{value:%Y-%m-%d %H:%M:%S}"
    text = str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} ..."
