"""Rate limit headers and the clock in, what may be sent out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from ingest.extract.api.rate_limits import Budget, Window

NOW = datetime(2026, 11, 1, 9, 3, 30, tzinfo=UTC)
QUARTER = datetime(2026, 11, 1, 9, 15, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 2, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def headers(
    read: str, overall: str = "1,1", limits: str = "100,1000", date: datetime | None = None
) -> dict[str, str]:
    told = {
        "X-RateLimit-Limit": "200,2000",
        "X-RateLimit-Usage": overall,
        "X-ReadRateLimit-Limit": limits,
        "X-ReadRateLimit-Usage": read,
    }
    return told | ({"Date": format_datetime(date, usegmt=True)} if date else {})


def after(read: str, overall: str = "1,1") -> Budget:
    return Budget().after(200, headers(read, overall), NOW)


@pytest.mark.parametrize(
    ("read", "overall", "left"),
    [
        ("1,1", "1,1", 98),
        ("99,99", "1,1", 0),
        ("1,1", "198,198", 1),
        ("1,998", "1,1", 1),
        ("120,120", "1,1", -21),
    ],
)
def test_one_request_is_kept_back(read: str, overall: str, left: int) -> None:
    assert after(read, overall).left(NOW) == left


@pytest.mark.parametrize(
    ("read", "resumes"),
    [("99,99", QUARTER), ("1,999", MIDNIGHT), ("99,999", MIDNIGHT), ("120,400", QUARTER)],
)
def test_the_window_that_is_over_says_when_to_come_back(read: str, resumes: datetime) -> None:
    assert after(read).resume_at(NOW) == resumes + SECOND


def test_what_was_used_in_a_window_that_is_over_counts_no_more() -> None:
    budget = after("99,500")
    assert budget.left(QUARTER - SECOND) == 0
    assert budget.left(QUARTER) == 99
    assert after("99,999").left(QUARTER) == 0
    assert after("99,999").left(MIDNIGHT) == 99


@pytest.mark.parametrize("usage", [",", "", "x,y", "1"])
def test_headers_that_tell_nothing_leave_the_counting_to_us(usage: str) -> None:
    budget = after("5,5").after(200, headers(usage), NOW)
    assert budget.windows["read"][0].used == 6
    assert budget.after(None, {}, NOW).windows["read"][1].used == 7


def test_a_refusal_without_numbers_ends_the_quarter() -> None:
    budget = after("5,5").after(429, {}, NOW)
    assert budget.left(NOW) == 0
    assert budget.resume_at(NOW) == QUARTER + SECOND
    assert budget.left(QUARTER) > 0


def test_a_refusal_is_believed_until_strava_s_window_ends_however_our_clock_goes() -> None:
    there = QUARTER - timedelta(seconds=3)
    ours = there + timedelta(seconds=4)
    budget = Budget().after(429, headers("120,120", date=there), ours)
    assert budget.left(ours) == 0
    assert ours < budget.resume_at(ours) <= ours + timedelta(seconds=5)


def test_a_clock_that_was_years_ahead_does_not_block_for_years() -> None:
    budget = Budget().after(200, headers("99,999"), NOW.replace(year=2031))
    assert budget.left(NOW) == 99


def test_strava_s_clock_decides_when_a_window_ends() -> None:
    there = NOW + timedelta(minutes=10)
    budget = Budget().after(200, headers("99,99", date=there), NOW)
    assert budget.resume_at(NOW) == QUARTER - timedelta(minutes=10) + SECOND
    assert budget.left(QUARTER - timedelta(minutes=10) + SECOND) == 99


def test_a_budget_is_stored_and_read_back() -> None:
    budget = after("5,5")
    assert Budget.from_json(budget.to_json()) == budget
    assert Budget.from_json(None) == Budget()


def test_limits_that_allow_one_request_allow_it() -> None:
    assert Budget().after(200, headers("0,0", "0,0", limits="1,1000"), NOW).left(NOW) == 1


def test_a_new_app_has_the_limits_that_strava_gives_one() -> None:
    assert Budget().windows == {
        "overall": (Window(limit=200), Window(limit=2000)),
        "read": (Window(limit=100), Window(limit=1000)),
    }
    assert (Budget().left(NOW), Budget().left_today(NOW), Budget().per_day) == (99, 999, 999)


@pytest.mark.parametrize(
    ("limit", "used", "left"), [(0, 0, 0), (0, 5, 0), (1, 0, 1), (2, 0, 1), (3, 1, 1), (3, 5, -3)]
)
def test_a_window_keeps_one_request_back_unless_it_has_only_one(
    limit: int, used: int, left: int
) -> None:
    assert Window(limit=limit, used=used).left == left


def test_what_is_left_of_a_day_is_never_less_than_nothing() -> None:
    assert after("5,400").left_today(NOW) == 599
    assert after("5,1400").left_today(NOW) == 0
    assert after("5,1400").left_today(MIDNIGHT) == 999
    allowed = Budget().after(200, headers("0,0", limits="0,0"), NOW)
    assert allowed.per_day == 1


def test_an_answer_without_a_date_came_by_the_clock_known_before() -> None:
    ahead = Budget().after(200, headers("5,5", date=NOW + timedelta(minutes=10)), NOW)
    later = ahead.after(200, {}, NOW + SECOND)
    assert later.skew_s == ahead.skew_s == 600
    assert later.moment == NOW + timedelta(minutes=10, seconds=1)


def test_a_budget_noted_by_a_clock_more_than_a_day_ahead_counts_nothing() -> None:
    ahead = Budget().after(200, headers("99,999"), NOW + timedelta(days=1))
    assert ahead.left(NOW) == 0
    assert ahead.left(NOW - SECOND) == 99


def test_a_refusal_that_seems_to_last_longer_than_a_day_was_noted_by_a_wrong_clock() -> None:
    day = timedelta(days=1)
    assert Budget(moment=NOW, blocked_until=NOW + day).left(NOW) == 0
    assert Budget(moment=NOW, blocked_until=NOW + day + SECOND).left(NOW) == 99
    assert Budget(moment=NOW, blocked_until=NOW).left(NOW) == 99


def test_a_refusal_is_remembered_until_it_ends() -> None:
    refused = after("5,5").after(429, {}, NOW)
    assert refused.after(200, headers("6,6"), NOW + SECOND).blocked_until == QUARTER
    assert refused.after(200, headers("1,7"), QUARTER).blocked_until is None
    assert Budget.from_json(refused.to_json()) == refused
