from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.strava import Clock
from tests.strava.conftest import NOW


def test_a_clock_goes_on_by_itself_from_where_it_was_set() -> None:
    clock = Clock(NOW)
    assert timedelta(0) <= clock.now() - NOW < timedelta(seconds=5)


def test_a_frozen_clock_moves_only_when_told() -> None:
    clock = Clock(NOW, frozen=True)
    clock.advance(900)
    assert clock.now() == NOW + timedelta(minutes=15)


def test_a_clock_without_start_is_that_of_the_world() -> None:
    assert abs(Clock().now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_a_clock_may_be_set_back() -> None:
    clock = Clock(NOW, frozen=True)
    clock.set(NOW - timedelta(days=1))
    assert clock.now() == NOW - timedelta(days=1)


def test_a_moment_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a zone"):
        Clock(datetime(2026, 1, 1))
