"""Writes what is computed from points: splits, efforts, power curve, zones, heart rate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any, Final

import sqlalchemy as sa

from db.batches import chunks
from db.bulk import insert_rows
from db.models import (
    Activity,
    Athlete,
    AthleteZone,
    BestEffort,
    Decoupling,
    HeartrateBand,
    PowerPeak,
    Split,
    SwimLength,
    Track,
    ZoneTime,
)
from db.points import read_points
from ingest.load.activity_rows import insert_of_activities
from ingest.load.device_figures import OF_FIGURES, told_of
from ingest.load.marts import outdate
from ingest.transform.derived import (
    ASSUMED_ZONES,
    Derived,
    Zones,
    default_zones,
    derive,
    is_current,
)
from ingest.transform.detail_records import ZoneRow
from ingest.transform.records import FILES, FloatArray, LengthRow, as_dict

#: Columns of ``tracks`` that are computed from the points.
OF_TRACK: Final = (
    "route_polyline",
    "min_latitude",
    "min_longitude",
    "max_latitude",
    "max_longitude",
    "route_shape",
    "route_length_m",
    "derived_from",
)
#: Table -> field of ``Derived`` that holds its rows, and what tells them from those of the API.
COMPUTED: Final[Mapping[Any, tuple[str, Mapping[str, str]]]] = {
    Split: ("splits", {"source": "computed"}),
    BestEffort: ("best_efforts", {"source": "computed"}),
    PowerPeak: ("power_curve", {}),
    ZoneTime: ("zone_times", {}),
    HeartrateBand: ("heartrate_bands", {}),
    Decoupling: ("decoupling", {}),
}
_AT_ONCE: Final = 200


def zones_of(connection: sa.Connection, athlete_id: int) -> Zones:
    """An athlete's zones from the API, else ones computed from maximum heart rate and FTP."""
    query = sa.select(AthleteZone.__table__).where(
        AthleteZone.athlete_id == athlete_id, AthleteZone.source == "api"
    )
    told = defaultdict[str, list[float]](list)
    for row in connection.execute(query.order_by(AthleteZone.zone_type, AthleteZone.zone_index)):
        if row.upper_bound is not None:
            told[row.zone_type].append(row.upper_bound)
    known = sa.select(Athlete.max_heartrate_bpm, Athlete.ftp_w).where(
        Athlete.athlete_id == athlete_id
    )
    athlete = connection.execute(known).first()
    zones = (
        ASSUMED_ZONES
        if athlete is None
        else default_zones(athlete.max_heartrate_bpm, athlete.ftp_w)
    )
    if told["heartrate"]:
        zones = replace(zones, heartrate=tuple(told["heartrate"]), heartrate_source="api")
    if told["power"]:
        zones = replace(zones, power=tuple(told["power"]), power_source="api")
    return zones


def write_zones(connection: sa.Connection, athlete_id: int, zones: Iterable[ZoneRow]) -> None:
    """Replace the zones that the API told of an athlete.

    The next ``derive_outdated`` then computes zone times anew.
    """
    connection.execute(sa.delete(AthleteZone).where(AthleteZone.athlete_id == athlete_id))
    insert_rows(
        connection,
        AthleteZone,
        [{"athlete_id": athlete_id, "source": "api", **as_dict(zone)} for zone in zones],
    )


def _new_defaults(
    connection: sa.Connection, athletes: Iterable[int]
) -> Iterator[tuple[int, str, Sequence[float]]]:
    """Athlete, kind and bounds of default zones that differ from the stored ones.

    Defaults are for athletes whose zones the API did not tell.
    """
    rows = connection.execute(
        sa.select(AthleteZone.__table__).where(AthleteZone.source == "default")
    ).all()
    for athlete_id in athletes:
        zones = zones_of(connection, athlete_id)
        now = {
            "heartrate": zones.heartrate if zones.heartrate_source == "default" else (),
            "power": zones.power if zones.power_source == "default" else (),
        }
        for zone_type, bounds in now.items():
            shown = [
                row for row in rows if (row.athlete_id, row.zone_type) == (athlete_id, zone_type)
            ]
            if {row.upper_bound for row in shown} != ({*bounds, None} if bounds else set()):
                yield athlete_id, zone_type, bounds


def _replace_defaults(
    connection: sa.Connection, athlete_id: int, zone_type: str, bounds: Sequence[float]
) -> None:
    of_type = sa.delete(AthleteZone).where(
        AthleteZone.athlete_id == athlete_id, AthleteZone.zone_type == zone_type
    )
    # The API may tell a single zone, which has no bound to compute with; defaults then replace it.
    connection.execute(of_type if bounds else of_type.where(AthleteZone.source == "default"))
    edges = zip((0.0, *bounds), (*bounds, None), strict=True) if bounds else ()
    of_athlete = {"athlete_id": athlete_id, "zone_type": zone_type, "source": "default"}
    rows = [
        {**of_athlete, "zone_index": index, "lower_bound": lower, "upper_bound": upper}
        for index, (lower, upper) in enumerate(edges, 1)
    ]
    insert_rows(connection, AthleteZone, rows)


def of_track(derived: Derived) -> dict[str, Any]:
    """The columns ``OF_TRACK``."""
    route = derived.route
    bounds = route.bounds or (None, None, None, None)
    values = (route.polyline, *bounds, route.shape, route.length_m, derived.basis)
    return dict(zip(OF_TRACK, values, strict=True))


def write_derived(
    connection: sa.Connection, pairs: Sequence[tuple[int, Derived]], *, replaced: Collection[int]
) -> None:
    """Write the figures computed from the points of some activities.

    ``replaced`` are the activities that may have such rows already.
    """
    old = [activity_id for activity_id, _ in pairs if activity_id in replaced]
    if old:
        remove_derived(connection, old)
    for model, (name, computed) in COMPUTED.items():
        rows = [(i, getattr(derived, name)) for i, derived in pairs]
        insert_of_activities(connection, model, computed, rows)


def remove_derived(connection: sa.Connection, activity_ids: Collection[int]) -> None:
    """Remove the figures of points that are removed."""
    for model, (_, computed) in COMPUTED.items():
        own = sa.delete(model).where(model.activity_id.in_(activity_ids))
        connection.execute(own.filter_by(**computed))


def to_derive(connection: sa.Connection) -> list[int]:
    """The athletes for whom ``derive_outdated`` would change something."""
    everyone = _everyone(connection)
    found = {athlete_id for athlete_id, _, _ in _new_defaults(connection, everyone)}
    return sorted(found | {basis[0] for basis in _old_bases(connection, everyone)})


def derive_outdated(
    begin: Callable[[], AbstractContextManager[sa.Connection]],
    athletes: Collection[int] | None = None,
) -> int:
    """Compute figures anew that another version, kind of sport or zones would change.

    Default zones are stored beside the API's, for athletes whose zones it did not tell. Each call
    of ``begin`` opens a transaction for some of the activities, of these athletes or of all.

    Returns:
        How many activities were derived anew.
    """
    with begin() as connection:
        everyone = _everyone(connection) if athletes is None else athletes
        for new in list(_new_defaults(connection, everyone)):
            _replace_defaults(connection, *new)
        outdated = _outdated(connection, everyone)
    for some in chunks(outdated, _AT_ONCE):
        with begin() as connection:
            _derive(connection, some)
    return len(outdated)


def _everyone(connection: sa.Connection) -> list[int]:
    return list(connection.scalars(sa.select(Athlete.athlete_id)))


def _bases(athletes: Collection[int]) -> sa.Select[*tuple[Any, ...]]:
    """What figures of tracks were computed from."""
    return (
        sa.select(Activity.athlete_id, Activity.sport_type, Track.derived_from)
        .join(Track, Track.activity_id == Activity.activity_id)
        .where(Track.point_count > 0, Activity.athlete_id.in_(athletes))
    )


def _old_bases(connection: sa.Connection, athletes: Collection[int]) -> set[tuple[Any, ...]]:
    """The bases that would be others now."""
    bases = connection.execute(_bases(athletes).distinct()).all()
    zones = {
        athlete_id: zones_of(connection, athlete_id)
        for athlete_id in {row.athlete_id for row in bases}
    }
    return {
        tuple(row)
        for row in bases
        if not is_current(row.derived_from, row.sport_type, zones[row.athlete_id])
    }


def _outdated(connection: sa.Connection, athletes: Collection[int]) -> list[Any]:
    """Tracks whose figures would differ now; mostly their few bases show that none would."""
    old = _old_bases(connection, athletes)
    if not old:
        return []
    found = _bases(athletes)
    figures = (getattr(Track, name) for name in OF_FIGURES)
    more = (Track.activity_id, Track.start_time_utc, Track.source, Track.file_format)
    tracks = connection.execute(
        found.add_columns(*more, Track.point_count, *figures).order_by(Track.activity_id)
    )
    return [track for track in tracks if tuple(track[:3]) in old]


def _derive(connection: sa.Connection, tracks: Sequence[Any]) -> None:
    outdate(connection, [track.activity_id for track in tracks])
    zones = {
        athlete_id: zones_of(connection, athlete_id)
        for athlete_id in {t.athlete_id for t in tracks}
    }
    pairs = []
    for track in tracks:
        found = derive(
            _points(connection, track),
            sport_type=track.sport_type,
            zones=zones[track.athlete_id],
            start_time_utc=track.start_time_utc,
            told=told_of(connection, track),
            lengths=_lengths(connection, track) if track.sport_type == "Swim" else (),
        )
        pairs.append((track.activity_id, found))
        row = sa.update(Track).where(Track.activity_id == track.activity_id)
        connection.execute(row.values(**of_track(found)))
    write_derived(connection, pairs, replaced=[track.activity_id for track in tracks])


def _lengths(connection: sa.Connection, track: Any) -> list[LengthRow]:
    """The pool lengths in the file that the points come from."""
    if track.source not in FILES:
        return []
    table = SwimLength.__table__
    query = (
        sa.select(table)
        .where(table.c.activity_id == track.activity_id)
        .order_by(table.c.length_index)
    )
    return [
        LengthRow(**{name: value for name, value in row.items() if name != "activity_id"})
        for row in connection.execute(query).mappings()
    ]


def _points(connection: sa.Connection, track: Any) -> dict[str, FloatArray]:
    for points in read_points(connection, [track]):
        return points.known_columns()
    return {}
