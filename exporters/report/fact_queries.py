"""Queries the athlete's chosen activities, and what hangs on each, for the report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from db.models import (
    Activity,
    ActivityFact,
    BestEffort,
    PowerPeak,
    SplitPace,
    SwimLength,
    Track,
    TrackSession,
    ZoneTime,
)
from exporters.report import rows
from exporters.report.units import Units
from exporters.selection import Selection

#: Type of a ``sa.Select`` with any number of columns.
Query = Any


def restrict(query: Query, selection: Selection) -> Query:
    """Restrict a query on ``activity_facts``, or one that joins it, to the chosen activities."""
    if not selection:
        return query
    return query.where(
        ActivityFact.activity_id.in_(sa.select(Activity.activity_id).where(*selection.conditions()))
    )


class FactQueries:
    """Queries of the chosen activities of one athlete.

    Private ones are left out if ``is_public``.
    """

    def __init__(
        self,
        connection: sa.Connection,
        selection: Selection,
        athlete_id: int | None,
        *,
        is_public: bool = False,
    ) -> None:
        self._connection, self._selection, self._athlete_id = connection, selection, athlete_id
        self._is_public = is_public

    def facts(self) -> Iterator[rows.Fact]:
        """The activities by start."""
        query = sa.select(
            ActivityFact.activity_id,
            sa.func.coalesce(ActivityFact.name, "").label("name"),
            sa.func.coalesce(ActivityFact.sport_type, "").label("sport_type"),
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
        return (rows.Fact(**row._mapping) for row in self._rows(self._of_facts(query)))

    def splits(self, units: Units) -> Iterator[rows.SplitPoint]:
        """Kilometres or miles of runs."""
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
        found = self._rows(self._of_facts(query))
        return (
            rows.SplitPoint(activity_id=one, distance_m=m, rise_m=rise, seconds=seconds)
            for one, m, rise, seconds in found
        )

    def efforts(self) -> Iterator[rows.RunEffort]:
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
            yield rows.RunEffort(
                activity_id=activity_id, name=name, distance_m=metres, seconds=seconds
            )

    def peaks(self) -> Iterator[rows.Peak]:
        """Power curves, by duration."""
        query = (
            sa.select(PowerPeak.activity_id, PowerPeak.duration_s, PowerPeak.power_w)
            .join(ActivityFact, ActivityFact.activity_id == PowerPeak.activity_id)
            .where(PowerPeak.power_w > 0)
            .order_by(PowerPeak.duration_s, ActivityFact.start_time_utc)
        )
        found = self._rows(self._of_facts(query))
        return (
            rows.Peak(activity_id=one, seconds=seconds, watts=watts)
            for one, seconds, watts in found
        )

    def routes(self) -> Iterator[rows.RouteLine]:
        """Routes, the newest first."""
        query = (
            sa.select(Track.activity_id, Track.route_polyline.label("polyline"))
            .join(ActivityFact, ActivityFact.activity_id == Track.activity_id)
            .where(sa.func.coalesce(Track.route_polyline, "") != "")
            .order_by(ActivityFact.start_time_utc.desc(), ActivityFact.activity_id.desc())
        )
        return (rows.RouteLine(**row._mapping) for row in self._rows(self._of_facts(query)))

    def zone_months(self) -> Iterator[rows.ZoneMonth]:
        """Hours in heart-rate zones by month."""
        hours = sa.func.sum(ZoneTime.time_s) / 3600.0
        query = (
            sa.select(ActivityFact.month_start, ZoneTime.zone_index, hours)
            .join(ActivityFact, ActivityFact.activity_id == ZoneTime.activity_id)
            .where(ZoneTime.zone_type == "heartrate", ZoneTime.time_s > 0)
            .group_by(ActivityFact.month_start, ZoneTime.zone_index)
            .order_by(ActivityFact.month_start, ZoneTime.zone_index)
        )
        found = self._rows(self._of_facts(query))
        return (rows.ZoneMonth(month=month, zone=zone, hours=h) for month, zone, h in found)

    def pool_swims(self) -> Iterator[rows.PoolSwim]:
        """Swims in a pool of one length, by start."""
        pool = (
            sa.select(
                TrackSession.activity_id, sa.func.max(TrackSession.pool_length_m).label("pool_m")
            )
            .where(TrackSession.pool_length_m > 0)
            .group_by(TrackSession.activity_id)
            .having(
                sa.func.min(TrackSession.pool_length_m) == sa.func.max(TrackSession.pool_length_m)
            )
            .subquery()
        )
        query = (
            sa.select(
                SwimLength.activity_id,
                pool.c.pool_m,
                SwimLength.elapsed_time_s,
                SwimLength.is_active,
                SwimLength.total_strokes,
            )
            .join(ActivityFact, ActivityFact.activity_id == SwimLength.activity_id)
            .join(pool, pool.c.activity_id == SwimLength.activity_id)
            .where(ActivityFact.sport_group == "swim")
            .order_by(ActivityFact.start_time_utc, SwimLength.activity_id, SwimLength.length_index)
        )
        for activity_id, some in groupby(self._rows(self._of_facts(query)), lambda row: row[0]):
            lengths = list(some)
            yield rows.PoolSwim(
                activity_id=activity_id,
                pool_m=lengths[0].pool_m,
                seconds=tuple(row.elapsed_time_s or 0.0 for row in lengths),
                is_swum=tuple(bool(row.is_active) for row in lengths),
                strokes=sum(row.total_strokes or 0 for row in lengths if row.is_active),
            )

    def _of_facts(self, query: Query) -> Query:
        """Restrict a query to the athlete's chosen activities."""
        query = query.where(ActivityFact.athlete_id == self._athlete_id)
        if self._is_public:
            query = query.where(
                sa.func.coalesce(ActivityFact.is_private, sa.false()).is_(sa.false())
            )
        return restrict(query, self._selection)

    def _rows(self, query: Query) -> Sequence[Any]:
        rows: Sequence[Any] = self._connection.execute(query).all()
        return rows
