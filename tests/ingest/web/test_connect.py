"""Connecting through the page: a browser goes to a simulated Strava and comes back."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
import requests
from playwright.sync_api import Page

from ingest import clock
from ingest.extract.api.oauth import App
from ingest.extract.api.tokens import TokenFile, Tokens
from ingest.web import attempts
from tests.api.connected import Connected
from tests.ingest.web.conftest import Serve, Served
from tests.strava import Account, Clock, Consent, Fault, Limits, Simulator, running

Visit = Callable[..., Page]
SECRET = "simulated-secret"


@pytest.fixture
def strava() -> Iterator[Simulator]:
    with running(Account.synthetic(3)) as simulator:
        yield simulator


@pytest.fixture
def served(serve: Serve, strava: Simulator) -> Served:
    """A page that has never imported anything, and knows no API app."""
    return serve(STRAVA_API_URL=strava.api_url, STRAVA_OAUTH_URL=strava.oauth_url)


@pytest.fixture
def at_connect(served: Served, strava: Simulator, visit: Visit) -> Page:
    """A browser on the page."""
    page = visit(served.address, also=[urlsplit(strava.oauth_url).netloc])
    page.wait_for_selector("h1")
    page.get_by_role("link", name="Connect", exact=True).click()
    return page


def stored(served: Served) -> Tokens | None:
    return TokenFile(served.playground / ".strava-token.json").load()


def fill(page: Page, secret: str = SECRET) -> None:
    page.get_by_label("Client ID").fill("12345")
    page.get_by_label("Client secret").fill(secret)
    page.get_by_role("button", name="Go to Strava").click()


def notice(page: Page, text: str) -> str:
    """What the page tells once it has come back from Strava."""
    page.wait_for_url("**/connect")
    found = page.locator(".notice").filter(has_text=text)
    found.wait_for()
    return found.inner_text()


# In a browser.


def test_the_form_leads_to_strava_and_back_to_a_page_that_is_connected(
    served: Served, strava: Simulator, at_connect: Page
) -> None:
    page = at_connect
    fill(page)
    page.get_by_role("heading", name="Simulated Strava").wait_for()
    asked = parse_qs(urlsplit(page.url).query)
    assert asked["redirect_uri"] == [f"{served.base}/connected"]
    assert asked["scope"] == ["read,profile:read_all,activity:read_all"]
    page.get_by_role("button", name="Authorize").click()
    assert notice(page, "Connected as").startswith("Connected as ")
    tokens = stored(served)
    assert tokens is not None
    assert strava.tokens.scopes(tokens.access_token) is not None
    assert page.url == f"{served.base}/connect"
    assert page.get_by_text(f"(athlete {tokens.athlete_id})").is_visible()
    if os.name != "nt":
        file = served.playground / ".strava-token.json"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    page.reload()
    assert page.locator(".notice").count() == 0
    assert page.get_by_role("heading", name="Connected", exact=True).is_visible()


def test_denied_consent_is_told(served: Served, at_connect: Page) -> None:
    fill(at_connect)
    at_connect.get_by_role("button", name="Cancel").click()
    assert notice(at_connect, "Not connected.") == (
        "Not connected. Access was denied on Strava's page, so nothing was saved; connect again, "
        "and choose Authorize: use the form below."
    )
    assert stored(served) is None


def test_a_wrong_secret_is_told_without_commands_of_a_terminal(
    served: Served, strava: Simulator, at_connect: Page
) -> None:
    strava.consent = Consent()
    fill(at_connect, "wrong")
    told = notice(at_connect, "Not connected.")
    assert told == (
        "Not connected. Strava refuses the client secret; copy it again from "
        "https://www.strava.com/settings/api: use the form below."
    )
    assert stored(served) is None
    fill(at_connect)
    assert notice(at_connect, "Connected as")


def test_a_strava_that_does_not_answer_is_told(strava: Simulator, at_connect: Page) -> None:
    strava.consent = Consent()
    strava.faults.add(Fault("503", path="oauth/token"))
    fill(at_connect)
    told = notice(at_connect, "Not connected.")
    assert "cannot be reached" in told
    assert "503" in told
    assert told.endswith("try again later.")


def test_without_activities_nothing_is_saved(
    served: Served, strava: Simulator, at_connect: Page
) -> None:
    fill(at_connect)
    at_connect.get_by_label("activity:read_all").uncheck()
    at_connect.get_by_role("button", name="Authorize").click()
    assert "permission to see activities was unticked" in notice(at_connect, "Not connected.")
    assert stored(served) is None
    assert [list(grant.scopes) for grant in strava.tokens.grants] == [["read", "profile:read_all"]]


def test_other_unticked_boxes_are_explained_and_can_be_ticked_later(
    strava: Simulator, at_connect: Page
) -> None:
    page = at_connect
    fill(page)
    page.get_by_label("profile:read_all").uncheck()
    page.get_by_role("button", name="Authorize").click()
    notice(page, "Connected as")
    missing = page.get_by_text("Not granted: profile:read_all. So the heart rate and power zones")
    assert missing.is_visible()
    # The app is known now, so that the form may stay empty.
    strava.consent = Consent()
    page.get_by_role("button", name="Go to Strava").click()
    notice(page, "Connected as")
    assert missing.count() == 0


def test_disconnecting_revokes_and_deletes(
    served: Served, strava: Simulator, at_connect: Page
) -> None:
    strava.consent = Consent()
    fill(at_connect)
    notice(at_connect, "Connected as")
    at_connect.get_by_role("button", name="Disconnect").click()
    assert notice(at_connect, "Disconnected") == (
        "Disconnected: access is revoked at Strava, and the tokens here are deleted."
    )
    assert at_connect.get_by_role("heading", name="Not connected").is_visible()
    assert stored(served) is None
    assert strava.tokens.grants == []


# What the page says of requests and of data.


@pytest.fixture
def playground(tmp_path: Path, limited: Simulator) -> Connected:
    """A playground that is connected to a Strava that allows few requests."""
    return Connected(tmp_path, f"sqlite:///{tmp_path / 'strava.db'}", limited)


@pytest.fixture
def limited() -> Iterator[Simulator]:
    """A Strava whose quarter of an hour is a minute old, so that it lasts as long as a test."""
    now = datetime.now(UTC)
    begun = now.replace(minute=now.minute // 15 * 15 + 1, second=0, microsecond=0)
    limits = Limits(read=(5, 1_000))
    with running(Account.synthetic(3), clock=Clock(begun), limits=limits) as simulator:
        yield simulator


def test_requests_what_waits_and_the_age_of_api_data_are_shown(
    serve: Serve, playground: Connected
) -> None:
    served = serve(playground=playground.folder)
    session = served.session()
    assert "Nothing was imported yet" in words(session, served)
    playground.run(max_requests=3)
    waiting = len(playground.queue())
    text = words(session, served)
    assert waiting > 1
    assert "Left in this quarter of an hour 1 Left today, until midnight UTC 996" in text
    assert f"{waiting} requests wait. The limit allows them today. To go on now:" in text
    day = f"{clock.now():%Y-%m-%d}"
    assert f"The oldest data that came through the API are of {day}, less than a day old." in text
    assert "purge --source api" in text


def test_a_limit_that_is_reached_says_when_to_come_back(
    serve: Serve, playground: Connected
) -> None:
    report = playground.run()
    assert report.resume_at is not None
    served = serve(playground=playground.folder)
    text = words(served.session(), served)
    assert "Left in this quarter of an hour 0 " in text
    assert f"Come back after {report.resume_at.astimezone():%Y-%m-%d %H:%M}, and use" in text


def words(session: requests.Session, served: Served) -> str:
    """The text of the page."""
    text = session.get(f"{served.base}/connect", timeout=20).text
    return " ".join(re.sub("<[^>]*>", " ", text).split()).replace(" .", ".")


# Attacks.


def begun(served: Served, session: requests.Session, secret: str = SECRET) -> str:
    """The address of Strava's page that the form leads to."""
    form = {"client_id": "12345", "secret": secret}
    answer = session.post(f"{served.base}/connect", data=form, timeout=20)
    assert answer.status_code == 200
    found = re.search(r'content="0; url=([^"]*)"', answer.text)
    assert found is not None
    return found.group(1).replace("&amp;", "&")


def came_back(url: str) -> str:
    """The address that Strava sends the browser to."""
    return requests.get(url, allow_redirects=False, timeout=20).headers["Location"]


@pytest.fixture
def consenting(strava: Simulator) -> Simulator:
    strava.consent = Consent()
    return strava


def test_the_way_back_needs_no_cookie_and_shows_nothing(
    served: Served, consenting: Simulator
) -> None:
    answer = requests.get(came_back(begun(served, served.session())), timeout=20)
    assert answer.status_code == 200
    assert 'content="0; url=/connect"' in answer.text
    assert consenting.account.first_name not in answer.text
    assert stored(served) is not None


def test_strava_sends_the_browser_back_to_the_name_that_it_came_by(served: Served) -> None:
    # The cookie is that name's: under another one, the browser would stand before a closed door.
    here = replace(served, address=served.address.replace("127.0.0.1", "localhost"))
    asked = parse_qs(urlsplit(begun(here, here.session())).query)
    assert asked["redirect_uri"] == [f"{here.base}/connected"]
    assert "//localhost:" in here.base


def test_a_state_is_good_once(served: Served, consenting: Simulator) -> None:
    address = came_back(begun(served, served.session()))
    requests.get(address, timeout=20)
    first = stored(served)
    again = requests.get(address, timeout=20)
    assert again.status_code == 400
    assert "was used before" in again.text
    assert stored(served) == first
    assert len(consenting.oauth_requests("token")) == 1


@pytest.mark.parametrize("state", ["", "x", "ä", None])
def test_another_state_neither_connects_nor_ends_the_attempt(
    served: Served, consenting: Simulator, state: str | None
) -> None:
    address = came_back(begun(served, served.session()))
    parts = urlsplit(address)
    query = [
        (name, value if name != "state" else state or "")
        for name, value in parse_qsl(parts.query)
        if name != "state" or state is not None
    ]
    forged = parts._replace(query=urlencode(query)).geturl()
    assert requests.get(forged, timeout=20).status_code == 400
    assert stored(served) is None
    assert consenting.oauth_requests("token") == []
    assert requests.get(address, timeout=20).status_code == 200
    assert stored(served) is not None


def test_a_new_attempt_ends_the_one_before(served: Served, consenting: Simulator) -> None:
    session = served.session()
    first, second = begun(served, session), begun(served, session)
    assert requests.get(came_back(first), timeout=20).status_code == 400
    assert requests.get(came_back(second), timeout=20).status_code == 200


def test_an_old_attempt_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = attempts.Attempts()
    attempt = kept.begin(App(client_id=1, client_secret=SECRET))
    assert SECRET not in repr(attempt)
    assert attempt.state not in repr(attempt)
    monkeypatch.setattr(attempts, "_LIFE_S", 0)
    assert kept.take({"state": attempt.state}) is None


@pytest.mark.parametrize("path", ["/connect", "/disconnect"])
@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}]
)
def test_a_form_of_another_page_changes_nothing(
    served: Served, consenting: Simulator, path: str, headers: dict[str, str]
) -> None:
    session = served.session()
    requests.get(came_back(begun(served, session)), timeout=20)
    before = stored(served)
    form = {"client_id": "12345", "secret": SECRET}
    answer = session.post(f"{served.base}{path}", data=form, headers=headers, timeout=20)
    assert (answer.status_code, answer.text) == (403, "the request comes from another page\n")
    assert stored(served) == before
    assert len(consenting.tokens.grants) == 1


@pytest.mark.parametrize("path", ["/connect", "/disconnect"])
def test_without_the_cookie_nothing_changes(
    served: Served, consenting: Simulator, path: str
) -> None:
    requests.get(came_back(begun(served, served.session())), timeout=20)
    form = {"client_id": "12345", "secret": SECRET}
    assert requests.post(f"{served.base}{path}", data=form, timeout=20).status_code == 403
    assert requests.get(f"{served.base}/connect", timeout=20).status_code == 403
    assert len(consenting.tokens.grants) == 1


def test_no_page_shows_the_secret_or_a_token(served: Served, consenting: Simulator) -> None:
    session = served.session()
    texts = []

    def get(address: str) -> None:
        texts.append(session.get(address, timeout=20).text)

    form = {"client_id": SECRET, "secret": "12345"}  # in the wrong fields
    texts.append(session.post(f"{served.base}/connect", data=form, timeout=20).text)
    assert "The client ID is a number" in texts[0]
    half = session.post(f"{served.base}/connect", data={"secret": SECRET}, timeout=20)
    texts.append(half.text)
    assert "Fill in both the client ID and the client secret." in texts[1]
    consenting.app.client_secret = "changed"
    get(came_back(begun(served, session)))
    get(f"{served.base}/connect")
    assert "refuses the client secret" in texts[-1]
    consenting.app.client_secret = SECRET
    get(came_back(begun(served, session)))
    for path in ("/connect", "/", "/activities", "/connected", "/no-such-page"):
        get(f"{served.base}{path}")
    tokens = stored(served)
    assert tokens is not None
    for secret in (SECRET, tokens.access_token, tokens.refresh_token):
        assert not any(secret in text for text in texts)


def test_a_form_that_is_too_large_is_refused(served: Served) -> None:
    form = {"secret": "x" * 20_000}
    answer = served.session().post(f"{served.base}/connect", data=form, timeout=20)
    assert answer.status_code == 413


def test_a_damaged_token_file_is_told_and_replaced(served: Served, consenting: Simulator) -> None:
    served.playground.mkdir()
    (served.playground / ".strava-token.json").write_text("{", encoding="utf-8")
    session = served.session()
    assert "is damaged; to replace it: use the form below." in words(session, served)
    requests.get(came_back(begun(served, session)), timeout=20)
    assert stored(served) is not None
