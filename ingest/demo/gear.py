"""Defines the bikes and shoes of the demo athlete, of makers that do not exist."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoGear:
    """A bike or a pair of shoes; the number is only in the columns ``Bike`` and ``Gear``."""

    number: int
    name: str
    brand: str
    model: str
    sports: str
    is_bike: bool

    @property
    def label(self) -> str:
        """As ``Activity Gear`` says it: a bike by its name, shoes by all their words."""
        return (
            self.name
            if self.is_bike
            else " ".join(f"{self.brand} {self.model} {self.name}".split())
        )


def _bike(number: int, name: str, model: str, sports: str = "Ride") -> DemoGear:
    return DemoGear(
        number=number, name=name, brand="Lindqvist", model=model, sports=sports, is_bike=True
    )


def _shoes(number: int, name: str, model: str, sports: str = "Run") -> DemoGear:
    return DemoGear(
        number=number, name=name, brand="Fjordlane", model=model, sports=sports, is_bike=False
    )


ROAD_BIKE: Final = _bike(11800421, "Grey Heron", "Allroad 2")
CITY_BIKE: Final = _bike(11800437, "Old Faithful", "City")
TRAINER: Final = _bike(12944610, "Cellar Trainer", "Track 1", "Virtual Ride")
BIKES: Final = (ROAD_BIKE, CITY_BIKE, TRAINER)
SHOES: Final = (
    _shoes(21400377, "Grey", "Daily 3"),
    _shoes(22100378, "Blue", "Daily 4"),
    _shoes(22800379, "Orange", "Daily 4"),
    _shoes(23500380, "", "Daily 5"),
)
TRAIL_SHOES: Final = _shoes(23900815, '"Mud"', "Ridge 2", "Run,Hike")
