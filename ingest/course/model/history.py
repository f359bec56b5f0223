"""Reads an athlete's runs from the database, each cut into pieces of about 100 m with their times.

Points are read run by run and reduced to pieces at once, so that memory holds one run's points.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any, Final

import numpy as np
import sqlalchemy as sa

from db.marts.mart import preferring
from db.models import ActivityFact, BestEffort, Split, Track
from db.points import read_points
from ingest.course.model.grade_curve import Equations, equations_of
from ingest.transform.derived.course import course_of
from ingest.transform.grade import PIECE_M, Pieces, pieces_of
from ingest.transform.records import FloatArray

#: Sports whose runs are read, whichever of them is predicted: grades cost the same in both.
SPORTS: Final = ("Run", "TrailRun")
#: Metres from which on a run can be a race.
RACE_M: Final = 5000.0
#: Seconds per kilometre that nobody runs; what is faster is an error of the GPS, or no run.
FASTEST_S_PER_KM: Final = 145.0
#: Columns of points that pieces are made from.
_COLUMNS: Final = ("elapsed_s", "latitude", "longitude", "altitude_m", "distance_m")
#: Days before a run within which it must have been the best one to count as a race.
_BEST_OF_DAYS: Final = 90


@dataclass(frozen=True, kw_only=True, eq=False)
class Run:
    """One run: its pieces, and the seconds up to each of their borders.

    ``moving_s`` and ``elapsed_s`` have one value for each border, and begin with 0.
    """

    activity_id: int
    sport_type: str
    day: date
    pieces: Pieces
    moving_s: FloatArray
    elapsed_s: FloatArray
    #: Whether it is marked as a race.
    is_race: bool = False
    #: Whether its effort over the longest standard distance was the best of the 90 days before.
    is_best: bool = False

    @property
    def distance_m(self) -> float:
        """Length of the run."""
        return float(self.pieces.border_m[-1])

    @property
    def time_s(self) -> float:
        """Moving time, which is what a prediction says."""
        return float(self.moving_s[-1])

    @cached_property
    def equations(self) -> Equations:
        """What the run tells of the athlete's pace on grades."""
        return equations_of(self.pieces, np.diff(self.moving_s))


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """An athlete's runs in order of time."""

    sport: str
    runs: Sequence[Run] = field(repr=False)
    #: The last day that anything is known of.
    as_of: date

    def before(self, day: date) -> History:
        """What was known the day before."""
        known = [run for run in self.runs if run.day < day]
        return replace(self, runs=known, as_of=day - timedelta(days=1))

    @property
    def every_race(self) -> Sequence[Run]:
        """Races of all sports; the fastest runs, if the athlete marks none as a race."""
        able = [run for run in self.runs if run.distance_m >= RACE_M]
        marked = [run for run in able if run.is_race]
        return marked or [run for run in able if run.is_best]

    @property
    def races(self) -> Sequence[Run]:
        """Races of the sport."""
        return [run for run in self.every_race if run.sport_type == self.sport]


def history_of(
    connection: sa.Connection,
    athlete_id: int,
    *,
    sport: str,
    since: date | None = None,
    until: date | None = None,
) -> History:
    """The runs of some days, both days included.

    Left out are runs on treadmills and in games, whose distances are estimates, flagged ones, and
    what is too fast to be a run.
    """
    rows = connection.execute(_activities(athlete_id, since, until)).all()
    best = _best_of_their_time(connection, athlete_id)
    runs = [
        replace(run, is_best=run.activity_id in best)
        for found in (_from_points(connection, rows), _from_splits(connection, rows))
        for run in found
        if run.time_s > run.distance_m / 1000.0 * FASTEST_S_PER_KM
    ]
    order = {row.activity_id: place for place, row in enumerate(rows)}
    runs.sort(key=lambda run: order[run.activity_id])
    as_of = until or (runs[-1].day if runs else date.today())
    return History(sport=sport, runs=runs, as_of=as_of)


def _activities(
    athlete_id: int, since: date | None, until: date | None
) -> sa.Select[*tuple[Any, ...]]:
    fact = ActivityFact
    days = [fact.local_date >= since] if since else []
    days += [fact.local_date <= until] if until else []
    points = sa.func.coalesce(Track.point_count, 0).label("point_count")
    return (
        sa.select(fact.activity_id, fact.sport_type, fact.local_date, fact.is_race, points)
        .outerjoin(Track, Track.activity_id == fact.activity_id)
        .where(*_counted(athlete_id), *days)
        .order_by(fact.local_date, fact.start_time_utc, fact.activity_id)
    )


def _counted(athlete_id: int) -> tuple[sa.ColumnElement[bool], ...]:
    """Conditions on the activities that are read."""
    fact = ActivityFact
    return (
        fact.athlete_id == athlete_id,
        fact.sport_type.in_(SPORTS),
        fact.local_date.is_not(None),
        fact.is_trainer.is_not(True),
        fact.is_flagged.is_not(True),
    )


def _from_points(connection: sa.Connection, rows: Sequence[Any]) -> Iterator[Run]:
    """The runs that have points with a distance."""
    by_id = {row.activity_id: row for row in rows}
    for points in read_points(connection, rows, _COLUMNS):
        row = by_id[points.activity_id]
        course = course_of(points.known_columns(), row.sport_type)
        if course is None or course.distance_m is None or course.moving_s is None:
            continue
        pieces = _pieces(course.distance_m, course.sensors.get("altitude_m"))
        if pieces is not None:
            moving, elapsed = (
                np.interp(pieces.border_m, course.distance_m, times - times[0])
                for times in (course.moving_s, course.elapsed_s)
            )
            yield _run(row, pieces, moving, elapsed)


def _pieces(distance_m: FloatArray, altitude_m: FloatArray | None) -> Pieces | None:
    """The pieces of a run; without altitudes it counts as flat."""
    found = None if altitude_m is None else pieces_of(distance_m, altitude_m)
    return found or pieces_of(distance_m, np.zeros(len(distance_m)))


def _from_splits(connection: sa.Connection, rows: Sequence[Any]) -> Iterator[Run]:
    """The runs without points, from the kilometres that the API tells."""
    without = {row.activity_id: row for row in rows if not row.point_count}
    splits = defaultdict[int, list[Any]](list)
    query = sa.select(Split.__table__).where(Split.unit == "km", preferring("api", Split, "unit"))
    query = query.join(ActivityFact, ActivityFact.activity_id == Split.activity_id)
    without_points = ~sa.exists().where(
        Track.activity_id == Split.activity_id, Track.point_count > 0
    )
    sports = ActivityFact.sport_type.in_(SPORTS)
    for split in connection.execute(
        query.where(without_points, sports).order_by(Split.activity_id, Split.split_index)
    ):
        if split.activity_id in without:
            splits[split.activity_id].append(split)
    for activity_id, kilometres in splits.items():
        yield from _of_kilometres(without[activity_id], kilometres)


def _of_kilometres(row: Any, kilometres: Sequence[Any]) -> Iterator[Run]:
    """A run whose pieces are kilometres; none if one of them lacks its distance or time."""
    table = np.array(
        [
            (k.distance_m, k.elevation_difference_m or 0.0, k.moving_time_s, k.elapsed_time_s)
            for k in kilometres
        ],
        np.float64,
    )
    if not np.isfinite(table).all() or table[:, 0].min() <= 0 or table[:, 0].sum() < PIECE_M:
        return
    sums = np.vstack((np.zeros(4), table.cumsum(axis=0)))
    pieces = Pieces(border_m=sums[:, 0], height_m=sums[:, 1])
    yield _run(row, pieces, sums[:, 2], sums[:, 3])


def _run(row: Any, pieces: Pieces, moving_s: FloatArray, elapsed_s: FloatArray) -> Run:
    return Run(
        activity_id=row.activity_id,
        sport_type=row.sport_type,
        day=row.local_date,
        pieces=pieces,
        moving_s=moving_s,
        elapsed_s=elapsed_s,
        is_race=bool(row.is_race),
    )


def _best_of_their_time(connection: sa.Connection, athlete_id: int) -> set[int]:
    """Runs whose effort over their longest standard distance was the best of the 90 days before.

    There must have been another effort over that distance to beat.
    """
    query = (
        sa.select(
            BestEffort.activity_id,
            BestEffort.distance_m,
            BestEffort.elapsed_time_s,
            ActivityFact.local_date,
        )
        .join(ActivityFact, ActivityFact.activity_id == BestEffort.activity_id)
        .where(
            *_counted(athlete_id),
            preferring("api", BestEffort, "name"),
            BestEffort.distance_m >= RACE_M,
            BestEffort.elapsed_time_s.is_not(None),
        )
        .order_by(ActivityFact.local_date, BestEffort.activity_id)
    )
    efforts = connection.execute(query).all()
    longest = defaultdict[int, float](float)
    for effort in efforts:
        longest[effort.activity_id] = max(longest[effort.activity_id], effort.distance_m)
    earlier = defaultdict[float, list[Any]](list)
    best = set()
    for effort in efforts:
        first = effort.local_date - timedelta(days=_BEST_OF_DAYS)
        recent = [e for e in earlier[effort.distance_m] if e.local_date >= first]
        times = [e.elapsed_time_s for e in recent if e.local_date < effort.local_date]
        is_longest = effort.distance_m == longest[effort.activity_id]
        if is_longest and times and effort.elapsed_time_s < min(times):
            best.add(effort.activity_id)
        earlier[effort.distance_m] = [*recent, effort]
    return best
