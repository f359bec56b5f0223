"""Marts refilled for some days equal marts made from nothing, and what stays the same is not
written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.marts import MARTS, Scope, refill
from db.models import (
    Activity,
    ActivityFact,
    Athlete,
    BestEffort,
    DailyLoad,
    Date,
    Decoupling,
    Gear,
    GearMileage,
    HeartrateBand,
    ImportFile,
    PeriodSummary,
    Split,
    Track,
)
from tests.db.marts.conftest import Database
from tests.db.marts.routes import add_route, line, shape

ATHLETES = (1, 2)
TABLES: Sequence[Any] = (Date, *(mart.model for mart in MARTS))
#: Around two turns of a year, and days far off.
_DAYS = st.one_of(
    st.dates(date(2022, 12, 26), date(2023, 1, 5)),
    st.dates(date(2023, 12, 26), date(2024, 1, 5)),
    st.sampled_from([date(1930, 1, 1), date(1999, 5, 2), date(2031, 5, 2)]),
)
#: Two that begin and end alike, and one that is a bit beside the first.
_ROUTES = (shape(line(3000)), shape(line(3000, bend_m=900)), shape(line(3000, shift_m=90)))
_ROW = st.fixed_dictionaries(
    {
        "athlete_id": st.sampled_from(ATHLETES),
        "day": st.none() | _DAYS,
        "sport_type": st.sampled_from(["Run", "Ride", None]),
        "distance_m": st.sampled_from([None, 0.0, 1000.0, 7000.1]),
        "moving_time_s": st.sampled_from([None, 600.0, 1800.0]),
        "training_load": st.sampled_from([None, None, 0.0, 60.0]),
        "relative_effort": st.sampled_from([None, 0.0, 40.5]),
        "gear": st.booleans(),
        "is_gone": st.booleans(),
        "minute": st.sampled_from([0, 4, 45]),
        "effort_s": st.sampled_from([None, 200.0, 250.0]),
        "route": st.sampled_from([None, *_ROUTES]),
        "beats": st.lists(st.sampled_from([120, 125, 130]), unique=True, max_size=2),
    }
)
#: What an activity has rows of that marts are made from.
_PARTS: Sequence[Any] = (Split, BestEffort, HeartrateBand, Decoupling, Track)
_IDS = st.integers(1, 12)
_EDITS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.dictionaries(_IDS, _ROW, min_size=1, max_size=4)),
        st.tuples(st.just("delete"), _IDS),
        st.tuples(st.just("gear"), st.sampled_from(["Old", "New"])),
        st.tuples(st.just("export"), st.tuples(st.sampled_from(ATHLETES), _DAYS)),
        st.tuples(st.just("name"), st.sampled_from(["Jo", "Jim"])),
    ),
    min_size=1,
    max_size=6,
)


def content(database: Database) -> dict[str, list[Any]]:
    return {
        model.__tablename__: database.rows(
            *(getattr(model, column.name) for column in model.__table__.columns)
        )
        for model in TABLES
    }


class Edited:
    """A database whose activities are edited, and the days on which that was."""

    def __init__(self, database: Database) -> None:
        self.database, self.connection = database, database.connection
        self.days: dict[int, set[date]] = {athlete_id: set() for athlete_id in ATHLETES}
        for model in (*reversed(TABLES), *_PARTS, Activity, Gear, Athlete, ImportFile):
            self.connection.execute(sa.delete(model))
        for athlete_id in ATHLETES:
            database.add(Athlete, athlete_id=athlete_id, first_name="Jo")
            database.add(
                Gear,
                gear_id=athlete_id,
                athlete_id=athlete_id,
                name="Old",
                name_key="old",
                source="export",
            )

    def edit(self, what: str, value: Any) -> None:
        if what == "write":
            for number, row in value.items():
                self._remove(number)
                self._write(number, dict(row))
        elif what == "delete":
            self._remove(value)
        elif what == "export":
            athlete_id, day = value
            mine = sa.delete(ImportFile).where(ImportFile.athlete_id == athlete_id)
            self.connection.execute(mine)  # so that the newest may be older than before
            self.database.export(day.isoformat(), athlete_id)
            self.days.setdefault(athlete_id, set())
        else:
            self.days.setdefault(1, set())
            of_one = {"gear": (Gear, "name"), "name": (Athlete, "first_name")}
            model, column = of_one[what]
            own = sa.update(model).where(sa.column("athlete_id") == 1)
            self.connection.execute(own.values({column: value}))

    def _remove(self, number: int) -> None:
        for model in _PARTS:
            self.connection.execute(sa.delete(model).where(sa.column("activity_id") == number))
        row = self.connection.execute(
            sa.delete(Activity)
            .where(Activity.activity_id == number)
            .returning(Activity.athlete_id, Activity.start_time_local)
        ).first()
        if row is not None:
            self._changed(row.athlete_id, row.start_time_local and row.start_time_local.date())

    def _changed(self, athlete_id: int, day: date | None) -> None:
        self.days.setdefault(athlete_id, set()).update([] if day is None else [day])

    def _write(self, number: int, row: dict[str, Any]) -> None:
        athlete_id, day = row["athlete_id"], row.pop("day")
        effort_s, is_gone = row.pop("effort_s"), row.pop("is_gone")
        minute, beats, route = row.pop("minute"), row.pop("beats"), row.pop("route")
        start = None if day is None else datetime(day.year, day.month, day.day, 23, minute)
        utc = datetime(2024, 1, 1, tzinfo=UTC) if start else None
        own = {
            "gear_id": athlete_id if row.pop("gear") else None,
            "vanished_at": utc if is_gone else None,
            "start_time_local": start,
            "start_time_utc": start and start.replace(tzinfo=UTC),
        }
        self.database.activity(number, "2024-01-01", **row | own)
        if effort_s is not None:
            kilometre = {"activity_id": number, "source": "computed", "distance_m": 1000.0}
            self.database.add(BestEffort, **kilometre, name="1K", elapsed_time_s=effort_s)
            self.database.add(Split, **kilometre, unit="km", split_index=0, moving_time_s=effort_s)
            efficiency = {"first_half_efficiency": 1.0, "second_half_efficiency": 0.9}
            more = {"moving_time_s": 1.0, "variation_pct": 1.0, "decoupling_pct": effort_s / 50}
            row = {"activity_id": number, "basis": "pace"}
            self.database.add(Decoupling, **row, **efficiency, **more)
        if route is not None:
            add_route(self.database, number, route, 3000.0)
        for from_bpm in beats:
            self._at_beats(number, from_bpm)
        self._changed(athlete_id, day)

    def _at_beats(self, number: int, from_bpm: int) -> None:
        self.database.add(
            HeartrateBand,
            activity_id=number,
            from_bpm=from_bpm,
            below_bpm=from_bpm + 5,
            time_s=from_bpm + number / 7,
            distance_m=from_bpm * 3.1 if from_bpm > 120 else None,
            power_time_s=10.0 if number % 2 else None,
            work_j=number * 1000.1 if number % 2 else None,
        )

    def refill(self) -> None:
        scopes = [Scope(athlete_id=i, days=frozenset(days)) for i, days in self.days.items()]
        refill(self.connection, scopes)
        self.days.clear()


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(edits=_EDITS, cuts=st.sets(st.integers(0, 5)))
def test_after_any_edits_refilled_marts_are_those_made_from_nothing(
    database: Database, edits: list[tuple[str, Any]], cuts: set[int]
) -> None:
    edited = Edited(database)
    for place, edit in enumerate(edits):
        edited.edit(*edit)
        if place not in cuts:  # else a refill was cut off, and the next one has more to do
            edited.refill()
    edited.refill()
    refilled = content(database)
    database.refresh()
    assert refilled == content(database)


@pytest.fixture
def filled(database: Database) -> Database:
    """Two years of runs, one each week, with marts of all of them."""
    first = datetime(2023, 1, 2, 7)
    for number in range(100):
        start = first + timedelta(weeks=number)
        database.activity(
            number,
            start.isoformat(),
            distance_m=5000.0,
            moving_time_s=1500.0,
            training_load=50.0,
            name=f"Run {number}",
        )
    database.refresh()
    return database


def changes(database: Database, days: Sequence[date]) -> Mapping[str, int]:
    """How many rows of each mart a refill of these days changes."""
    scope = Scope(athlete_id=1, days=frozenset(days))
    found = {}
    for mart in MARTS:
        changed = mart.refill(database.connection, scope).changed
        assert changed is not None
        found[mart.table.name] = len(changed)
    return {name: count for name, count in found.items() if count}


def test_what_did_not_change_is_not_written(filled: Database) -> None:
    days = [date(2023, 1, 2), date(2023, 1, 9), date(2024, 11, 25)]
    assert changes(filled, days) == {}
    run = sa.update(Activity).where(Activity.activity_id == 1)
    filled.connection.execute(run.values(name="Renamed"))
    # One row, as it was and as it is.
    assert changes(filled, days) == {"activity_facts": 2}


def test_a_renamed_bike_is_found_without_its_days(filled: Database) -> None:
    filled.add(Gear, gear_id=5, athlete_id=1, name="Bike", name_key="bike", source="export")
    ridden = sa.update(Activity).where(Activity.activity_id.in_([3, 4]))
    filled.connection.execute(ridden.values(gear_id=5))
    filled.refresh()
    filled.connection.execute(sa.update(Gear).values(name="Rocket"))
    refill(filled.connection, [Scope(athlete_id=1, days=frozenset())])
    assert filled.rows(ActivityFact.activity_id, gear_name="Rocket") == [(3,), (4,)]
    assert filled.rows(GearMileage.gear_name, GearMileage.activity_count) == [("Rocket", 2)]


def test_an_activity_that_becomes_another_athletes_leaves_the_first_ones_marts(
    filled: Database,
) -> None:
    filled.add(Athlete, athlete_id=0)
    moved = sa.update(Activity).where(Activity.activity_id == 50)
    filled.connection.execute(moved.values(athlete_id=0))
    day = frozenset([(datetime(2023, 1, 2) + timedelta(weeks=50)).date()])
    refill(filled.connection, [Scope(athlete_id=i, days=day) for i in (0, 1)])
    mine = filled.rows(PeriodSummary.activity_count, period_type="year", athlete_id=0)
    assert mine == [(1,), (1,)]
    refilled = content(filled)
    filled.refresh()
    assert refilled == content(filled)


@pytest.mark.parametrize("days", [None, frozenset([date(2024, 12, 2)])])
def test_a_refill_touches_no_other_athlete(filled: Database, days: frozenset[date] | None) -> None:
    filled.add(Athlete, athlete_id=2)
    filled.connection.execute(sa.update(Activity).values(distance_m=9000.0))
    refill(filled.connection, [Scope(athlete_id=2, days=days)])
    assert filled.rows(PeriodSummary.distance_km, period_type="day")[0] == (5.0,)


def test_another_measure_of_load_changes_all_days(filled: Database) -> None:
    early = sa.update(Activity).where(Activity.activity_id < 60)
    filled.connection.execute(early.values(training_load=None))
    filled.connection.execute(sa.update(Activity).values(relative_effort=0.0))
    filled.refresh()
    assert {source for (source,) in filled.rows(DailyLoad.load_source)} == {"relative_effort"}
    # The sums of the days stay as they were.
    known = sa.update(Activity).where(Activity.activity_id >= 60)
    filled.connection.execute(known.values(relative_effort=None))
    late = [(datetime(2023, 1, 2) + timedelta(weeks=n)).date() for n in range(60, 100)]
    refill(filled.connection, [Scope(athlete_id=1, days=frozenset(late))])
    refilled = content(filled)
    filled.refresh()
    assert refilled == content(filled)


def _statements(connection: sa.Connection, call: Callable[[], None]) -> list[str]:
    found: list[str] = []

    def note(*arguments: Any) -> None:
        found.append(arguments[2])

    sa.event.listen(connection, "before_cursor_execute", note)
    call()
    sa.event.remove(connection, "before_cursor_execute", note)
    return found


def test_statistics_are_renewed_for_a_new_athlete_and_not_for_a_few_rows(
    filled: Database,
) -> None:
    def analyzed(scope: Scope) -> bool:
        sent = _statements(filled.connection, lambda: refill(filled.connection, [scope]))
        return any(statement.startswith("ANALYZE") for statement in sent)

    filled.activity(200, "2024-12-09T07:00", distance_m=5000.0)
    assert not analyzed(Scope(athlete_id=1, days=frozenset([date(2024, 12, 9)])))
    filled.add(Athlete, athlete_id=2)
    filled.activity(201, "2024-12-09T07:00", athlete_id=2)
    assert analyzed(Scope(athlete_id=2, days=frozenset([date(2024, 12, 9)])))


def test_marts_that_have_not_grown_keep_their_statistics(filled: Database) -> None:
    filled.refresh()
    with_rows = {
        f"ANALYZE {mart.table.name}"
        for mart in MARTS
        if filled.connection.scalar(sa.select(sa.func.count()).select_from(mart.table))
    }
    assert not with_rows & set(_statements(filled.connection, filled.refresh))


def test_days_that_marts_of_others_refer_to_stay_until_these_are_refilled(
    database: Database,
) -> None:
    database.add(Athlete, athlete_id=2)
    database.activity(1, "2024-05-02T10:00:00")
    database.activity(2, "1999-05-02T10:00:00", athlete_id=2, training_load=50.0)
    database.refresh()
    first = sa.select(sa.func.min(Date.date))
    assert database.connection.scalar(first) == date(1999, 1, 1)
    vanished = sa.update(Activity).where(Activity.activity_id == 2)
    database.connection.execute(vanished.values(vanished_at=datetime(2026, 1, 1, tzinfo=UTC)))
    refill(database.connection, [Scope(athlete_id=1)])
    assert database.connection.scalar(first) == date(1999, 1, 1)
    refill(database.connection, [Scope(athlete_id=2)])
    assert database.connection.scalar(first) == date(2024, 1, 1)
