"""Keeps the attempt to connect for which a browser is at Strava, and what to tell of the last one.

Both are kept in memory alone: an attempt holds the app's secret.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from ingest.commands.oauth_redirect import is_of
from ingest.extract.api.oauth import App

#: Seconds for logging in at Strava and giving consent.
_LIFE_S: Final = 1_800


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A browser that was sent to Strava."""

    app: App
    #: Comes back with the browser, and only with that one.
    state: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    begun_s: float = field(default_factory=time.monotonic)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What the page tells once."""

    text: str
    is_error: bool


class Attempts:
    """At most one attempt: a new one takes the place of the one before."""

    def __init__(self) -> None:
        self._attempt: Attempt | None = None
        self._notice: Notice | None = None
        self._lock = threading.Lock()

    def begin(self, app: App) -> Attempt:
        """A new attempt."""
        attempt = Attempt(app=app)
        with self._lock:
            self._attempt = attempt
        return attempt

    def take(self, query: Mapping[str, str]) -> Attempt | None:
        """The attempt that a redirect answers, if there is one; each is taken once."""
        with self._lock:
            attempt = self._attempt
            if attempt is None or not is_of(query, attempt.state):
                return None
            self._attempt = None
        return attempt if time.monotonic() - attempt.begun_s < _LIFE_S else None

    def tell(self, text: str, *, is_error: bool = False) -> None:
        """Have the page tell something."""
        with self._lock:
            self._notice = Notice(text=text, is_error=is_error)

    def take_notice(self) -> Notice | None:
        """What the page is to tell."""
        with self._lock:
            notice, self._notice = self._notice, None
        return notice
