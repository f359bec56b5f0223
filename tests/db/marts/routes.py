"""Ways of a few places, and the tracks that have them as their shapes."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from db.models import Track
from ingest.transform.derived.polyline import encoded
from tests.db.marts.conftest import Database

M_PER_DEGREE = 111_319.5
Place = tuple[float, float]


def shape(places: Sequence[Place], at: Place = (47.0, 8.0)) -> str:
    """Places in metres north and east of a place, as polyline."""
    north, east = (np.array(each) / M_PER_DEGREE for each in zip(*places, strict=True))
    return encoded(at[0] + north, at[1] + east / math.cos(math.radians(at[0])))


def line(length_m: float, *, bend_m: float = 0.0, shift_m: float = 0.0) -> list[Place]:
    """A way to the north with a bend to the east in the middle, a bit beside its place."""
    parts = np.linspace(0, 1, 21)
    return [(part * length_m, shift_m + bend_m * math.sin(math.pi * part)) for part in parts]


def add_route(database: Database, number: int, route_shape: str, length_m: float) -> None:
    """The track of an activity with a route."""
    database.add(
        Track,
        activity_id=number,
        source="file",
        point_count=9,
        is_partial=False,
        is_time_naive=False,
        is_distance_computed=False,
        route_shape=route_shape,
        route_length_m=length_m,
    )
