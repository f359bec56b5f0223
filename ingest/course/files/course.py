"""Defines a course: its places along the way, and its pieces of about 100 m."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ingest.transform.grade import PIECE_M, Pieces
from ingest.transform.records import FloatArray

#: Pieces of one side of a hill, where a course is known by distance and climb alone.
_SIDE: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class RaceCourse:
    """A course; the arrays have one value for each of its points.

    Positions are NaN where they are not known.
    """

    name: str
    pieces: Pieces
    distance_m: FloatArray
    latitude: FloatArray
    longitude: FloatArray
    #: What is to be said of it, such as that its altitudes are implausible.
    notes: tuple[str, ...] = ()

    @property
    def length_m(self) -> float:
        """Metres from start to finish."""
        return float(self.pieces.border_m[-1])

    @property
    def climb_m(self) -> float:
        """Rises only, over pieces of about 100 m."""
        return float(np.maximum(self.pieces.rise_m, 0.0).sum())

    @property
    def descent_m(self) -> float:
        """Falls only, over pieces of about 100 m."""
        return float(np.maximum(-self.pieces.rise_m, 0.0).sum())

    @property
    def has_positions(self) -> bool:
        """Whether positions are known at all."""
        return bool(np.isfinite(self.latitude).any())

    def place_at(self, metres: float) -> tuple[float, float] | None:
        """Latitude and longitude so far along the way; ``None`` on a course without positions."""
        if not self.has_positions:
            return None
        latitude, longitude = self.places_at(np.array([metres]))
        return float(latitude[0]), float(longitude[0])

    def places_at(self, metres: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Latitudes and longitudes along the way of a course with positions."""
        known = np.isfinite(self.latitude)
        along = self.distance_m[known]
        # The date line is crossed by going on, not by going round the earth.
        east = np.interp(metres, along, np.unwrap(self.longitude[known], period=360.0))
        return np.interp(metres, along, self.latitude[known]), (east + 180.0) % 360.0 - 180.0


def even_course(distance_m: float, climb_m: float) -> RaceCourse:
    """A course of hills of about a kilometre, all alike, that go up as far as they go down."""
    hills = max(1, round(distance_m / (2 * _SIDE * PIECE_M)))
    side = np.linspace(0.0, climb_m / hills, _SIDE + 1)
    hill = np.concatenate((side[1:], side[-2::-1]))
    heights = np.concatenate(([0.0], np.tile(hill, hills)))
    border = np.linspace(0.0, distance_m, len(heights))
    unknown = np.full(len(border), np.nan)
    return RaceCourse(
        name=f"{distance_m / 1000:g} km, {climb_m:g} m of climb",
        pieces=Pieces(border_m=border, height_m=heights),
        distance_m=border,
        latitude=unknown,
        longitude=unknown,
        notes=(
            f"the climb of {climb_m:,.0f} m is spread evenly: hills of "
            f"{distance_m / hills / 1000:.1f} km, up and down; with a course file, the time can be "
            "told more exactly",
        )
        if climb_m
        else (),
    )
