"""Defines what must be known of a language to read its exports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from ingest.transform.tables.names import normalize_label

DayPart = Literal["morning", "lunch", "afternoon", "evening", "night"]


@dataclass(frozen=True, kw_only=True)
class Language:
    """The words of one language.

    ``labels``: column of activities.csv (English words) -> labels seen for it. ``sports``: the
    API's word -> labels. ``decimal`` is the decimal sign in the first ``Distance`` column, the only
    localised number of the export; ``None`` if it is not certain. ``titles``: part of the day ->
    title with a place for the sport; ``title_sports``: the API's word -> the sport in titles, where
    that is not its first label. The class has no slots, since ``by_label`` is cached.
    """

    code: str
    labels: Mapping[str, tuple[str, ...]]
    sports: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    decimal: str | None = None
    titles: Mapping[DayPart, str] = field(default_factory=dict)
    title_sports: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def by_label(self) -> Mapping[str, str]:
        """Normalized label -> column."""
        return {
            normalize_label(label): column
            for column, labels in self.labels.items()
            for label in labels
        }
