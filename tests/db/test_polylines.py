"""Many polylines are decoded as each alone is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.polylines import decode_all
from exporters.report.sections.routes import decoded

KNOWN = "_p~iF~ps|U_ulLnnqC_mqNvxq`@"
PLACES = [(38.5, -120.2), (40.7, -120.95), (43.252, -126.453)]


def test_polylines_are_those_that_google_documents() -> None:
    first, nothing, second = decode_all([KNOWN, "", KNOWN])
    assert first == pytest.approx(np.array(PLACES))
    assert second == pytest.approx(np.array(PLACES))
    assert nothing.shape == (0, 2)
    assert decode_all([]) == []


@given(st.lists(st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=60)))
def test_broken_ones_do_not_spoil_others(texts: list[str]) -> None:
    found = decode_all([KNOWN, *texts, KNOWN])
    assert found[0] == pytest.approx(np.array(PLACES))
    assert found[-1] == pytest.approx(np.array(PLACES))
    assert len(found) == len(texts) + 2


@given(st.lists(st.text(st.characters(min_codepoint=63, max_codepoint=126), max_size=30)))
def test_each_is_decoded_as_alone(texts: list[str]) -> None:
    for text, many in zip(texts, decode_all(texts), strict=True):
        alone = decoded(text)
        small = [one for one in alone if abs(one[0]) <= 90 and abs(one[1]) <= 180]
        if len(small) == len(alone):
            assert many[:, 0] == pytest.approx(np.array(alone).reshape(-1, 2)[:, 0])


def test_a_route_over_the_date_line_goes_on() -> None:
    """From 179.99 east to 179.99 west: the step is written as one of -359.98 degrees."""
    (found,) = decode_all([encoded([(0, 179.99), (0, -179.99)])])
    assert found[:, 1].tolist() == pytest.approx([179.99, 180.01])


def encoded(places: list[tuple[float, float]]) -> str:
    """A polyline, as Google documents it."""
    text, before = "", (0, 0)
    for latitude, longitude in places:
        now = round(latitude * 1e5), round(longitude * 1e5)
        for value in (now[0] - before[0], now[1] - before[1]):
            rest = ~(value << 1) if value < 0 else value << 1
            while rest >= 32:
                text += chr((rest & 31 | 32) + 63)
                rest >>= 5
            text += chr(rest + 63)
        before = now
    return text
