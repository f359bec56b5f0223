"""Draws what grades cost, as curves over the dots of pace against elevation change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt
from markupsafe import Markup

from exporters.report.frame import Frame, curve

_PLACES: Final = 80
Floats = npt.NDArray[np.float64]
#: Elevation changes per unit of distance to pace by that on flat ground.
Cost = Callable[[Floats], Floats]


def flat_pace(rises: Floats, minutes: Floats, cost: Cost) -> float:
    """The pace on flat ground by which a curve goes through the middle of the dots."""
    return float(np.median(minutes / cost(rises)))


def grade_curve(
    base: Frame, flat: float, cost: Cost, name: str, low: float = -np.inf, high: float = np.inf
) -> Markup:
    """The curve, where the frame has room for it, from one elevation change to another."""
    rises = np.linspace(max(base.x.low, low), min(base.x.high, high), _PLACES)
    points = zip(rises.tolist(), (flat * cost(rises)).tolist(), strict=True)
    return curve([(base.x(x), base.y(y)) for x, y in points if base.y.holds(y)], name)
