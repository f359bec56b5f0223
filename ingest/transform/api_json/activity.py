"""Reads a summary or detail of the API as an observation, and compares two summaries."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, Literal

from ingest.transform.api_json.values import (
    json_flag,
    json_id,
    json_key,
    json_number,
    json_position,
    json_text,
    json_whole,
    mapping,
    moment,
    wall_clock,
)
from ingest.transform.records import Observation

#: The API's name -> our column and how it is read.
_FIELDS: Final[Mapping[str, tuple[str, Callable[[Any], Any]]]] = {
    "name": ("name", json_text),
    "sport_type": ("sport_type", json_key),
    "start_date": ("start_time_utc", moment),
    "distance": ("distance_m", json_number),
    "moving_time": ("moving_time_s", json_number),
    "elapsed_time": ("elapsed_time_s", json_number),
    "total_elevation_gain": ("total_elevation_gain_m", json_number),
    "elev_high": ("elev_high_m", json_number),
    "elev_low": ("elev_low_m", json_number),
    "average_speed": ("average_speed_mps", json_number),
    "max_speed": ("max_speed_mps", json_number),
    "average_heartrate": ("average_heartrate_bpm", json_number),
    "max_heartrate": ("max_heartrate_bpm", json_number),
    "average_cadence": ("average_cadence_rpm", json_number),
    "average_watts": ("average_power_w", json_number),
    "max_watts": ("max_power_w", json_number),
    "average_temp": ("average_temperature_c", json_number),
    "calories": ("calories_kcal", json_number),
    "suffer_score": ("relative_effort", json_number),
    "perceived_exertion": ("perceived_exertion", json_number),
    "prefer_perceived_exertion": ("prefer_perceived_exertion", json_flag),
    "device_name": ("device_name", json_text),
    "upload_id": ("upload_id", json_id),
    "external_id": ("external_id", json_text),
    "visibility": ("visibility", json_text),
    "workout_type": ("workout_type", json_whole),
    "device_watts": ("is_device_power", json_flag),
    "hide_from_home": ("is_hidden_from_home", json_flag),
    "commute": ("is_commute", json_flag),
    "trainer": ("is_trainer", json_flag),
    "manual": ("is_manual", json_flag),
    "private": ("is_private", json_flag),
    "flagged": ("is_flagged", json_flag),
    "kudos_count": ("kudos_count", json_whole),
    "comment_count": ("comment_count", json_whole),
    "achievement_count": ("achievement_count", json_whole),
    "pr_count": ("pr_count", json_whole),
    "athlete_count": ("athlete_count", json_whole),
    "total_photo_count": ("photo_count", json_whole),
}
#: Fields whose empty value means that the athlete cleared them; other empty fields say nothing.
_EMPTIED: Final[Mapping[str, tuple[str, Callable[[Any], Any]]]] = {
    "description": ("description", json_text),
    "private_note": ("private_note", json_text),
    "gear_id": ("strava_gear_id", json_key),
}
#: Fields that change without the athlete's doing; a change is not worth a request.
_COUNTERS: Final = frozenset(
    {
        "kudos_count",
        "comment_count",
        "achievement_count",
        "pr_count",
        "athlete_count",
        "photo_count",
        "total_photo_count",
        "has_kudoed",
        "resource_state",
        "suffer_score",  # changes for all activities when the athlete's zones change
    }
)
#: Fields whose change means that the streams have changed.
_OF_STREAMS: Final = ("distance", "moving_time", "elapsed_time", "start_date", "upload_id")
#: Strava's name for an unknown zone; in the zone database it is that of a clock that was never set.
_NO_ZONE: Final = "Factory"
_LONGEST_OFFSET_S: Final = 18 * 3600


def activity_id(raw: Mapping[str, Any]) -> int | None:
    """The id of an activity; ``None`` without one that Strava can have given."""
    found = json_id(raw.get("id"))
    return found if found is not None and 0 < found < 2**53 else None


def owner_id(raw: Mapping[str, Any]) -> int | None:
    """The id of the activity's athlete, if the answer holds it."""
    return json_id(mapping(raw.get("athlete")).get("id"))


def api_observation(
    raw: Mapping[str, Any],
    athlete_id: int,
    observed_at: datetime,
    source: Literal["api_summary", "api_detail"],
) -> Observation | None:
    """What the API says of an activity; ``None`` where the answer has no id."""
    known = activity_id(raw)
    if known is None:
        return None
    return Observation(
        activity_id=known,
        athlete_id=athlete_id,
        source=source,
        observed_at=observed_at,
        fields=_fields(raw),
        digest=answer_digest(raw),
        raw=raw,
    )


def _fields(raw: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, (column, read) in _FIELDS.items():
        value = read(raw.get(name))
        if value is not None:
            found[column] = value
    for name, (column, read) in _EMPTIED.items():
        if name in raw:
            found[column] = read(raw[name])
    if "sport_type" not in found and (older := json_key(raw.get("type"))) is not None:
        found["sport_type"] = older
    return found | _energy_and_power(raw) | _place_and_time(raw) | _gear(raw)


def _energy_and_power(raw: Mapping[str, Any]) -> dict[str, Any]:
    found = {}
    if (kilojoules := json_number(raw.get("kilojoules"))) is not None:
        found["total_work_j"] = kilojoules * 1000.0
    weighted = json_number(raw.get("weighted_average_watts"))
    if (
        # As in the export: only where power was measured.
        weighted is not None and raw.get("device_watts") is not False
    ):
        found["weighted_average_power_w"] = weighted
    return found


def _place_and_time(raw: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for end in ("start", "end"):
        if (place := json_position(raw.get(f"{end}_latlng"))) is not None:
            found[f"{end}_latitude"], found[f"{end}_longitude"] = place
    offset = _offset(raw)
    if offset is not None:
        found["api_utc_offset_s"] = offset
    # "(GMT+01:00) Europe/Berlin": the bracket shows the zone's winter time whatever the season.
    zone = json_text(raw.get("timezone"))
    name = zone.rpartition(") ")[2] if zone is not None else ""
    if name and name != _NO_ZONE:
        found["api_timezone_name"] = name
    return found


def _offset(raw: Mapping[str, Any]) -> int | None:
    told = json_number(raw.get("utc_offset"))
    start, local = moment(raw.get("start_date")), wall_clock(raw.get("start_date_local"))
    if told is None and start is not None and local is not None:
        told = (local - start.replace(tzinfo=None)).total_seconds()
    return None if told is None or abs(told) > _LONGEST_OFFSET_S else round(told)


def _gear(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The gear's name, which only a detail holds; a summary has just the id."""
    name = json_key(mapping(raw.get("gear")).get("name"))
    return {"gear_name": name} if name else {}


def answer_digest(raw: Mapping[str, Any]) -> str:
    """Hash of an answer without its counters."""
    counted = {name: value for name, value in raw.items() if name not in _COUNTERS}
    canonical = json.dumps(counted, sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(canonical.encode("ascii"), digest_size=16).hexdigest()


def has_other_streams(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether an activity's streams may have changed since ``old`` was its summary."""
    return any(old.get(name) != new.get(name) for name in _OF_STREAMS)


def shown_columns(raw: Mapping[str, Any]) -> frozenset[str]:
    """What a summary shows of the points, in the words of ``track_rank.WEIGHED``.

    Without ``device_watts`` power is Strava's estimate, of which there is no stream.
    """
    is_shown = {
        "position": json_position(raw.get("start_latlng")) not in (None, (0.0, 0.0)),
        "heartrate": raw.get("has_heartrate") is True or _is_above_zero(raw, "average_heartrate"),
        "power": raw.get("device_watts") is True
        and (_is_above_zero(raw, "average_watts") or _is_above_zero(raw, "max_watts")),
        "distance": _is_above_zero(raw, "distance"),
    }
    return frozenset(name for name, shown in is_shown.items() if shown)


def _is_above_zero(raw: Mapping[str, Any], name: str) -> bool:
    return (json_number(raw.get(name)) or 0.0) > 0.0


def is_manual(raw: Mapping[str, Any]) -> bool:
    """Whether an activity was entered by hand, so that it has no streams to ask for."""
    return raw.get("manual") is True
