"""Where activities started, by a package that may not be installed."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest
import sqlalchemy as sa

from db.models import Activity, ActivityFact, ActivityPlace
from ingest.transform import places
from ingest.transform.places import Town, towns_of
from tests.ingest.playground import FEBRUARY, Playground

FACTS = (ActivityFact.name, ActivityFact.country, ActivityFact.region, ActivityFact.city)
START = {"latitude": 47.37, "longitude": 8.54}


class Package(ModuleType):
    """Stands for reverse-geocode: knows one town, and counts what it is asked."""

    def __init__(self) -> None:
        super().__init__("reverse_geocode")
        self.asked = 0

    def search(self, positions: list[tuple[float, float]]) -> list[dict[str, Any]]:
        self.asked += len(positions)
        town = {"city": "Zürich", "state": "Zurich", "country": "Switzerland"}
        return [{**town, "latitude": 47.37055, "longitude": 8.54177} for _ in positions]


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch) -> Package:
    made = Package()
    monkeypatch.setitem(sys.modules, "reverse_geocode", made)
    monkeypatch.setattr("ingest.run.pipeline.can_look_up", lambda: True)
    return made


@pytest.fixture
def outside(playground: Playground) -> Playground:
    """A run with a position, one without, and a virtual one; no package is installed yet."""
    with pytest.MonkeyPatch.context() as context:
        context.setattr("ingest.run.pipeline.can_look_up", lambda: False)
        names = ("Outside", "Nowhere", "Zwift")
        playground.add("export_77.zip", [{"activity_name": name} for name in names])
        playground.run()
    moved = sa.update(Activity).where(Activity.name != "Nowhere")
    with playground.engine.begin() as connection:
        connection.execute(moved.values(start_latitude=47.37, start_longitude=8.54))
        virtual = sa.update(Activity).where(Activity.name == "Zwift")
        connection.execute(virtual.values(sport_type="VirtualRun"))
    return playground


def test_without_the_package_places_are_empty_and_nothing_is_said(outside: Playground) -> None:
    assert outside.rows(*FACTS) == [
        ("Nowhere", None, None, None),
        ("Outside", None, None, None),
        ("Zwift", None, None, None),
    ]


def test_a_later_install_fills_them_in_once(outside: Playground, package: Package) -> None:
    report = outside.run()
    assert report.notes == []
    assert outside.rows(*FACTS) == [
        ("Nowhere", None, None, None),
        ("Outside", "Switzerland", "Zurich", "Zürich"),
        ("Zwift", None, None, None),
    ]
    outside.run()
    assert package.asked == 1


def test_a_start_that_moved_is_looked_up_again(outside: Playground, package: Package) -> None:
    outside.run()
    with outside.engine.begin() as connection:
        connection.execute(sa.update(Activity).values(start_latitude=47.38))
    outside.run()
    assert package.asked == 2
    assert outside.rows(ActivityPlace.latitude) == [(47.38,)]


def test_a_place_that_is_not_that_of_the_start_is_not_shown(
    outside: Playground, package: Package
) -> None:
    outside.run()
    with outside.engine.begin() as connection:
        connection.execute(sa.update(Activity).values(start_latitude=None))
    outside.add("new.zip", [{"activity_name": name} for name in ("Outside", "Else")], FEBRUARY)
    outside.run()
    assert outside.rows(ActivityFact.city) == [(None,)] * len(outside.rows(ActivityFact.city))


def test_the_nearest_town_says_nothing_from_afar(package: Package) -> None:
    near, afar = towns_of([(47.0, 8.0), (47.37, 10.0)])
    assert (near.city, afar) == ("Zürich", Town())
    assert towns_of([]) == []


def test_the_date_line_is_no_distance(monkeypatch: pytest.MonkeyPatch, package: Package) -> None:
    town = {"city": "Taveuni", "country": "Fiji", "latitude": -16.8, "longitude": -179.97}
    monkeypatch.setattr(package, "search", lambda positions: [town for _ in positions])
    assert towns_of([(-16.8, 179.98)]) == [Town(country="Fiji", city="Taveuni")]


def test_the_real_package_knows_towns() -> None:
    pytest.importorskip("reverse_geocode")
    assert places.can_look_up()
    (paine,) = towns_of([(-33.81, -70.74)])
    assert paine == Town(country="Chile", region="Santiago Metropolitan", city="Paine")
