"""Consent, exchange, renewal and revocation against a simulated Strava, and a sentence for each
refusal.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from ingest import clock
from ingest.errors import NotAuthorized, StravaUnavailable
from ingest.extract.api import oauth
from ingest.extract.api.oauth import App
from tests.ingest.extract.api.connected import SCOPES, config_for, tokens_for
from tests.strava import Account, Consent, Fault, Simulator, running

BACK = "http://127.0.0.1:1/connected"
SCOPE_TEXT = ",".join(SCOPES)


@pytest.fixture
def strava() -> Iterator[Simulator]:
    with running(Account(77, "Ann", "Example")) as simulator:
        simulator.consent = Consent()
        yield simulator


def app_of(strava: Simulator) -> App:
    return App(client_id=strava.app.client_id, client_secret=strava.app.client_secret)


def back(strava: Simulator) -> dict[str, str]:
    """What the browser comes back with."""
    url = oauth.authorize_url(
        config_for(strava), client_id=strava.app.client_id, redirect_uri=BACK, state="st&te"
    )
    location = requests.get(url, allow_redirects=False, timeout=5).headers["Location"]
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def test_the_page_asks_for_what_is_needed_and_shows_the_boxes_again(strava: Simulator) -> None:
    url = oauth.authorize_url(config_for(strava), client_id=5, redirect_uri=BACK, state="x")
    assert url.startswith(f"{strava.oauth_url}/authorize?")
    asked = parse_qs(urlsplit(url).query)
    assert asked == {
        "client_id": ["5"],
        "redirect_uri": [BACK],
        "response_type": ["code"],
        "approval_prompt": ["force"],
        "scope": ["read,profile:read_all,activity:read_all"],
        "state": ["x"],
    }


def test_a_code_becomes_tokens_with_the_athlete_and_the_scopes(strava: Simulator) -> None:
    came = back(strava)
    assert came["state"] == "st&te"
    tokens = oauth.exchange(config_for(strava), app_of(strava), came["code"], None)
    assert (tokens.athlete_id, tokens.athlete_name) == (77, "Ann Example")
    assert tokens.scopes == frozenset(SCOPES)
    assert strava.tokens.scopes(tokens.access_token) is not None


def test_tokens_end_by_our_clock_even_if_it_is_wrong(
    strava: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime(2001, 1, 1, tzinfo=UTC)
    monkeypatch.setattr(clock, "now", lambda: now)
    tokens = oauth.exchange(config_for(strava), app_of(strava), back(strava)["code"], None)
    assert timedelta(hours=5, minutes=59) < tokens.expires_at - now <= timedelta(hours=6)


def test_answers_without_scopes_get_them_from_the_redirect(strava: Simulator) -> None:
    strava.app.scope_in_answer = False
    strava.consent = Consent(grant={"read", "activity:read_all"})
    came = back(strava)
    tokens = oauth.exchange(config_for(strava), app_of(strava), came["code"], came["scope"])
    assert tokens.scopes == {"read", "activity:read_all"}


def test_scopes_that_nobody_names_are_not_guessed(strava: Simulator) -> None:
    strava.app.scope_in_answer = False
    with pytest.raises(NotAuthorized, match="paste the whole address"):
        oauth.exchange(config_for(strava), app_of(strava), back(strava)["code"], None)


@pytest.mark.parametrize("edit", [{"athlete": None}, {"athlete": {}}, {"athlete": {"id": "x"}}])
def test_an_answer_without_an_athlete_is_no_connection(
    strava: Simulator, edit: dict[str, Any]
) -> None:
    came = back(strava)
    strava.faults.add(Fault("edit", path="oauth/token", edit=lambda body: body | edit))
    with pytest.raises(NotAuthorized, match="whose account this is"):
        oauth.exchange(config_for(strava), app_of(strava), came["code"], None)


def test_a_refresh_keeps_all_but_the_tokens(strava: Simulator) -> None:
    before = tokens_for(strava)
    strava.expire_access_tokens()
    after = oauth.refresh_tokens(config_for(strava), before)
    assert after.access_token != before.access_token
    assert after.refresh_token != before.refresh_token
    kept = replace(
        after,
        access_token=before.access_token,
        refresh_token=before.refresh_token,
        expires_at=before.expires_at,
    )
    assert kept == before


def test_revoking_ends_both_tokens_and_sends_the_secret_in_a_header(strava: Simulator) -> None:
    tokens = tokens_for(strava)
    oauth.revoke(config_for(strava), tokens)
    assert strava.tokens.scopes(tokens.access_token) is None
    request = strava.oauth_requests("revoke")[0]
    assert request.form == {"token": tokens.refresh_token, "token_type_hint": "refresh_token"}
    assert request.headers["Authorization"].startswith("Basic ")


def test_secrets_are_sent_in_bodies_never_in_urls(strava: Simulator) -> None:
    tokens = oauth.exchange(config_for(strava), app_of(strava), back(strava)["code"], None)
    oauth.refresh_tokens(config_for(strava), tokens)
    assert [request.target for request in strava.oauth_requests("token")] == [
        "/oauth/token",
        "/oauth/token",
    ]


def test_a_wrong_client_id_says_where_to_look(strava: Simulator) -> None:
    with pytest.raises(
        NotAuthorized,
        match=r"no API app with this client id; compare it with https://www\.strava\.com/",
    ):
        oauth.exchange(config_for(strava), App(client_id=1, client_secret="x"), "code", None)


def test_a_wrong_secret_says_how_to_replace_it(strava: Simulator) -> None:
    wrong = App(client_id=strava.app.client_id, client_secret="wr0ng")
    with pytest.raises(
        NotAuthorized, match=r"refuses the client secret.*ingest disconnect"
    ) as caught:
        oauth.exchange(config_for(strava), wrong, "code", None)
    assert "wr0ng" not in str(caught.value)


def test_a_code_works_once(strava: Simulator) -> None:
    code = back(strava)["code"]
    oauth.exchange(config_for(strava), app_of(strava), code, None)
    with pytest.raises(NotAuthorized, match="does not accept the code") as caught:
        oauth.exchange(config_for(strava), app_of(strava), code, None)
    assert code not in str(caught.value)


def test_a_dead_refresh_token_says_that_the_connection_has_ended(strava: Simulator) -> None:
    tokens = tokens_for(strava)
    strava.kill_refresh_tokens()
    with pytest.raises(NotAuthorized, match=r"has ended .*; to connect again: python -m ingest"):
        oauth.refresh_tokens(config_for(strava), tokens)


def test_a_secret_changed_at_strava_stops_the_revocation_too(strava: Simulator) -> None:
    with pytest.raises(NotAuthorized, match="refuses the client secret"):
        oauth.revoke(config_for(strava), tokens_for(strava, client_secret="old"))


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("inactive", "needs a Strava subscription"),
        ("athlete_limit", "as many athletes as Strava allows"),
    ],
)
def test_a_refusal_of_the_app_as_a_whole_has_its_own_sentence(
    strava: Simulator, kind: str, says: str
) -> None:
    strava.faults.add(Fault(kind, path="oauth"))
    with pytest.raises(NotAuthorized, match=says):
        oauth.refresh_tokens(config_for(strava), tokens_for(strava))


def test_an_address_that_strava_refuses_names_the_callback_domain(strava: Simulator) -> None:
    body = b'{"errors":[{"resource":"Application","field":"redirect_uri","code":"invalid"}]}'
    with (
        answering(body, "400 No") as url,
        pytest.raises(NotAuthorized, match="Callback Domain to localhost"),
    ):
        oauth.exchange(config_for(strava, oauth_url=url), app_of(strava), "c", None)


def test_any_other_refusal_is_quoted_without_what_would_change_the_terminal(
    strava: Simulator,
) -> None:
    body = b'{"message": "No\\u001b[31m way", "errors": "x"}'
    with answering(body, "418 Teapot") as url, pytest.raises(NotAuthorized) as caught:
        oauth.exchange(config_for(strava, oauth_url=url), app_of(strava), "c", None)
    assert (
        str(caught.value)
        == "Strava refuses (418 No[31m way); to connect again: python -m ingest connect"
    )


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("500", "the answer is 500 error"),
        ("502", "the answer is 502 Bad Gateway"),
        ("429", "the answer is 429 Rate Limit Exceeded"),
        ("html", "the answer is no JSON"),
        ("cut_json", "the answer is no JSON"),
        ("truncated", "the connection failed or broke off"),
        ("reset", "the connection failed or broke off"),
        ("close", "the connection failed or broke off"),
        ("stall", "no complete answer in time (STRAVA_API_TIMEOUT is 0.3 s)"),
        ("stall_body", "no complete answer in time (STRAVA_API_TIMEOUT is 0.3 s)"),
        ("drip", "no complete answer in time (STRAVA_API_TIMEOUT is 0.3 s)"),
    ],
)
def test_an_answer_that_is_none_says_which_server_and_what(
    strava: Simulator, kind: str, says: str
) -> None:
    tokens = tokens_for(strava)
    strava.faults.add(Fault(kind, path="oauth", seconds=0.2 if kind == "drip" else 60))
    with pytest.raises(StravaUnavailable) as caught:
        oauth.refresh_tokens(config_for(strava, timeout_s=0.3), tokens)
    assert f"127.0.0.1:{strava.port}" in str(caught.value)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    "body", [b"[]", b"{}", b'{"access_token":"a","expires_in":1,"refresh_token":null}']
)
def test_an_answer_without_tokens_is_none(strava: Simulator, body: bytes) -> None:
    with answering(body) as url, pytest.raises(StravaUnavailable):
        oauth.refresh_tokens(config_for(strava, oauth_url=url), tokens_for(strava))


def test_a_redirect_to_elsewhere_takes_nothing_along(strava: Simulator) -> None:
    head = f"307 Elsewhere\r\nLocation: {strava.oauth_url}/token"
    with answering(b"", head) as url, pytest.raises(StravaUnavailable, match="307"):
        oauth.refresh_tokens(config_for(strava, oauth_url=url), tokens_for(strava))
    assert strava.oauth_requests() == []


def test_a_server_that_is_not_there_says_so(strava: Simulator) -> None:
    with pytest.raises(StravaUnavailable, match=r"Strava \(127\.0\.0\.1:1\) cannot be reached"):
        oauth.refresh_tokens(
            config_for(strava, oauth_url="http://127.0.0.1:1/oauth"), tokens_for(strava)
        )


def test_passwords_of_netrc_stay_out(
    strava: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n", encoding="utf-8")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    oauth.refresh_tokens(config_for(strava), tokens_for(strava))
    assert "Authorization" not in strava.oauth_requests("token")[0].headers


def test_no_secret_is_in_the_representation_of_an_app() -> None:
    assert "s3cret" not in repr(App(client_id=1, client_secret="s3cret"))


class answering:  # noqa: N801  # used like a function
    """A server with one answer for everybody: for what the simulator has no fault for."""

    def __init__(self, body: bytes, status: str = "200 OK") -> None:
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        self._answer = head.encode() + body
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> str:
        self._thread.start()
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                connection.recv(65_536)
                connection.sendall(self._answer)
