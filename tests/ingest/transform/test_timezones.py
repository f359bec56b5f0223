"""Local time is told wherever there is one, and nothing is raised where there is none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from ingest.transform.timezones import offset_at, wall_time

EARLIEST, LATEST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


def test_the_offset_of_a_zone_depends_on_the_day() -> None:
    assert offset_at("Europe/Berlin", datetime(2024, 1, 1, tzinfo=UTC)) == 3600
    assert offset_at("Europe/Berlin", datetime(2024, 7, 1, tzinfo=UTC)) == 7200


def test_an_unknown_zone_has_no_offset() -> None:
    assert offset_at("Atlantis/Capital", datetime(2024, 1, 1, tzinfo=UTC)) is None


@pytest.mark.parametrize(
    ("name", "moment"), [("America/New_York", EARLIEST), ("Asia/Tokyo", LATEST)]
)
def test_a_moment_beyond_the_calendar_has_no_offset(name: str, moment: datetime) -> None:
    assert offset_at(name, moment) is None


def test_wall_time_is_naive_and_counts_from_utc() -> None:
    moment = datetime(2024, 5, 1, 6, tzinfo=timezone(timedelta(hours=1)))
    assert wall_time(moment, 7200) == datetime(2024, 5, 1, 7)


@pytest.mark.parametrize(
    ("moment", "offset"),
    [
        (EARLIEST, -1),
        (LATEST, 1),
        (datetime.min.replace(tzinfo=timezone(timedelta(hours=1))), 0),
        (datetime(2024, 5, 1, tzinfo=UTC), 10**15),
    ],
)
def test_a_wall_time_that_no_calendar_has_is_none(moment: datetime, offset: int) -> None:
    assert wall_time(moment, offset) is None
