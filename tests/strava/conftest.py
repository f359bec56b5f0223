"""What tests of the simulator share: one that runs, and a client that asks it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from tests.strava import Account, Clock, Simulator, running

NOW = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
ALL = ("read", "read_all", "profile:read_all", "activity:read", "activity:read_all")


class Ask:
    """Asks the API with the newest token that it was given."""

    def __init__(self, strava: Simulator, session: requests.Session) -> None:
        self.strava, self.session = strava, session
        self.may(ALL)

    def may(self, scopes: Iterable[str]) -> dict[str, Any]:
        """Ask with a token of these scopes from now on."""
        granted = self.strava.grant(scopes)
        self.session.headers["Authorization"] = f"Bearer {granted['access_token']}"
        return granted

    def __call__(self, path: str, **params: Any) -> requests.Response:
        return self.session.get(f"{self.strava.api_url}{path}", params=params, timeout=5)

    def ids(self, **params: Any) -> list[int]:
        """The ids of one page."""
        return [one["id"] for one in self("/athlete/activities", **params).json()]

    def token(self, **form: Any) -> requests.Response:
        """Ask OAuth for tokens as the app that the simulator knows."""
        app = {
            "client_id": self.strava.app.client_id,
            "client_secret": self.strava.app.client_secret,
        }
        return self.session.post(f"{self.strava.oauth_url}/token", data=app | form, timeout=5)

    def refresh(self, refresh_token: str) -> requests.Response:
        """Refresh."""
        return self.token(grant_type="refresh_token", refresh_token=refresh_token)


@pytest.fixture
def account() -> Account:
    return Account.synthetic(40, until=NOW)


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW, frozen=True)


@pytest.fixture
def strava(account: Account, clock: Clock) -> Iterator[Simulator]:
    with running(account, clock=clock) as simulator:
        yield simulator


@pytest.fixture
def ask(strava: Simulator) -> Iterator[Ask]:
    with requests.Session() as session:
        yield Ask(strava, session)
