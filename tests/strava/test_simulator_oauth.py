from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from tests.strava import Clock, Consent, Fault, Simulator
from tests.strava.conftest import ALL, Ask

_REDIRECT = "http://localhost:8000/done"


def authorize(strava: Simulator, **changes: Any) -> requests.Response:
    params: dict[str, Any] = {
        "client_id": strava.app.client_id,
        "redirect_uri": _REDIRECT,
        "response_type": "code",
        "scope": "read,activity:read_all",
        "state": "s&1",
    }
    return requests.get(
        f"{strava.oauth_url}/authorize", params=params | changes, allow_redirects=False, timeout=5
    )


def given(answer: requests.Response) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(answer.headers["Location"]).query))


def code(strava: Simulator) -> str:
    strava.consent = Consent()
    return given(authorize(strava))["code"]


def test_consent_redirects_with_code_state_and_scope(strava: Simulator) -> None:
    strava.consent = Consent()
    found = given(authorize(strava))
    assert found == {"state": "s&1", "code": found["code"], "scope": "read,activity:read_all"}


def test_the_athlete_may_untick_a_scope(strava: Simulator) -> None:
    strava.consent = Consent(grant={"read"})
    assert given(authorize(strava))["scope"] == "read"


def test_denial_redirects_with_an_error(strava: Simulator) -> None:
    strava.consent = Consent(deny=True)
    assert given(authorize(strava)) == {"state": "s&1", "error": "access_denied"}


def test_the_page_has_a_box_for_each_scope_and_its_form_comes_back(strava: Simulator) -> None:
    page = authorize(strava).text
    form = dict(
        re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.replace("&amp;", "&"))
    )
    form |= {"decision": "authorize", re.findall(r'name="(allow:[^"]+)"', page)[1]: "1"}
    answer = requests.post(
        f"{strava.oauth_url}/authorize", data=form, allow_redirects=False, timeout=5
    )
    assert given(answer)["scope"] == "activity:read_all"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"client_id": 1}, "client_id"),
        ({"redirect_uri": "https://elsewhere.example/x"}, "redirect_uri"),
    ],
)
def test_an_authorization_that_does_not_fit_the_app_is_refused(
    strava: Simulator, changes: dict[str, Any], field: str
) -> None:
    error = {"resource": "Application", "field": field, "code": "invalid"}
    assert authorize(strava, **changes).json() == {"message": "Bad Request", "errors": [error]}


def test_a_code_gives_tokens_and_the_athlete(ask: Ask, strava: Simulator) -> None:
    body = ask.token(grant_type="authorization_code", code=code(strava)).json()
    assert (body["expires_in"], body["scope"], body["athlete"]["id"]) == (
        21_600,
        "read,activity:read_all",
        strava.account.athlete_id,
    )


def test_a_code_is_good_only_once(ask: Ask, strava: Simulator) -> None:
    once = code(strava)
    ask.token(grant_type="authorization_code", code=once)
    again = ask.token(grant_type="authorization_code", code=once)
    assert again.json()["errors"] == [
        {"resource": "RequestToken", "field": "code", "code": "invalid"}
    ]


def test_a_code_does_not_live_long(ask: Ask, strava: Simulator, clock: Clock) -> None:
    late = code(strava)
    clock.advance(601)
    assert ask.token(grant_type="authorization_code", code=late).status_code == 400


def test_before_april_2026_the_answer_named_no_scope(ask: Ask, strava: Simulator) -> None:
    strava.app.scope_in_answer = False
    assert "scope" not in ask.token(grant_type="authorization_code", code=code(strava)).json()


def test_a_wrong_secret_is_refused(ask: Ask) -> None:
    answer = ask.token(client_secret="guessed", grant_type="refresh_token", refresh_token="x")
    assert answer.json()["errors"][0]["field"] == "client_secret"


def test_a_token_that_lives_on_for_an_hour_is_given_out_again(
    ask: Ask, strava: Simulator, clock: Clock
) -> None:
    granted = strava.grant()
    clock.advance(21_600 - 3_601)
    body = ask.refresh(granted["refresh_token"]).json()
    assert (body["access_token"], body["expires_in"]) == (granted["access_token"], 3_601)


def test_an_older_one_is_replaced_and_stays_valid(
    ask: Ask, strava: Simulator, clock: Clock
) -> None:
    granted = ask.may(ALL)
    clock.advance(21_600 - 3_600)
    renewed = ask.refresh(granted["refresh_token"]).json()["access_token"]
    assert (renewed != granted["access_token"], ask("/athlete").status_code) == (True, 200)


def test_a_refresh_makes_the_old_refresh_token_invalid(ask: Ask, strava: Simulator) -> None:
    old = strava.grant()["refresh_token"]
    ask.refresh(old)
    error = {"resource": "RefreshToken", "field": "refresh_token", "code": "invalid"}
    answer = ask.refresh(old)
    assert (answer.status_code, answer.json()) == (
        400,
        {"message": "Bad Request", "errors": [error]},
    )


@pytest.mark.parametrize(
    ("rotation", "late", "is_same"),
    [("with_access_token", 0, True), ("with_access_token", 21_000, False), ("never", 21_000, True)],
)
def test_rotation_is_a_choice(
    ask: Ask, strava: Simulator, clock: Clock, rotation: Any, late: int, is_same: bool
) -> None:
    strava.tokens.rotation = rotation
    old = strava.grant()["refresh_token"]
    clock.advance(late)
    assert (ask.refresh(old).json()["refresh_token"] == old) is is_same


def test_of_two_refreshes_at_once_one_wins(ask: Ask, strava: Simulator) -> None:
    old = strava.grant()["refresh_token"]
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda _: ask.refresh(old).status_code, range(2)))
    assert sorted(found) == [200, 400]


def test_an_answer_that_is_lost_has_rotated_the_token_all_the_same(
    ask: Ask, strava: Simulator
) -> None:
    old = strava.grant()["refresh_token"]
    strava.faults.add(Fault("close", path="/oauth/token", times=1))
    with pytest.raises(requests.ConnectionError):
        ask.refresh(old)
    assert ask.refresh(old).status_code == 400


def test_a_hook_runs_when_the_token_is_rotated_and_the_answer_is_not_sent(
    ask: Ask, strava: Simulator
) -> None:
    old = strava.grant()["refresh_token"]
    seen: list[bool] = []
    strava.before_oauth_answer(
        lambda _: seen.append(old in [one.refresh_token for one in strava.tokens.grants])
    )
    ask.refresh(old)
    assert seen == [False]


def test_a_refused_gateway_has_rotated_nothing(ask: Ask, strava: Simulator) -> None:
    old = strava.grant()["refresh_token"]
    strava.faults.add(Fault("503", path="/oauth/token", times=1))
    assert [ask.refresh(old).status_code for _ in range(2)] == [503, 200]


def test_an_expired_token_is_invalid(ask: Ask, strava: Simulator) -> None:
    strava.expire_access_tokens()
    error = {"resource": "Athlete", "field": "access_token", "code": "invalid"}
    answer = ask("/athlete")
    assert (answer.status_code, answer.json()) == (
        401,
        {"message": "Authorization Error", "errors": [error]},
    )


def test_deauthorizing_ends_all(ask: Ask, strava: Simulator) -> None:
    token = ask.may(ALL)["access_token"]
    answer = ask.session.post(f"{strava.oauth_url}/deauthorize", timeout=5)
    assert (answer.json(), ask("/athlete").status_code) == ({"access_token": token}, 401)


def test_revoking_the_refresh_token_revokes_both(ask: Ask, strava: Simulator) -> None:
    granted = ask.may(ALL)
    app = (str(strava.app.client_id), strava.app.client_secret)
    answer = requests.post(
        f"{strava.oauth_url}/revoke", data={"token": granted["refresh_token"]}, auth=app, timeout=5
    )
    assert (answer.status_code, answer.content, ask("/athlete").status_code) == (200, b"", 401)


def test_tokens_are_given_below_the_api_as_well(strava: Simulator) -> None:
    form = {"client_id": strava.app.client_id, "client_secret": strava.app.client_secret}
    form |= {"grant_type": "refresh_token", "refresh_token": strava.grant()["refresh_token"]}
    assert requests.post(f"{strava.api_url}/oauth/token", data=form, timeout=5).status_code == 200
