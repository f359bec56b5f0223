"""Makes the tables of an activity: splits, laps, efforts and zones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from ingest.web.activity.sport_units import SportUnits
from ingest.web.formats import duration, figure
from ingest.web.queries.activity import FoundActivity


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownTable:
    """Rows of texts under a header; the first column names the row."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""


class _Column(NamedTuple):
    name: str
    text: Callable[[Any], str]


def tables(found: FoundActivity, sport: SportUnits) -> list[ShownTable]:
    """The tables that have rows; a column without any value is left out."""
    every = (_splits(found, sport), _laps(found, sport), _best(found), _segments(found, sport))
    return [*filter(lambda table: table.rows, every), *_zones(found)]


def _table(title: str, rows: Sequence[Any], *columns: _Column, note: str = "") -> ShownTable:
    cells = [[column.text(row) for column in columns] for row in rows]
    kept = [at for at in range(len(columns)) if any(row[at] for row in cells)]
    return ShownTable(
        title=title,
        header=[columns[at].name for at in kept],
        rows=[[row[at] for at in kept] for row in cells],
        note=note,
    )


def _splits(found: FoundActivity, sport: SportUnits) -> ShownTable:
    unit = sport.units.distance

    def length(row: Any) -> str:
        place = str(row.split_index + 1)
        if not row.is_partial:
            return place
        return f"{place} ({figure(row.distance_m / sport.units.metres, 2)} {unit})"

    columns = (
        _Column("km" if unit == "km" else "mile", length),
        _Column("Moving time", lambda row: duration(row.moving_time_s)),
        *_speeds(sport),
        _Column(
            f"Rise, {sport.units.height}", lambda row: sport.height_text(row.elevation_difference_m)
        ),
        *_sensors(sport),
    )
    is_ours = any(row.source == "computed" for row in found.splits)
    note = "Computed from the track points." if is_ours else "As Strava computed them."
    return _table("Splits", found.splits, *columns, note=note)


def _laps(found: FoundActivity, sport: SportUnits) -> ShownTable:
    climb = f"Climb, {sport.units.height}"
    columns = (
        _Column("Lap", lambda row: f"{row.lap_index + 1}"),
        _Column(sport.distance_unit, lambda row: sport.distance_text(row.distance_m)),
        _Column("Moving time", lambda row: duration(row.moving_time_s)),
        *_speeds(sport),
        _Column(climb, lambda row: sport.height_text(row.total_elevation_gain_m)),
        *_sensors(sport),
    )
    return _table("Laps", found.laps, *columns)


def _best(found: FoundActivity) -> ShownTable:
    columns = (
        _Column("Distance", lambda row: row.name),
        _Column("Time", lambda row: duration(row.elapsed_time_s)),
        _Column("Rank among yours then", lambda row: figure(row.pr_rank)),
    )
    is_ours = any(row.source == "computed" for row in found.best_efforts)
    note = "FoundActivity in the track points." if is_ours else "As Strava found them."
    return _table("Best efforts", found.best_efforts, *columns, note=note)


def _segments(found: FoundActivity, sport: SportUnits) -> ShownTable:
    columns = (
        _Column("Segment", lambda row: row.name or ""),
        _Column(sport.distance_unit, lambda row: sport.distance_text(row.distance_m)),
        _Column("Grade, %", lambda row: figure(row.segment_average_grade_pct, 1)),
        _Column("Time", lambda row: duration(row.elapsed_time_s)),
        *_sensors(sport),
        _Column("Rank among yours then", lambda row: figure(row.pr_rank)),
        _Column("Rank among all then", lambda row: figure(row.kom_rank)),
    )
    return _table("Segments", found.segment_efforts, *columns)


def _zones(found: FoundActivity) -> Iterator[ShownTable]:
    for kind, rows in groupby(found.zone_times, attrgetter("zone_type")):
        zones = list(rows)
        total = sum(zone.time_s or 0.0 for zone in zones) or 1.0
        title, unit = ("Heart rate zones", "bpm") if kind == "heartrate" else ("Power zones", "W")
        is_default = any(zone.source == "default" for zone in zones)
        yield _table(
            title,
            zones,
            _Column("Zone", lambda zone: f"{zone.zone_index}"),
            _Column(unit, _range),
            _Column("Time", lambda zone: duration(zone.time_s)),
            _Column("Share, %", partial(_share, total)),
            note="Zones by Strava's percentages, since yours are not known." if is_default else "",
        )


def _share(total: float, zone: Any) -> str:
    return figure(None if zone.time_s is None else 100 * zone.time_s / total)


def _range(zone: Any) -> str:
    if zone.upper_bound is None:
        return f"from {figure(zone.lower_bound)}"
    return f"{figure(zone.lower_bound)} to {figure(zone.upper_bound)}"


def _speeds(sport: SportUnits) -> Iterator[_Column]:
    name = f"{sport.speed_name}, {sport.speed_unit}"
    yield _Column(name, lambda row: sport.speed_text(row.average_speed_mps))


def _sensors(sport: SportUnits) -> Iterator[_Column]:
    yield _Column("Heart rate", lambda row: figure(row.average_heartrate_bpm))
    yield _Column(
        f"Cadence, {sport.cadence_unit}", lambda row: sport.cadence_text(row.average_cadence_rpm)
    )
    yield _Column("Power, W", lambda row: figure(row.average_power_w))
