from __future__ import annotations

import time
from typing import Any

import pytest
import requests

from tests.strava import Account, Fault, Simulator
from tests.strava.conftest import Ask


def newest(account: Account) -> int:
    return next(one.id for one in account.newest_first() if one.streams)


@pytest.mark.parametrize(
    ("kind", "status", "content"),
    [
        ("500", 500, '{"message":"error"}'),
        ("502", 502, "<html>"),
        ("503", 503, "<html>"),
        ("html", 200, "<html>"),
        ("404_empty", 404, ""),
        ("inactive", 403, '"code":"Inactive"'),
        ("athlete_limit", 403, "Limit of connected athletes"),
        ("invalid_token", 401, '"access_token"'),
        ("missing_scope", 401, "activity:read_permission"),
        ("429", 429, '"exceeded"'),
        ("429_old", 429, '"errors":"Rate Limit Exceeded"'),
    ],
)
def test_an_answer_is_replaced(
    ask: Ask, strava: Simulator, kind: str, status: int, content: str
) -> None:
    strava.faults.add(Fault(kind))
    answer = ask("/athlete")
    assert (answer.status_code, content in answer.text) == (status, True)


@pytest.mark.parametrize("kind", ["reset", "close", "truncated"])
def test_a_connection_is_cut(ask: Ask, strava: Simulator, kind: str) -> None:
    strava.faults.add(Fault(kind, times=1))
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        ask("/athlete")
    assert ask("/athlete").status_code == 200


@pytest.mark.parametrize("kind", ["stall", "stall_body"])
def test_a_stall_outlasts_the_client_and_not_the_simulator(
    ask: Ask, strava: Simulator, kind: str
) -> None:
    strava.faults.add(Fault(kind))
    with pytest.raises((requests.Timeout, requests.ConnectionError)):
        ask.session.get(f"{strava.api_url}/athlete", timeout=0.1)
    began = time.monotonic()
    strava.stop()
    assert time.monotonic() - began < 3


def test_a_slow_answer_is_whole(ask: Ask, strava: Simulator) -> None:
    strava.faults.add(Fault("drip", seconds=0.005, times=1))
    assert ask("/athlete").json() == ask("/athlete").json()


def test_json_is_cut_behind_a_length_that_fits(ask: Ask, strava: Simulator) -> None:
    strava.faults.add(Fault("cut_json"))
    answer = ask("/athlete")
    assert int(answer.headers["Content-Length"]) == len(answer.content)
    with pytest.raises(requests.JSONDecodeError):
        answer.json()


def test_one_activity_fails_and_no_other(ask: Ask, strava: Simulator, account: Account) -> None:
    bad, good = (one.id for one in account.newest_first()[:2])
    strava.faults.add(Fault("500", activity_id=bad))
    assert [ask(f"/activities/{one}").status_code for one in (bad, good)] == [500, 200]


def test_a_rule_strikes_the_request_of_its_number(ask: Ask, strava: Simulator) -> None:
    strava.faults.add(Fault("429", at=2))
    assert [ask("/athlete").status_code for _ in range(3)] == [200, 429, 200]


def test_a_rule_skips_and_ends(ask: Ask, strava: Simulator) -> None:
    strava.faults.add(Fault("503", path="^/athlete$", skip=1, times=1))
    assert [ask("/athlete").status_code for _ in range(3)] == [200, 503, 200]


def test_limits_are_told_even_with_errors_unless_the_rule_says_no(
    ask: Ask, strava: Simulator
) -> None:
    strava.faults.add(Fault("429", times=1), Fault("429_without_headers", skip=1))
    assert ["X-RateLimit-Usage" in ask("/athlete").headers for _ in range(2)] == [True, False]


@pytest.mark.parametrize(
    ("kind", "date"), [("skewed_date", "Mon, 02 Nov 2026 10:01:00 GMT"), ("no_date", None)]
)
def test_the_date_is_wrong_or_absent(
    ask: Ask, strava: Simulator, kind: str, date: str | None
) -> None:
    strava.faults.add(Fault(kind, seconds=60))
    assert ask("/athlete").headers.get("Date") == date


def test_streams_come_as_a_list_though_asked_by_type(
    ask: Ask, strava: Simulator, account: Account
) -> None:
    strava.faults.add(Fault("array", path="streams"))
    assert isinstance(
        ask(f"/activities/{newest(account)}/streams", keys="time", key_by_type="true").json(), list
    )


def test_streams_differ_in_length(ask: Ask, strava: Simulator, account: Account) -> None:
    strava.faults.add(Fault("lengths", path="streams"))
    keys = {"keys": "time,heartrate,distance", "key_by_type": "true"}
    found = ask(f"/activities/{newest(account)}/streams", **keys).json().values()
    assert len({len(stream["data"]) for stream in found}) == len(found)


@pytest.mark.parametrize(
    "odd", [{"athlete_count": 0}, {"max_heartrate": 162.5}, {"sport_type": "UnderwaterHockey"}]
)
def test_a_field_is_odd_in_lists_and_details(
    ask: Ask, strava: Simulator, account: Account, odd: dict[str, Any]
) -> None:
    one = newest(account)
    strava.faults.add(Fault("fields", activity_id=one, fields=odd))
    listed = next(each for each in ask("/athlete/activities").json() if each["id"] == one)
    assert (listed | odd, ask(f"/activities/{one}").json() | odd) == (
        listed,
        ask(f"/activities/{one}").json(),
    )


def test_an_odd_field_leaves_the_account_as_it_is(
    ask: Ask, strava: Simulator, account: Account
) -> None:
    one = newest(account)
    strava.faults.add(Fault("fields", fields={"name": None}))
    ask(f"/activities/{one}")
    assert account.activities[one].base["name"] is not None


def test_a_body_is_edited(ask: Ask, strava: Simulator) -> None:
    strava.faults.add(Fault("edit", edit=lambda body: [body]))
    assert isinstance(ask("/athlete").json(), list)


def test_clearing_the_rules_makes_all_well(ask: Ask, strava: Simulator) -> None:
    strava.faults.add(Fault("500"))
    strava.faults.clear()
    assert ask("/athlete").status_code == 200


def test_a_fault_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="no fault 'typo'"):
        Fault("typo")
