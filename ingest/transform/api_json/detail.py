"""Reads laps, splits, efforts, photos and gear from the API's detail of an activity."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
    mappings,
    moment,
    wall_clock,
)
from ingest.transform.detail_records import (
    BestEffortRow,
    Detail,
    GearRow,
    PhotoRow,
    SegmentEffortRow,
    SplitRow,
)
from ingest.transform.records import LapRow

_SPLITS: Final[Mapping[str, Literal["km", "mi"]]] = {"splits_metric": "km", "splits_standard": "mi"}


def detail(raw: Mapping[str, Any]) -> Detail:
    """The rows of one activity that its detail holds."""
    return Detail(
        laps=tuple(_laps(raw)),
        splits=tuple(_splits(raw)),
        best_efforts=tuple(_best_efforts(raw)),
        segment_efforts=tuple(_segment_efforts(raw)),
        photos=tuple(_photos(raw)),
        gear=gear_row(mapping(raw.get("gear"))),
    )


def _laps(raw: Mapping[str, Any]) -> Iterator[LapRow]:
    for index, lap in enumerate(mappings(raw.get("laps"))):
        yield LapRow(
            lap_index=index,
            start_time_utc=moment(lap.get("start_date")),
            elapsed_time_s=json_number(lap.get("elapsed_time")),
            moving_time_s=json_number(lap.get("moving_time")),
            distance_m=json_number(lap.get("distance")),
            average_speed_mps=json_number(lap.get("average_speed")),
            max_speed_mps=json_number(lap.get("max_speed")),
            average_heartrate_bpm=json_number(lap.get("average_heartrate")),
            max_heartrate_bpm=json_number(lap.get("max_heartrate")),
            average_cadence_rpm=json_number(lap.get("average_cadence")),
            average_power_w=json_number(lap.get("average_watts")),
            total_elevation_gain_m=json_number(lap.get("total_elevation_gain")),
        )


def _splits(raw: Mapping[str, Any]) -> Iterator[SplitRow]:
    for name, unit in _SPLITS.items():
        for index, split in enumerate(mappings(raw.get(name))):
            yield SplitRow(
                unit=unit,
                split_index=index,
                distance_m=json_number(split.get("distance")),
                elapsed_time_s=json_number(split.get("elapsed_time")),
                moving_time_s=json_number(split.get("moving_time")),
                elevation_difference_m=json_number(split.get("elevation_difference")),
                average_speed_mps=json_number(split.get("average_speed")),
                average_grade_adjusted_speed_mps=json_number(
                    split.get("average_grade_adjusted_speed")
                ),
                average_heartrate_bpm=json_number(split.get("average_heartrate")),
                pace_zone=json_whole(split.get("pace_zone")),
            )


def _best_efforts(raw: Mapping[str, Any]) -> Iterator[BestEffortRow]:
    seen: set[str] = set()
    for effort in mappings(raw.get("best_efforts")):
        name = json_key(effort.get("name"))
        if name is None or name in seen:
            continue
        seen.add(name)
        known = json_id(effort.get("id"))
        yield BestEffortRow(
            name=name,
            best_effort_id=known,
            best_effort_id_text=None if known is None else str(known),
            distance_m=json_number(effort.get("distance")),
            elapsed_time_s=json_number(effort.get("elapsed_time")),
            moving_time_s=json_number(effort.get("moving_time")),
            start_time_utc=moment(effort.get("start_date")),
            start_index=json_whole(effort.get("start_index")),
            end_index=json_whole(effort.get("end_index")),
            pr_rank=json_whole(effort.get("pr_rank")),
        )


def _segment_efforts(raw: Mapping[str, Any]) -> Iterator[SegmentEffortRow]:
    seen: set[int] = set()
    for index, effort in enumerate(mappings(raw.get("segment_efforts"))):
        known = json_id(effort.get("id"))
        if known is None or known in seen:
            continue
        seen.add(known)
        yield SegmentEffortRow(
            segment_effort_id=known,
            segment_effort_id_text=str(known),
            effort_index=index,
            name=json_text(effort.get("name")),
            start_time_utc=moment(effort.get("start_date")),
            start_time_local=wall_clock(effort.get("start_date_local")),
            elapsed_time_s=json_number(effort.get("elapsed_time")),
            moving_time_s=json_number(effort.get("moving_time")),
            distance_m=json_number(effort.get("distance")),
            start_index=json_whole(effort.get("start_index")),
            end_index=json_whole(effort.get("end_index")),
            average_heartrate_bpm=json_number(effort.get("average_heartrate")),
            max_heartrate_bpm=json_number(effort.get("max_heartrate")),
            average_cadence_rpm=json_number(effort.get("average_cadence")),
            average_power_w=json_number(effort.get("average_watts")),
            is_device_power=json_flag(effort.get("device_watts")),
            pr_rank=json_whole(effort.get("pr_rank")),
            kom_rank=json_whole(effort.get("kom_rank")),
            is_hidden=json_flag(effort.get("hidden")),
            **_segment(mapping(effort.get("segment"))),
        )


def _segment(segment: Mapping[str, Any]) -> dict[str, Any]:
    known = json_id(segment.get("id"))
    start, end = (
        json_position(segment.get("start_latlng")),
        json_position(segment.get("end_latlng")),
    )
    return {
        "segment_id": known,
        "segment_id_text": None if known is None else str(known),
        "segment_sport_type": json_text(segment.get("activity_type")),
        "segment_distance_m": json_number(segment.get("distance")),
        "segment_average_grade_pct": json_number(segment.get("average_grade")),
        "segment_maximum_grade_pct": json_number(segment.get("maximum_grade")),
        "segment_elev_high_m": json_number(segment.get("elevation_high")),
        "segment_elev_low_m": json_number(segment.get("elevation_low")),
        "segment_climb_category": json_whole(segment.get("climb_category")),
        "segment_start_latitude": start[0] if start else None,
        "segment_start_longitude": start[1] if start else None,
        "segment_end_latitude": end[0] if end else None,
        "segment_end_longitude": end[1] if end else None,
        "segment_city": json_text(segment.get("city")),
        "segment_state": json_text(segment.get("state")),
        "segment_country": json_text(segment.get("country")),
        "is_segment_private": json_flag(segment.get("private")),
        "is_segment_starred": json_flag(segment.get("starred")),
    }


def _photos(raw: Mapping[str, Any]) -> Iterator[PhotoRow]:
    """The photo in a detail, which holds the primary one only."""
    photo = mapping(mapping(raw.get("photos")).get("primary"))
    unique_id = json_key(photo.get("unique_id"))
    if unique_id is None:
        return
    urls = {size: url for size, url in mapping(photo.get("urls")).items() if json_text(url)}
    largest = max(
        urls, key=lambda size: int(size) if size.isdecimal() and len(size) < 9 else 0, default=None
    )
    yield PhotoRow(
        unique_id=unique_id,
        media_index=0,
        media_type="video" if photo.get("media_type") == 2 else "photo",
        url=json_text(urls[largest]) if largest is not None else None,
    )


def gear_row(raw: Mapping[str, Any]) -> GearRow | None:
    """Gear as a detail, or an answer about gear, shows it; ``None`` without id or name."""
    known, name = json_key(raw.get("id")), json_key(raw.get("name"))
    if known is None or name is None:
        return None
    return GearRow(
        strava_gear_id=known,
        name=name,
        nickname=json_text(raw.get("nickname")),
        is_retired=json_flag(raw.get("retired")),
        distance_m=json_number(raw.get("distance")),
    )
