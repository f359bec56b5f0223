"""Reads one page of the API's list of activities as observations, each id once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ingest.transform.api_json.activity import activity_id, api_observation, owner_id
from ingest.transform.records import Observation


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """What one page says: ``summaries`` by activity, in the order of the page; ``foreign`` are the
    activities that it says are another athlete's, with that athlete's id.
    """

    summaries: Mapping[int, Observation]
    foreign: Mapping[int, int]
    #: When it came.
    observed_at: datetime

    @property
    def activity_ids(self) -> list[int]:
        """The ids of all its activities, the foreign ones too."""
        return [*self.summaries, *self.foreign]

    @property
    def starts(self) -> list[datetime]:
        """The starts that it tells, in the order of the page."""
        told = (seen.fields.get("start_time_utc") for seen in self.summaries.values())
        return [start for start in told if start is not None]


def list_page(
    activities: Iterable[Mapping[str, Any]], athlete_id: int, observed_at: datetime
) -> ListPage:
    """Read the activities of a page as what the API says of ``athlete_id``; one without an id is
    left out, of two with the same the last one counts.
    """
    summaries: dict[int, Observation] = {}
    foreign: dict[int, int] = {}
    for raw in activities:
        owner = owner_id(raw)
        if owner is not None and owner != athlete_id:
            if (known := activity_id(raw)) is not None:
                foreign[known] = owner
        elif (seen := api_observation(raw, athlete_id, observed_at, "api_summary")) is not None:
            summaries[seen.activity_id] = seen
    return ListPage(summaries=summaries, foreign=foreign, observed_at=observed_at)
