"""Turns rows of ``laps`` into the laps of TCX, within what its schema allows.

The schema bounds the values, fixes their order and knows only a few words.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
import sqlalchemy as sa

from db.models import Activity, Lap
from exporters import clock
from exporters.job import Job
from exporters.tracks import Recorded

#: Words of the schema, by the words that device files use.
_TRIGGERS: Final = {
    "manual": "Manual",
    "distance": "Distance",
    "location": "Location",
    "time": "Time",
    "heartrate": "HeartRate",
}
_RESTING: Final = ("rest", "resting", "recovery")


@dataclass(frozen=True, slots=True, kw_only=True)
class TcxLap:
    """One lap: what TCX can say of it, times in seconds and distances in metres."""

    start: datetime
    elapsed_time_s: float = 0.0
    distance_m: float = 0.0
    max_speed_mps: float | None = None
    calories_kcal: float | None = None
    average_heartrate_bpm: float | None = None
    max_heartrate_bpm: float | None = None
    average_cadence_rpm: float | None = None
    intensity: str | None = None
    trigger: str | None = None
    average_speed_mps: float | None = None
    average_power_w: float | None = None
    max_power_w: float | None = None

    def head(self) -> str:
        """The lap up to its first point."""
        return (
            f'<Lap StartTime="{clock.iso_text(self.start)}">\n'
            f"<TotalTimeSeconds>{_number(self.elapsed_time_s)}</TotalTimeSeconds>"
            f"<DistanceMeters>{_number(self.distance_m)}</DistanceMeters>"
            f"{_element('MaximumSpeed', self.max_speed_mps)}"
            f"<Calories>{_bounded(self.calories_kcal, 0, 65535) or 0}</Calories>"
            f"{self._heart('AverageHeartRateBpm', self.average_heartrate_bpm)}"
            f"{self._heart('MaximumHeartRateBpm', self.max_heartrate_bpm)}"
            f"<Intensity>{'Resting' if self.intensity in _RESTING else 'Active'}</Intensity>"
            f"{_element('Cadence', _bounded(self.average_cadence_rpm, 0, 254))}"
            f"<TriggerMethod>{_TRIGGERS.get(self.trigger or '', 'Manual')}</TriggerMethod>\n"
        )

    def tail(self) -> str:
        """The lap after its last point: the LX of ActivityExtension v2."""
        watts = (("AvgWatts", self.average_power_w), ("MaxWatts", self.max_power_w))
        parts = _element("ax:AvgSpeed", self.average_speed_mps) + "".join(
            _element(f"ax:{name}", _bounded(value, 0, 65535)) for name, value in watts
        )
        return (f"<Extensions><ax:LX>{parts}</ax:LX></Extensions>\n" if parts else "") + "</Lap>\n"

    def _heart(self, name: str, value: float | None) -> str:
        bounded = _bounded(value, 1, 255)
        return "" if bounded is None else f"<{name}><Value>{bounded}</Value></{name}>"


_COLUMNS: Final = tuple(name for name in TcxLap.__dataclass_fields__ if name != "start")


def lap_reader(job: Job) -> Callable[[Recorded], Sequence[TcxLap]]:
    """A function that gives the laps of an activity in the device's order, at least one."""
    found: defaultdict[int, list[TcxLap]] = defaultdict(list)
    query = job.selection.restrict(sa.select(Lap.__table__), sa.inspect(Lap).local_table)
    for row in job.connection.execute(query.order_by(Lap.activity_id, Lap.lap_index)).mappings():
        if row["start_time_utc"] is not None:
            found[row["activity_id"]].append(_lap(row["start_time_utc"], row))
    whole = {row["activity_id"]: row for row in _totals(job)}

    def of(track: Recorded) -> Sequence[TcxLap]:
        return found.get(track.activity.activity_id) or [
            _lap(track.start, whole[track.activity.activity_id])
        ]

    return of


def _totals(job: Job) -> Iterator[Any]:
    table = sa.inspect(Activity).local_table
    names = [name for name in _COLUMNS if name in table.c]
    query = sa.select(table.c.activity_id, *(table.c[name] for name in names)).where(
        *job.selection.conditions()
    )
    return iter(job.connection.execute(query).mappings())


def _lap(start: datetime, row: Any) -> TcxLap:
    return TcxLap(start=start, **{name: row[name] for name in _COLUMNS if _is_known(row.get(name))})


def _is_known(value: Any) -> bool:
    return value is not None and not (isinstance(value, float) and not math.isfinite(value))


def _element(name: str, value: float | int | None) -> str:
    return "" if value is None else f"<{name}>{_number(value)}</{name}>"


def _number(value: float) -> str:
    return (
        str(value)
        if isinstance(value, int)
        else np.format_float_positional(value, precision=4, trim="-")
    )


def _bounded(value: float | None, lowest: int, highest: int) -> int | None:
    return None if value is None or not lowest <= round(value) <= highest else round(value)
