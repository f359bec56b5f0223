"""Looks up country, region and town of positions, offline; alone in knowing reverse-geocode."""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from ingest.transform.positions import EARTH_RADIUS_M

_PACKAGE: Final = "reverse_geocode"
#: Metres from which on the nearest town says nothing: at sea, say.
_FARTHEST_M: Final = 100_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """Where a position is; all are ``None`` far from any town."""

    country: str | None = None
    region: str | None = None
    city: str | None = None


def can_look_up() -> bool:
    """Whether the package is installed, which is in the extra ``places``."""
    return importlib.util.find_spec(_PACKAGE) is not None


def towns_of(positions: Sequence[tuple[float, float]]) -> list[Town]:
    """The place of each latitude and longitude: that of the nearest town in GeoNames.

    Towns are those of more than 1,000 inhabitants. The first call takes seconds, since the package
    reads all of them.
    """
    package: Any = importlib.import_module(_PACKAGE)
    found = package.search(list(positions)) if positions else []
    return [
        _place(town)
        if _distance_m(at, (town["latitude"], town["longitude"])) <= _FARTHEST_M
        else Town()
        for at, town in zip(positions, found, strict=True)
    ]


def _place(town: dict[str, Any]) -> Town:
    return Town(
        country=town.get("country") or None,
        region=town.get("state") or None,
        city=town.get("city") or None,
    )


def _distance_m(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Distance on a plane, which is near enough to tell a town from an ocean."""
    east = math.remainder(other[1] - one[1], 360.0) * math.cos(math.radians(one[0]))
    return EARTH_RADIUS_M * math.radians(math.hypot(other[0] - one[0], east))
