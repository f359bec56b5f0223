"""stravalib's own client against the simulator: what it parses is what the account holds."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter

from tests.strava import Account, Activity, Consent, Simulator

_STRAVA = "https://www.strava.com"
_KEYS = ["time", "distance", "latlng", "heartrate", "watts"]


class ToSimulator(HTTPAdapter):
    """Sends what is meant for Strava to the simulator."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self._base = base

    def send(
        self, request: requests.PreparedRequest, *args: Any, **options: Any
    ) -> requests.Response:
        request.url = (request.url or "").replace(_STRAVA, self._base, 1)
        return super().send(request, *args, **options)


@pytest.fixture
def client(strava: Simulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("SILENCE_TOKEN_WARNINGS", "1")
    monkeypatch.delenv("STRAVA_CLIENT_ID", raising=False)
    monkeypatch.delenv("STRAVA_CLIENT_SECRET", raising=False)
    with warnings.catch_warnings(), requests.Session() as session:
        # The import changes the filters of the whole process and diverts warnings to logging.
        import stravalib

        logging.captureWarnings(False)
        warnings.simplefilter("ignore")
        session.mount(_STRAVA, ToSimulator(strava.bare_api_url))
        yield stravalib.Client(
            access_token=strava.grant()["access_token"],
            requests_session=session,
            rate_limit_requests=False,
        )


def some(account: Account, sport: str) -> Activity:
    return next(
        one
        for one in account.newest_first()
        if one.streams and one.base["type"] == sport and one.base["start_latlng"]
    )


def test_get_athlete_parses_the_profile(client: Any, account: Account) -> None:
    athlete = client.get_athlete()
    assert (athlete.id, athlete.firstname, [bike.id for bike in athlete.bikes]) == (
        account.athlete_id,
        account.first_name,
        [one for one in account.gear if one.startswith("b")],
    )


def test_get_activities_parses_every_summary(client: Any, account: Account) -> None:
    found = [(one.id, one.name, one.distance, one.start_date) for one in client.get_activities()]
    assert found == [
        (one.id, one.base["name"], one.base["distance"], one.start)
        for one in account.newest_first()
    ]


@pytest.mark.parametrize("sport", ["Run", "Ride"])
def test_get_activity_parses_the_detail(client: Any, account: Account, sport: str) -> None:
    expected = some(account, sport)
    found = client.get_activity(expected.id, include_all_efforts=True)
    assert (
        found.description,
        found.calories,
        found.gear.id,
        len(found.laps),
        len(found.segment_efforts),
    ) == (
        expected.detail["description"],
        expected.detail["calories"],
        expected.base["gear_id"],
        len(expected.detail["laps"]),
        len(expected.detail["segment_efforts"]),
    )


def test_get_activity_streams_parses_those_that_are_there(client: Any, account: Account) -> None:
    expected = some(account, "Ride")
    found = client.get_activity_streams(expected.id, types=_KEYS)
    assert {key: list(stream.data) for key, stream in found.items()} == {
        key: data for key, data in expected.streams.items() if key in _KEYS
    }


def test_get_activity_streams_of_a_manual_activity_is_not_found(
    client: Any, account: Account
) -> None:
    from stravalib.exc import ObjectNotFound

    manual = next(one for one in account.newest_first() if one.base["manual"])
    with pytest.raises(ObjectNotFound):
        client.get_activity_streams(manual.id, types=_KEYS)


def test_get_activity_laps_parses_them(client: Any, account: Account) -> None:
    expected = some(account, "Run")
    found = [(lap.id, lap.distance) for lap in client.get_activity_laps(expected.id)]
    assert found == [(lap["id"], lap["distance"]) for lap in expected.detail["laps"]]


def test_get_gear_parses_it(client: Any, account: Account) -> None:
    gear = account.gear["b7100001"]
    found = client.get_gear("b7100001")
    assert (found.id, found.name, found.distance) == (gear["id"], gear["name"], gear["distance"])


def test_exchange_code_for_token_gives_tokens_that_work(client: Any, strava: Simulator) -> None:
    strava.consent = Consent()
    code = strava.tokens.code(["read"])
    info = client.exchange_code_for_token(strava.app.client_id, strava.app.client_secret, code)
    assert strava.tokens.scopes(info["access_token"]) == ("read",)


def test_refresh_access_token_rotates(client: Any, strava: Simulator) -> None:
    old = strava.grant()["refresh_token"]
    info = client.refresh_access_token(strava.app.client_id, strava.app.client_secret, old)
    assert info["refresh_token"] != old


def test_deauthorize_ends_access(client: Any) -> None:
    from stravalib.exc import AccessUnauthorized

    client.deauthorize()
    with pytest.raises(AccessUnauthorized):
        client.get_athlete()


def test_an_inactive_app_is_understood(client: Any, strava: Simulator) -> None:
    from stravalib.exc import ApplicationInactive

    from tests.strava import Fault

    strava.faults.add(Fault("inactive"))
    with pytest.raises(ApplicationInactive):
        client.get_athlete()
