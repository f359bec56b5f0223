"""Merges all observations of one activity into its row.

The result does not depend on the order in which observations arrive. Without the observations of
one source, the row is exactly what the other sources say.

The later ``observed_at`` wins field by field; a loose file wins against none, since Strava corrects
what files tell. A missing key erases nothing; a key whose value is ``None`` empties the field.
``PREFERRED`` lists the exceptions. Some fields only serve the merge and are no columns of
``activities``:

* ``gear_name``              name of the gear (export); ``load`` turns it into ``gear_id``
* ``file_utc_offset_s``      local time minus UTC by the device
* ``position_timezone_name`` zone of the start position
* ``highest_power_w``        highest power of a second in the file's points
* ``is_position_virtual``    the file says that it was recorded in a game
* ``file_sport_type``        sport by the device
* ``guessed_sport_type``     a guess at the label of an export whose language nobody has seen
* ``filename``               the cell of activities.csv
* ``media``                  media paths, in order
* ``strava_gear_id``         exact id of the gear (API); ``load`` turns it into ``gear_id``
* ``gear_said_by``           ``name`` or ``id``: which of the two was said last
* ``api_utc_offset_s``, ``api_timezone_name``  local time by the API
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from ingest.transform.records import FILES, Observation, Source
from ingest.transform.timezones import offset_at, wall_time

#: Order of sources observed at the same moment; the higher number wins.
_RANK: Final[Mapping[Source, int]] = {
    "loose_file": 0,
    "file": 1,
    "export": 2,
    "api_summary": 3,
    "api_detail": 4,
}
_API: Final[tuple[Source, ...]] = ("api_summary", "api_detail")

#: Fields for which one kind of source wins, however old its observation is.
PREFERRED: Final[Mapping[str, tuple[Source, ...]]] = {
    "sport_type": _API,
    "is_private": _API,
    "start_latitude": FILES,
    "start_longitude": FILES,
    "end_latitude": FILES,
    "end_longitude": FILES,
}
_WEATHER: Final = "weather_"
#: Fields that follow from the position of the start or the end.
_PLACES: Final = (
    "start_latitude",
    "start_longitude",
    "end_latitude",
    "end_longitude",
    "position_timezone_name",
)
_OBSCURED: Final = (0, 0, 1)


def newest(observations: Iterable[Observation]) -> dict[Source, Observation]:
    """The newest observation of each source; of a loose file the last one given, since its date is
    the end of what it recorded, and not when it was read.
    """
    kept: dict[Source, Observation] = {}
    for seen in observations:
        old = kept.get(seen.source)
        if old is None or seen.source == "loose_file" or seen.observed_at >= old.observed_at:
            kept[seen.source] = seen
    return kept


def merge_observations(observations: Sequence[Observation]) -> dict[str, Any]:
    """The row of one activity from all its observations.

    Args:
        observations: at least one, all of one activity.

    Returns:
    Column name -> value, including the fields that only serve the merge; columns that no
    observation mentions are missing. Local time comes from the API, the file or the position;
    ``timezone_source`` is ``unknown`` where none of them tells it. A virtual activity gets no
    place, since its positions are those of a game.
    """
    ordered = sorted(newest(observations).values(), key=_age)
    row: dict[str, Any] = {}
    for seen in ordered:
        for name, value in seen.fields.items():
            if not _keeps_old_start(name, value, row):
                row[name] = value
        if "strava_gear_id" in seen.fields:
            row["gear_said_by"] = "id"
        elif "gear_name" in seen.fields:
            row["gear_said_by"] = "name"
    for seen in ordered:
        row.update({n: v for n, v in seen.fields.items() if seen.source in _preferred(n)})
    row["activity_id"] = ordered[-1].activity_id
    row["athlete_id"] = next((o.athlete_id for o in reversed(ordered) if o.athlete_id), 0)
    if row.get("max_power_w") is None and "highest_power_w" in row:
        # The export has a column for the highest power, but leaves it empty.
        row["max_power_w"] = row["highest_power_w"]
    is_api_sport = any(seen.fields.get("sport_type") for seen in ordered if seen.source in _API)
    row |= sport(row, is_api_sport=is_api_sport)
    if is_virtual(row):
        row |= dict.fromkeys(_PLACES)
    row |= local_time(row)
    row["known_from"] = _known_from({seen.source for seen in ordered})
    return row


def _age(seen: Observation) -> tuple[bool, datetime, int]:
    """What observations are ordered by: the last one has the last word, a loose file the first."""
    return seen.source != "loose_file", seen.observed_at, _RANK[seen.source]


def _known_from(sources: Collection[Source]) -> str:
    """Which kind of source tells of an activity: an export, else the API, else only a file."""
    if "export" in sources:
        return "export"
    return "file" if set(sources) <= set(FILES) else "api"


def _preferred(name: str) -> tuple[Source, ...]:
    return ("export",) if name.startswith(_WEATHER) else PREFERRED.get(name, ())


def _keeps_old_start(name: str, value: Any, row: Mapping[str, Any]) -> bool:
    """Whether a value is Strava's stand-in for a hidden start, and the real start is known.

    Strava shows a hidden start as one second past midnight.
    """
    return name == "start_time_utc" and row.get(name) is not None and is_obscured(value)


def sport(row: Mapping[str, Any], *, is_api_sport: bool = False) -> dict[str, Any]:
    """The columns of the sport, from the most reliable source that names one.

    In this order: the API, a label of the export that is known, the device file, a guess at the
    label.
    """
    words = {
        "api" if is_api_sport else "export": "sport_type",
        "file": "file_sport_type",
        "guess": "guessed_sport_type",
    }
    source = next((source for source, name in words.items() if row.get(name)), None)
    return {} if source is None else {"sport_type": row[words[source]], "sport_type_source": source}


def is_obscured(start: Any) -> bool:
    """Whether this is the time (00:00:01) that Strava shows instead of a hidden start."""
    return isinstance(start, datetime) and (start.hour, start.minute, start.second) == _OBSCURED


def with_known_start(seen: Observation, known: Iterable[Observation]) -> Observation:
    """The observation with the start that was known before Strava hid it.

    It is about to replace an older observation that had the real start.
    """
    if not is_obscured(seen.fields.get("start_time_utc")):
        return seen
    starts = (
        old.fields.get("start_time_utc")
        for old in sorted(known, key=lambda o: o.observed_at, reverse=True)
    )
    start = next((start for start in starts if start is not None and not is_obscured(start)), None)
    return seen if start is None else replace(seen, fields={**seen.fields, "start_time_utc": start})


def is_virtual(row: Mapping[str, Any]) -> bool:
    """Whether the positions of an activity come from a game, not from where the athlete was."""
    return str(row.get("sport_type")).startswith("Virtual") or bool(row.get("is_position_virtual"))


def local_time(row: Mapping[str, Any]) -> dict[str, Any]:
    """Zone, offset and local time of the start: of the API, else the device, else the position."""
    start: datetime | None = row.get("start_time_utc")
    place: str | None = row.get("position_timezone_name")
    if start is None:
        return unknown_time()
    if row.get("api_utc_offset_s") is not None:
        return located(start, row.get("api_timezone_name"), row["api_utc_offset_s"], "api")
    if row.get("file_utc_offset_s") is not None:
        offset: int = row["file_utc_offset_s"]
        # The watch may still have been set to the zone of home, so that its offset does not fit the
        # place: keep the offset, without the name of the place's zone.
        return located(
            start, place if place and offset_at(place, start) == offset else None, offset, "file"
        )
    if place is not None and (by_place := offset_at(place, start)) is not None:
        return located(start, place, by_place, "position")
    return unknown_time()


def located(start: datetime, name: str | None, offset_s: int, source: str) -> dict[str, Any]:
    """The columns of local time for a start whose offset is known.

    They say "unknown" where the local time would be before the year 1 or after 9999.
    """
    local = wall_time(start, offset_s)
    if local is None:
        return unknown_time()
    return {
        "timezone_name": name,
        "utc_offset_s": offset_s,
        "start_time_local": local,
        "timezone_source": source,
    }


def unknown_time() -> dict[str, Any]:
    """The columns of local time for a start whose offset is not known."""
    return {
        "timezone_name": None,
        "utc_offset_s": None,
        "start_time_local": None,
        "timezone_source": "unknown",
    }
