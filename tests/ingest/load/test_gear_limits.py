"""Runs set the limits of ``gear_limits.csv``, and say which gear nobody has."""

from __future__ import annotations

from pathlib import Path

import pytest

from db.models import GearMileage
from ingest.errors import UsageError
from tests.ingest.playground import Playground

MILEAGE = (GearMileage.gear_name, GearMileage.distance_limit_km, GearMileage.is_due)


@pytest.fixture
def worn(playground: Playground) -> Playground:
    """A run of ten kilometres in each of two pairs of shoes."""
    playground.add(
        "export_77.zip",
        [
            {"activity_name": name, "activity_gear": name, "distance": 10, "distance_2": 10_000.0}
            for name in ("Blue", "Red")
        ],
    )
    return playground


def limit(playground: Playground, *lines: str) -> Path:
    path = playground.folder / "gear_limits.csv"
    path.write_text("\n".join(["gear,limit_km", *lines]), encoding="utf-8")
    return path


def test_gear_is_due_when_it_reaches_its_limit(worn: Playground) -> None:
    limit(worn, "BLUE,10", "Red,10.1")
    worn.run()
    assert worn.rows(*MILEAGE) == [("Blue", 10.0, True), ("Red", 10.1, False)]


def test_limits_change_without_a_new_export(worn: Playground) -> None:
    worn.run()
    assert worn.rows(*MILEAGE) == [("Blue", None, None), ("Red", None, None)]
    path = limit(worn, "Blue,5")
    worn.run()
    assert worn.rows(*MILEAGE) == [("Blue", 5.0, True), ("Red", None, None)]
    limit(worn, "Red,500")
    worn.run()
    assert worn.rows(*MILEAGE) == [("Blue", None, None), ("Red", 500.0, False)]
    path.unlink()  # as with another playground on the same database
    worn.run()
    assert worn.rows(*MILEAGE) == [("Blue", None, None), ("Red", 500.0, False)]
    limit(worn)
    worn.run()
    assert worn.rows(*MILEAGE) == [("Blue", None, None), ("Red", None, None)]


def test_gear_that_nobody_has_is_told(worn: Playground) -> None:
    limit(worn, "Blue,5", "Grean,700")
    assert worn.run().notes == [
        "gear_limits.csv, line 3: no gear has the name or id Grean; `gear_mileage` has the names"
    ]


@pytest.mark.parametrize("dry_run", [False, True])
def test_a_mistake_is_told_before_anything_is_imported(worn: Playground, dry_run: bool) -> None:
    limit(worn, "Blue,five")
    with pytest.raises(UsageError, match=r"gear_limits\.csv, line 2: five is no distance"):
        worn.run(dry_run=dry_run)
    assert not (worn.folder / "strava.db").exists()
