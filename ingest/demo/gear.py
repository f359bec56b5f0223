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


ROAD_BIKE: Final = DemoGear(
    number=11800421,
    name="Grey Heron",
    brand="Lindqvist",
    model="Allroad 2",
    sports="Ride",
    is_bike=True,
)
CITY_BIKE: Final = DemoGear(
    number=11800437,
    name="Old Faithful",
    brand="Lindqvist",
    model="City",
    sports="Ride",
    is_bike=True,
)
TRAINER: Final = DemoGear(
    number=12944610,
    name="Cellar Trainer",
    brand="Lindqvist",
    model="Track 1",
    sports="Virtual Ride",
    is_bike=True,
)
SHOES: Final = tuple(
    DemoGear(
        number=21400377 + 700001 * n,
        name=name,
        brand="Fjordlane",
        model=model,
        sports="Run",
        is_bike=False,
    )
    for n, (model, name) in enumerate(
        (("Daily 3", "Grey"), ("Daily 4", "Blue"), ("Daily 4", "Orange"), ("Daily 5", ""))
    )
)
TRAIL_SHOES: Final = DemoGear(
    number=23900815,
    name='"Mud"',
    brand="Fjordlane",
    model="Ridge 2",
    sports="Run,Hike",
    is_bike=False,
)
BIKES: Final = (ROAD_BIKE, CITY_BIKE, TRAINER)
