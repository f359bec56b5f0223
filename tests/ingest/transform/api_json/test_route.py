"""The route of an answer is taken if it is one, whatever else the API sends in its place."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ingest.transform.api_json.route import shown_route
from ingest.transform.derived.polyline import encoded, places_of

ROUTE = encoded(np.array([47.0, -47.1, 89.99]), np.array([8.0, -179.9, 180.0]))


def test_a_route_is_taken_as_it_is() -> None:
    assert shown_route({"map": {"summary_polyline": ROUTE}}) == ROUTE


def test_a_documented_example_is_one() -> None:
    line = "_p~iF~ps|U_ulLnnqC_mqNvxq`@"
    assert shown_route({"map": {"summary_polyline": line}}) == line
    assert places_of(line)[0].tolist() == [38.5, 40.7, 43.252]


@pytest.mark.parametrize(
    "line", ["", None, 5, ROUTE[:-1], ROUTE + "_", ROUTE + "?", "é" * 8, "\0\0", "~~~~~~~??"]
)
def test_what_is_no_route_is_none(line: Any) -> None:
    assert shown_route({"map": {"summary_polyline": line}}) is None


@pytest.mark.parametrize("raw", [{}, {"map": None}, {"map": "x"}, {"map": {}}])
def test_an_answer_without_a_map_shows_none(raw: dict[str, Any]) -> None:
    assert shown_route(raw) is None
