"""Reads one activity, with all that belongs to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from db.marts.sports import sport_group
from db.models import (
    Activity,
    Athlete,
    BestEffort,
    Gear,
    ImportFile,
    Lap,
    Media,
    SegmentEffort,
    Split,
    Track,
    ZoneTime,
)
from db.points import Points, read_points
from exporters.report.units import Units, units_of
from exporters.selection import local_start
from ingest.load import observations
from ingest.transform.records import Observation

_MEDIA_ORDER: Final = (Media.media_index, Media.filename)
#: Strava's own word comes before our figures.
_API_FIRST: Final = {"api": 0, "computed": 1}
#: Our splits have all columns; those of the API are shown where there are none.
_OURS_FIRST: Final = {"computed": 0, "api": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundActivity:
    """One activity, and all that belongs to it; rows have the columns of their tables."""

    #: Row of ``activities``, with ``sport_group``, ``start`` by the clock there, and ``gear_name``.
    activity: Any
    units: Units
    #: Row of ``tracks``; ``None`` if the activity has no points.
    track: Any
    points: Points | None
    splits: Sequence[Any]
    laps: Sequence[Any]
    best_efforts: Sequence[Any]
    segment_efforts: Sequence[Any]
    zone_times: Sequence[Any]
    media: Sequence[Any]
    observations: Sequence[Observation]


def find(connection: sa.Connection, activity_id: int) -> FoundActivity | None:
    """An activity; ``None`` if there is none of that id."""
    activity = connection.execute(_activity(activity_id)).one_or_none()
    if activity is None:
        return None
    units = units_of(activity.measurement_preference)
    read = _Reader(connection, activity_id)
    track = next(iter(read(Track)), None)
    return FoundActivity(
        activity=activity,
        units=units,
        track=track,
        points=None if track is None else next(read_points(connection, [track]), None),
        splits=_from_one(_OURS_FIRST, read(Split, Split.split_index, unit=units.distance)),
        laps=read(Lap, Lap.lap_index),
        best_efforts=_from_one(_API_FIRST, read(BestEffort, BestEffort.distance_m)),
        segment_efforts=read(SegmentEffort, SegmentEffort.effort_index),
        zone_times=read(ZoneTime, ZoneTime.zone_type, ZoneTime.zone_index),
        media=read(Media, *_MEDIA_ORDER),
        observations=observations.stored(connection, [activity_id])[activity_id],
    )


def media(connection: sa.Connection, activity_id: int) -> Sequence[Any]:
    """Photos and videos of an activity, in their order."""
    return _Reader(connection, activity_id)(Media, *_MEDIA_ORDER)


def exports_of(connection: sa.Connection, athlete_id: int) -> Sequence[str]:
    """ZIPs and folders that an athlete's exports were read from, the newest first."""
    query = sa.select(ImportFile.origin).where(
        ImportFile.file_kind == "export", ImportFile.athlete_id == athlete_id
    )
    newest_first = (ImportFile.exported_at.desc(), ImportFile.file_id.desc())
    return connection.scalars(query.order_by(*newest_first)).all()


def device_file(connection: sa.Connection, activity_id: int) -> Any:
    """``name`` and ``origin`` of the device file that was read last; ``None`` if there is none."""
    name = sa.select(Track.file_name).where(Track.activity_id == activity_id).scalar_subquery()
    query = sa.select(ImportFile.name, ImportFile.origin).where(
        ImportFile.file_kind == "activity",
        ImportFile.name == name,
        ImportFile.athlete_id
        == sa.select(Activity.athlete_id)
        .where(Activity.activity_id == activity_id)
        .scalar_subquery(),
    )
    return connection.execute(query.order_by(ImportFile.exported_at.desc()).limit(1)).one_or_none()


def _activity(activity_id: int) -> sa.Select[Any]:
    return (
        sa.select(
            Activity.__table__,
            local_start().label("start"),
            sport_group(Activity.sport_type).label("sport_group"),
            Gear.name.label("gear_name"),
            Athlete.measurement_preference,
        )
        .outerjoin(Gear, Gear.gear_id == Activity.gear_id)
        .outerjoin(Athlete, Athlete.athlete_id == Activity.athlete_id)
        .where(Activity.activity_id == activity_id)
    )


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads rows of one activity."""

    connection: sa.Connection
    activity_id: int

    def __call__(self, model: Any, *order: Any, **equal: Any) -> Sequence[Any]:
        query = sa.select(model.__table__).filter_by(activity_id=self.activity_id, **equal)
        return self.connection.execute(query.order_by(*order)).all()


def _from_one(ranks: Mapping[str, int], rows: Sequence[Any]) -> Sequence[Any]:
    """The rows of the source with the lowest rank among those that have any."""
    best = min((ranks[row.source] for row in rows), default=0)
    return [row for row in rows if ranks[row.source] == best]
