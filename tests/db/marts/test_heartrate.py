"""Pace and power at heart rates, and decoupling in the facts, computed by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from db.models import ActivityFact, Decoupling, HeartrateBand, PaceAtHeartRate
from tests.db.marts.conftest import Database


def band(database: Database, number: int, from_bpm: int, time_s: float, **more: Any) -> None:
    row = {"activity_id": number, "from_bpm": from_bpm, "below_bpm": from_bpm + 5, "time_s": time_s}
    database.add(HeartrateBand, **row, **more)


def test_a_month_s_activities_add_up_in_each_band(database: Database) -> None:
    for number, day in ((1, "2026-03-01"), (2, "2026-03-31"), (3, "2026-04-01")):
        database.activity(number, f"{day}T08:00:00")
    band(database, 1, 140, 600.0, distance_m=2000.0)
    band(database, 1, 145, 60.0, distance_m=200.0)
    band(database, 2, 140, 300.0, distance_m=1000.0)
    band(database, 3, 140, 300.0, distance_m=1200.0)
    database.refresh()
    row = database.one(PaceAtHeartRate, month_start=date(2026, 3, 1), from_bpm=140)
    assert (row.sport_group, row.below_bpm, row.activity_count) == ("run", 145, 2)
    assert (row.time_s, row.distance_km, row.pace_min_per_km) == (900.0, 3.0, 5.0)
    assert row.pace_min_per_mi == pytest.approx(8.04672, abs=1e-6)
    assert (row.average_speed_kmh, row.average_power_w) == (12.0, None)
    assert database.rows(PaceAtHeartRate.month_start, PaceAtHeartRate.from_bpm) == [
        (date(2026, 3, 1), 140),
        (date(2026, 3, 1), 145),
        (date(2026, 4, 1), 140),
    ]


def test_what_is_not_known_of_some_is_averaged_over_the_others(database: Database) -> None:
    for number in (1, 2):
        database.activity(number, f"2026-03-0{number}T08:00:00", sport_type="Ride")
    band(database, 1, 140, 600.0, distance_m=5000.0, power_time_s=500.0, work_j=100_000.0)
    band(database, 2, 140, 400.0)
    database.refresh()
    row = database.one(PaceAtHeartRate)
    assert (row.time_s, row.average_speed_kmh, row.average_power_w) == (1000.0, 30.0, 200.0)


def test_sports_are_apart_and_an_activity_without_a_day_does_not_count(database: Database) -> None:
    database.activity(1, "2026-03-01T08:00:00")
    database.activity(2, "2026-03-01T18:00:00", sport_type="Ride")
    database.activity(3, "2026-03-01T18:00:00", start_time_local=None, start_time_utc=None)
    for number in (1, 2, 3):
        band(database, number, 140, 60.0)
    database.refresh()
    assert database.rows(PaceAtHeartRate.sport_group, PaceAtHeartRate.activity_count) == [
        ("ride", 1),
        ("run", 1),
    ]


def test_facts_show_decoupling(database: Database) -> None:
    for number in (1, 2):
        database.activity(number, f"2026-03-0{number}T08:00:00")
    database.add(
        Decoupling,
        activity_id=1,
        basis="pace",
        moving_time_s=3600.0,
        variation_pct=2.0,
        first_half_efficiency=1.2,
        second_half_efficiency=1.1,
        decoupling_pct=8.333,
    )
    database.refresh()
    assert database.rows(ActivityFact.activity_id, ActivityFact.decoupling_pct) == [
        (1, 8.333),
        (2, None),
    ]
