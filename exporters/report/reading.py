"""Reads the report's data of one athlete, from marts and derived tables, never from points."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import sqlalchemy as sa

from db.models import (
    Activity,
    ActivityFact,
    Athlete,
    BestEffort,
    DailyLoad,
    Eddington,
    GearMileage,
    GradePace,
    PowerPeak,
    SplitPace,
    Streak,
    Track,
)
from exporters.errors import UsageError
from exporters.report import data
from exporters.report.units import Units, units_of
from exporters.selection import Selection

_ALL: Final = "all"
_EVERYTHING: Final = Selection()
#: Type of a ``sa.Select`` with any number of columns.
_Query = Any


def read(
    connection: sa.Connection, selection: Selection, athlete_id: int | None, routes: int
) -> tuple[data.Data, tuple[str, ...]]:
    """The data, and notes for people about the choice of the athlete."""
    athletes = _athletes(connection)
    if athlete_id is not None and athlete_id not in athletes:
        known = ", ".join(str(one) for one in sorted(athletes)) or "none"
        raise UsageError(
            f"athlete {athlete_id} has no activities in this database; athletes that have: {known}"
        )
    most = [*_athletes(connection, selection), *athletes]
    chosen = athlete_id if athlete_id is not None else next(iter(most), None)
    notes = (_others(chosen, athletes),) if len(athletes) > 1 and athlete_id is None else ()
    return _Reader(connection, selection, chosen).read(routes), notes


def _athletes(connection: sa.Connection, selection: Selection = _EVERYTHING) -> list[int]:
    """Athletes with activities among the chosen ones, the most active first."""
    query = _restrict(sa.select(ActivityFact.athlete_id), selection).group_by(
        ActivityFact.athlete_id
    )
    return list(connection.scalars(query.order_by(sa.func.count().desc(), ActivityFact.athlete_id)))


def _others(chosen: int | None, athletes: Sequence[int]) -> str:
    others = ", ".join(str(one) for one in athletes if one != chosen)
    return (
        f"the page is about athlete {chosen}, who has most of the activities; choose another "
        f"one with --athlete: {others}"
    )


def _restrict(query: _Query, selection: Selection) -> _Query:
    """Restrict a query on ``activity_facts``, or one that joins it, to the chosen activities."""
    if not selection:
        return query
    return query.where(
        ActivityFact.activity_id.in_(sa.select(Activity.activity_id).where(*selection.conditions()))
    )


class _Reader:
    """Queries for one athlete."""

    def __init__(
        self, connection: sa.Connection, selection: Selection, athlete_id: int | None
    ) -> None:
        self._connection, self._selection, self._athlete_id = connection, selection, athlete_id

    def read(self, routes: int) -> data.Data:
        """Everything."""
        name, units = self._athlete()
        return data.Data(
            athlete_id=self._athlete_id,
            athlete=name,
            units=units,
            chosen=str(self._selection) if self._selection else "",
            is_unfilled=self._is_unfilled(),
            facts=tuple(self._facts()),
            splits=tuple(self._splits(units)),
            grade_factors=tuple(self._grade_factors()),
            efforts=tuple(self._efforts()),
            peaks=tuple(self._peaks()),
            loads=tuple(self._loads()),
            gear=tuple(self._gear()),
            routes=tuple(self._routes(routes)),
            eddington=tuple(self._eddington(units)),
            streaks=tuple(self._streaks()),
        )

    def _is_unfilled(self) -> bool:
        there = self._connection.scalar(
            sa.select(sa.exists().where(Activity.vanished_at.is_(None)))
        )
        return bool(there) and not self._connection.scalar(
            sa.select(sa.exists(sa.select(ActivityFact)))
        )

    def _athlete(self) -> tuple[str, Units]:
        query = sa.select(Athlete.first_name, Athlete.last_name, Athlete.measurement_preference)
        row = self._connection.execute(query.where(Athlete.athlete_id == self._athlete_id)).first()
        names = [part for part in row[:2] if part] if row else []
        return " ".join(names), units_of(row[2] if row else None)

    def _rows(self, query: _Query) -> Sequence[Any]:
        rows: Sequence[Any] = self._connection.execute(query).all()
        return rows

    def _of_facts(self, query: _Query) -> _Query:
        """Restrict a query to the athlete's chosen activities."""
        return _restrict(query.where(ActivityFact.athlete_id == self._athlete_id), self._selection)

    def _facts(self) -> Iterator[data.Fact]:
        query = sa.select(
            ActivityFact.activity_id,
            sa.func.coalesce(ActivityFact.name, "").label("name"),
            ActivityFact.sport_group,
            ActivityFact.local_date,
            sa.func.coalesce(ActivityFact.distance_km, 0.0).label("distance_km"),
            sa.func.coalesce(ActivityFact.moving_time_h, 0.0).label("moving_time_h"),
            sa.func.coalesce(ActivityFact.total_elevation_gain_m, 0.0).label(
                "total_elevation_gain_m"
            ),
            ActivityFact.gear_id,
        ).order_by(
            ActivityFact.start_time_utc.is_(None),
            ActivityFact.start_time_utc,
            ActivityFact.activity_id,
        )
        return (data.Fact(**row._mapping) for row in self._rows(self._of_facts(query)))

    def _splits(self, units: Units) -> Iterator[data.SplitPoint]:
        query = (
            sa.select(
                SplitPace.activity_id,
                SplitPace.distance_m,
                SplitPace.elevation_difference_m,
                SplitPace.moving_time_s,
            )
            .join(ActivityFact, ActivityFact.activity_id == SplitPace.activity_id)
            .where(SplitPace.unit == units.distance, SplitPace.distance_m > 0)
            .order_by(SplitPace.activity_id, SplitPace.split_index)
        )
        rows = self._rows(self._of_facts(query))
        return (
            data.SplitPoint(activity_id=one, distance_m=m, rise_m=rise, seconds=seconds)
            for one, m, rise, seconds in rows
        )

    def _grade_factors(self) -> Iterator[data.GradeFactor]:
        query = sa.select(GradePace.grade_pct, GradePace.factor).where(
            GradePace.athlete_id == self._athlete_id, GradePace.sport_type == "Run"
        )
        rows = self._rows(query.order_by(GradePace.grade_pct))
        return (data.GradeFactor(grade_pct=grade, factor=factor) for grade, factor in rows)

    def _efforts(self) -> Iterator[data.RunEffort]:
        """Efforts as in ``personal_records``: the API's before ours, none of flagged activities."""
        query = (
            sa.select(
                BestEffort.activity_id,
                BestEffort.name,
                BestEffort.distance_m,
                BestEffort.elapsed_time_s,
            )
            .join(ActivityFact, ActivityFact.activity_id == BestEffort.activity_id)
            .where(
                BestEffort.elapsed_time_s > 0,
                BestEffort.distance_m > 0,
                ActivityFact.sport_group == "run",
                sa.func.coalesce(ActivityFact.is_flagged, sa.false()).is_(sa.false()),
            )
            .order_by(
                sa.case((BestEffort.source == "api", 1), else_=0), ActivityFact.start_time_utc
            )
        )
        found = {(row[0], row[1]): row for row in self._rows(self._of_facts(query))}
        for activity_id, name, metres, seconds in found.values():
            yield data.RunEffort(
                activity_id=activity_id, name=name, distance_m=metres, seconds=seconds
            )

    def _peaks(self) -> Iterator[data.Peak]:
        query = (
            sa.select(PowerPeak.activity_id, PowerPeak.duration_s, PowerPeak.power_w)
            .join(ActivityFact, ActivityFact.activity_id == PowerPeak.activity_id)
            .where(PowerPeak.power_w > 0)
            .order_by(PowerPeak.duration_s, ActivityFact.start_time_utc)
        )
        rows = self._rows(self._of_facts(query))
        return (
            data.Peak(activity_id=one, seconds=seconds, watts=watts) for one, seconds, watts in rows
        )

    def _loads(self) -> Iterator[data.LoadDay]:
        columns = (
            DailyLoad.date,
            DailyLoad.load_source.label("source"),
            DailyLoad.ctl,
            DailyLoad.atl,
            DailyLoad.tsb,
        )
        query = (
            sa.select(*columns)
            .where(DailyLoad.athlete_id == self._athlete_id)
            .order_by(DailyLoad.date)
        )
        return (data.LoadDay(**row._mapping) for row in self._rows(query))

    def _gear(self) -> Iterator[data.GearItem]:
        columns = (
            GearMileage.gear_id,
            GearMileage.gear_name,
            GearMileage.gear_type,
            GearMileage.is_retired,
        )
        query = sa.select(*columns).where(
            GearMileage.athlete_id == self._athlete_id, GearMileage.part_index == 0
        )
        for gear_id, name, kind, is_retired in self._rows(query.order_by(GearMileage.gear_id)):
            yield data.GearItem(
                gear_id=gear_id, name=name, kind=kind or "", is_retired=bool(is_retired)
            )

    def _routes(self, newest: int) -> Iterator[data.RouteLine]:
        query = (
            sa.select(Track.activity_id, Track.route_polyline.label("polyline"))
            .join(ActivityFact, ActivityFact.activity_id == Track.activity_id)
            .where(sa.func.coalesce(Track.route_polyline, "") != "")
            .order_by(ActivityFact.start_time_utc.desc(), ActivityFact.activity_id.desc())
            .limit(newest)
        )
        return (data.RouteLine(**row._mapping) for row in self._rows(self._of_facts(query)))

    def _eddington(self, units: Units) -> Iterator[data.EddingtonNumber]:
        columns = (
            Eddington.sport_group,
            Eddington.eddington_number.label("number"),
            Eddington.next_target,
            Eddington.days_needed,
        )
        mine = (Eddington.athlete_id == self._athlete_id, Eddington.unit == units.distance)
        query = sa.select(*columns).where(*mine, Eddington.eddington_number > 0)
        rows = self._rows(query.order_by(Eddington.eddington_number.desc()))
        return (data.EddingtonNumber(**row._mapping) for row in rows)

    def _streaks(self) -> Iterator[data.StreakSpan]:
        query = sa.select(
            Streak.period_type.label("period"),
            Streak.start_date.label("start"),
            Streak.end_date.label("end"),
            Streak.length,
            Streak.is_longest,
            Streak.is_current,
        ).where(
            Streak.athlete_id == self._athlete_id,
            Streak.sport_group == _ALL,
            sa.or_(Streak.is_longest, Streak.is_current),
        )
        return (data.StreakSpan(**row._mapping) for row in self._rows(query))
