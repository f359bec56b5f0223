"""Reads the report's data of one athlete, from marts and derived tables, never from points."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import sqlalchemy as sa

from db.known_until import known_until
from db.models import (
    Activity,
    ActivityFact,
    Athlete,
    AthleteZone,
    DailyLoad,
    Eddington,
    GearMileage,
    GradePace,
    Streak,
)
from exporters.errors import UsageError
from exporters.report import data, rows
from exporters.report.fact_queries import FactQueries, Query, restrict
from exporters.report.hiding import Hiding, hiding_around
from exporters.report.units import Units, units_of
from exporters.selection import Selection

_ALL: Final = "all"
_EVERYTHING: Final = Selection()


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """What is drawn of routes, and for whom the page is."""

    #: Routes with a picture of their own; 0 draws no route at all.
    routes: int = 48
    #: Metres around the places where most activities begin that nothing is drawn in.
    hide_around: int = 0
    #: Leaves private activities out.
    is_public: bool = False


def read(
    connection: sa.Connection, selection: Selection, athlete_id: int | None, drawing: Drawing
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
    return _Reader(connection, selection, chosen).read(drawing), notes


def _athletes(connection: sa.Connection, selection: Selection = _EVERYTHING) -> list[int]:
    """Athletes with activities among the chosen ones, the most active first."""
    query = restrict(sa.select(ActivityFact.athlete_id), selection).group_by(
        ActivityFact.athlete_id
    )
    return list(connection.scalars(query.order_by(sa.func.count().desc(), ActivityFact.athlete_id)))


def _others(chosen: int | None, athletes: Sequence[int]) -> str:
    others = ", ".join(str(one) for one in athletes if one != chosen)
    return (
        f"the page is about athlete {chosen}, who has most of the activities; choose another "
        f"one with --athlete: {others}"
    )


class _Reader:
    """Queries for one athlete."""

    def __init__(
        self, connection: sa.Connection, selection: Selection, athlete_id: int | None
    ) -> None:
        self._connection, self._selection, self._athlete_id = connection, selection, athlete_id

    def read(self, drawing: Drawing) -> data.Data:
        """Everything."""
        name, units = self._athlete()
        facts = FactQueries(
            self._connection, self._selection, self._athlete_id, is_public=drawing.is_public
        )
        return data.Data(
            athlete_id=self._athlete_id,
            athlete=name,
            units=units,
            chosen=str(self._selection) if self._selection else "",
            is_unfilled=self._is_unfilled(),
            source_day=self._source_day(),
            until=self._selection.until,
            facts=tuple(facts.facts()),
            splits=tuple(facts.splits(units)),
            grade_factors=tuple(self._grade_factors()),
            efforts=tuple(facts.efforts()),
            peaks=tuple(facts.peaks()),
            loads=tuple(self._loads()),
            zones=tuple(self._zones()),
            zone_months=tuple(facts.zone_months()),
            pool_swims=tuple(facts.pool_swims()),
            gear=tuple(self._gear()),
            routes=tuple(facts.routes()) if drawing.routes else (),
            pictures=drawing.routes,
            hiding=self._hiding(drawing.hide_around),
            eddington=tuple(self._eddington(units)),
            streaks=tuple(self._streaks()),
        )

    def _all(self, query: Query) -> Sequence[Any]:
        found: Sequence[Any] = self._connection.execute(query).all()
        return found

    def _source_day(self) -> date | None:
        """The day of the newest export or answer of the API."""
        if self._athlete_id is None:
            return None
        return known_until(self._connection, self._athlete_id).get(self._athlete_id)

    def _hiding(self, metres: int) -> Hiding | None:
        """What to hide, by the starts and ends of all activities, chosen or not."""
        if not metres:
            return None
        columns = (
            ActivityFact.latitude,
            ActivityFact.longitude,
            ActivityFact.end_latitude,
            ActivityFact.end_longitude,
        )
        found = self._all(sa.select(*columns).where(ActivityFact.athlete_id == self._athlete_id))
        ends = [tuple(row[at : at + 2]) for row in found for at in (0, 2)]
        known = [(lat, lon) for lat, lon in ends if lat is not None and lon is not None]
        return hiding_around(known, metres, len(found))

    def _zones(self) -> Iterator[rows.Zone]:
        query = (
            sa.select(
                AthleteZone.zone_index,
                AthleteZone.lower_bound,
                AthleteZone.upper_bound,
                AthleteZone.source,
            )
            .where(AthleteZone.athlete_id == self._athlete_id, AthleteZone.zone_type == "heartrate")
            .order_by(AthleteZone.zone_index)
        )
        for zone, lower, upper, source in self._all(query):
            yield rows.Zone(
                zone=zone, lower_bpm=lower or 0.0, upper_bpm=upper, is_assumed=source != "api"
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

    def _grade_factors(self) -> Iterator[rows.GradeFactor]:
        query = sa.select(GradePace.grade_pct, GradePace.factor).where(
            GradePace.athlete_id == self._athlete_id, GradePace.sport_type == "Run"
        )
        found = self._all(query.order_by(GradePace.grade_pct))
        return (rows.GradeFactor(grade_pct=grade, factor=factor) for grade, factor in found)

    def _loads(self) -> Iterator[rows.LoadDay]:
        columns = (
            DailyLoad.date,
            DailyLoad.load_source.label("source"),
            DailyLoad.ctl,
            DailyLoad.atl,
            DailyLoad.tsb,
            DailyLoad.activity_count,
        )
        query = (
            sa.select(*columns)
            .where(DailyLoad.athlete_id == self._athlete_id)
            .order_by(DailyLoad.date)
        )
        return (rows.LoadDay(**row._mapping) for row in self._all(query))

    def _gear(self) -> Iterator[rows.GearItem]:
        columns = (
            GearMileage.gear_id,
            GearMileage.gear_name,
            GearMileage.gear_type,
            GearMileage.is_retired,
        )
        query = sa.select(*columns).where(
            GearMileage.athlete_id == self._athlete_id, GearMileage.part_index == 0
        )
        for gear_id, name, kind, is_retired in self._all(query.order_by(GearMileage.gear_id)):
            yield rows.GearItem(
                gear_id=gear_id, name=name, kind=kind or "", is_retired=bool(is_retired)
            )

    def _eddington(self, units: Units) -> Iterator[rows.EddingtonNumber]:
        columns = (
            Eddington.sport_group,
            Eddington.eddington_number.label("number"),
            Eddington.next_target,
            Eddington.days_needed,
        )
        mine = (Eddington.athlete_id == self._athlete_id, Eddington.unit == units.distance)
        query = sa.select(*columns).where(*mine, Eddington.eddington_number > 0)
        found = self._all(query.order_by(Eddington.eddington_number.desc()))
        return (rows.EddingtonNumber(**row._mapping) for row in found)

    def _streaks(self) -> Iterator[rows.StreakSpan]:
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
        return (rows.StreakSpan(**row._mapping) for row in self._all(query))
