"""What tests of the connection share: a token file for the simulated Strava, and a meter that only
writes down.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from ingest import clock
from ingest.config import ApiConfig
from ingest.extract.api.client import StravaClient
from ingest.extract.api.tokens import TokenFile, Tokens
from tests.strava import Simulator

SCOPES = ("read", "profile:read_all", "activity:read_all")


def config_for(strava: Simulator, **changes: Any) -> ApiConfig:
    """Where the simulator is."""
    config = ApiConfig(api_url=strava.api_url, oauth_url=strava.oauth_url, timeout_s=5.0)
    return replace(config, **changes)


def tokens_for(strava: Simulator, **changes: Any) -> Tokens:
    """A fresh grant."""
    answer = strava.grant(SCOPES)
    tokens = Tokens(
        client_id=strava.app.client_id,
        client_secret=strava.app.client_secret,
        access_token=answer["access_token"],
        refresh_token=answer["refresh_token"],
        expires_at=clock.now() + timedelta(seconds=answer["expires_in"]),
        scopes=frozenset(SCOPES),
        athlete_id=answer["athlete"]["id"],
        first_name="Ann",
        last_name="Example",
    )
    return replace(tokens, **changes)


def file_for(strava: Simulator, folder: Path, **changes: Any) -> TokenFile:
    """A fresh grant in a file."""
    file = TokenFile(folder / ".strava-token.json")
    file.save(tokens_for(strava, **changes))
    return file


def expire(strava: Simulator, file: TokenFile) -> None:
    """The access token has expired, and the file knows."""
    strava.expire_access_tokens()
    tokens = file.load()
    assert tokens is not None
    file.save(replace(tokens, expires_at=clock.now() - timedelta(seconds=1)))


class Notes:
    """A meter that writes down what it is told, and may forbid from the nth request on."""

    def __init__(self, forbid_from: int | None = None) -> None:
        self.statuses: list[int | None] = []
        self.headers: list[Mapping[str, str]] = []
        self.asked = 0
        self._forbid_from = forbid_from

    def before(self) -> None:
        """Count."""
        self.asked += 1
        if self._forbid_from is not None and self.asked >= self._forbid_from:
            raise Forbidden

    def after(self, status: int | None, headers: Mapping[str, str]) -> None:
        """Write down."""
        self.statuses.append(status)
        self.headers.append(headers)


class Forbidden(Exception):
    """The budget is spent."""


def client_for(
    strava: Simulator, file: TokenFile, meter: Notes | None = None, **changes: Any
) -> StravaClient:
    """A client that does not wait between attempts."""
    return StravaClient(config_for(strava, **changes), file, meter or Notes(), sleep=lambda _: None)
