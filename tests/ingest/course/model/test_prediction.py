"""A course is cut into kilometres or miles whose sums are those of its pieces."""

from __future__ import annotations

import numpy as np
import pytest

from ingest.course.model.prediction import parts
from ingest.transform.grade import Pieces

#: 2.34 km: up 10 m in each of the first 12 pieces, then down 5 m in each.
ENDS = np.linspace(0.0, 2340.0, 24)
HEIGHTS = np.concatenate((np.arange(13) * 10.0, 120.0 - np.arange(1, 12) * 5.0))
HILL = Pieces(border_m=ENDS, height_m=HEIGHTS)
SECONDS = np.linspace(30.0, 52.0, 23)


@pytest.mark.parametrize(
    ("unit", "lengths"), [(1000.0, [1000, 1000, 340]), (1609.344, [1609.344, 730.656])]
)
def test_the_last_part_is_the_rest_and_nothing_is_lost(unit: float, lengths: list[float]) -> None:
    found = parts(HILL, SECONDS, HILL.length_m * 1.1, unit)
    assert [part.distance_m for part in found] == pytest.approx(lengths)
    assert sum(part.time_s for part in found) == pytest.approx(SECONDS.sum())
    assert sum(part.climb_m for part in found) == pytest.approx(120.0)
    assert sum(part.descent_m for part in found) == pytest.approx(55.0)
    assert sum(part.flat_m for part in found) == pytest.approx(2340 * 1.1)


def test_a_rest_of_few_metres_belongs_to_the_last_kilometre() -> None:
    pieces = Pieces(border_m=np.linspace(0.0, 5005.0, 51), height_m=np.zeros(51))
    found = parts(pieces, np.full(50, 30.0), pieces.length_m, 1000.0)
    assert [part.distance_m for part in found] == pytest.approx([1000, 1000, 1000, 1000, 1005])


def test_a_course_shorter_than_a_kilometre_is_one_part() -> None:
    pieces = Pieces(border_m=np.linspace(0.0, 400.0, 5), height_m=np.zeros(5))
    (only,) = parts(pieces, np.full(4, 30.0), pieces.length_m, 1000.0)
    assert only.distance_m == 400.0
    assert only.pace_min_per_km == pytest.approx(5.0)
