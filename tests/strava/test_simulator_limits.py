from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.strava import Account, Clock, Limits, Simulator, running
from tests.strava.conftest import Ask

_USAGE = "X-ReadRateLimit-Usage"


@pytest.fixture
def strava(account: Account, clock: Clock) -> Iterator[Simulator]:
    """Three requests in a quarter of an hour, five in a day."""
    with running(account, clock=clock, limits=Limits(read=(3, 5), overall=(6, 10))) as simulator:
        yield simulator


def test_the_last_request_within_the_limit_passes_and_the_next_does_not(ask: Ask) -> None:
    assert [ask("/athlete").status_code for _ in range(4)] == [200, 200, 200, 429]


def test_usage_includes_the_request_and_those_that_were_refused(ask: Ask) -> None:
    assert [ask("/athlete").headers[_USAGE] for _ in range(4)] == ["1,1", "2,2", "3,3", "4,4"]


def test_the_next_quarter_begins_anew_and_the_day_goes_on(ask: Ask, clock: Clock) -> None:
    for _ in range(4):
        ask("/athlete")
    clock.advance(900)
    answer = ask("/athlete")
    assert (answer.status_code, answer.headers[_USAGE]) == (200, "1,5")


def test_a_day_that_is_used_up_lasts_until_midnight(
    ask: Ask, strava: Simulator, clock: Clock
) -> None:
    strava.limits.use_elsewhere(5)
    clock.advance(3_600)
    refused = ask("/athlete").status_code
    clock.advance(13 * 3_600)
    ask.may(["read"])
    assert (refused, ask("/athlete").status_code) == (429, 200)


def test_errors_tell_of_the_limits_as_well(ask: Ask) -> None:
    answer = ask("/activities/1")
    assert (answer.status_code, answer.headers["X-RateLimit-Limit"], answer.headers[_USAGE]) == (
        404,
        "6,10",
        "1,1",
    )


def test_a_refusal_says_so_in_json(ask: Ask, strava: Simulator) -> None:
    strava.limits.use_elsewhere(3)
    assert ask("/athlete").json()["message"] == "Rate Limit Exceeded"


def test_a_post_counts_overall_only_and_shows_a_comma(ask: Ask, strava: Simulator) -> None:
    answer = ask.session.post(f"{strava.api_url}/activities", data={"name": "x"}, timeout=5)
    assert (answer.headers["X-RateLimit-Usage"], answer.headers[_USAGE]) == ("1,1", ",")


def test_reads_may_fail_for_what_posts_used(ask: Ask, strava: Simulator) -> None:
    strava.limits.use_elsewhere(6, is_read=False)
    assert ask("/athlete").status_code == 429


def test_oauth_neither_counts_nor_carries_headers(ask: Ask, strava: Simulator) -> None:
    answer = ask.refresh(strava.grant()["refresh_token"])
    assert ("X-RateLimit-Usage" in answer.headers, strava.limits.usage["overall"]) == (
        False,
        (0, 0),
    )
