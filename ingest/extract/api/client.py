"""Asks Strava's API for a path and returns the parsed JSON; no other module knows stravalib.

stravalib carries the request and tells errors apart. Timeouts, repetitions, the base URL, counting
and renewing tokens are done here, because stravalib does not do them as needed. stravalib is
imported by the first client, since that takes half a second; what its import changes in the
warnings of the whole process is undone.
"""

from __future__ import annotations

import logging
import random
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, Protocol

import requests

from ingest import clock
from ingest.config import ApiConfig
from ingest.errors import NotAuthorized, NotFound, RateLimited, RequestFailed, StravaUnavailable
from ingest.extract.api import oauth
from ingest.extract.api.answers import ORDINARY, STREAMS, Bound, UnfitAnswer
from ingest.extract.api.http_session import Refusal, WebSession, host, read_refusal, what_failed
from ingest.extract.api.tokens import TokenFile, Tokens

if TYPE_CHECKING:
    from stravalib.protocol import ApiV3

_log = logging.getLogger(__name__)

#: Time before a token's end at which it is renewed. Strava issues a new token only in the last
#: hour, and before that returns the old one.
_MARGIN: Final = timedelta(minutes=5)
#: The pauses between attempts, in seconds.
_PAUSES_S: Final = (0.5, 1.5)
#: Base URL that stravalib puts before each path.
_WRITTEN: Final = "https://www.strava.com/api/v3/"


class Meter(Protocol):
    """Counts requests and allows them."""

    def before(self) -> None:
        """Called before a request is sent; raises to forbid it."""

    def after(self, status: int | None, headers: Mapping[str, str]) -> None:
        """Called after each request; ``status`` is ``None`` when no answer came."""


class _TokenRefused(Exception):
    """The access token is not valid, or not any more."""


class _TryAgain(Exception):
    """This attempt failed, but another may succeed; the text says why."""


class StravaClient:
    """One connection to the API, for one thread."""

    def __init__(
        self,
        config: ApiConfig,
        file: TokenFile,
        meter: Meter,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Read the tokens.

        Raises:
            NotAuthorized: there are none.
        """
        self._config, self._file, self._meter, self._sleep = config, file, meter, sleep
        self.tokens: Tokens = self._stored()
        self._session = _ApiSession(config)
        self._api = _protocol(self._session)

    def get(self, path: str, **params: Any) -> Any:
        """What Strava holds at a path ("/athlete/activities"), as it is.

        Raises:
            NotFound: Strava does not have it, or does not show it.
            RequestFailed: it failed on every attempt, or in a way that repeating cannot mend.
            RateLimited: Strava asks to wait. What ``Meter.before`` raises comes through as it is.
            NotAuthorized: Strava refuses the token.
            StravaUnavailable: the tokens could not be renewed.
        """
        try:
            return self._get(path, params)
        except _TokenRefused:
            self._renew(refused=self.tokens.access_token)
        try:
            return self._get(path, params)
        except _TokenRefused:
            raise NotAuthorized(
                "Strava no longer accepts the connection; to connect again", "connect"
            ) from None

    def _get(self, path: str, params: Mapping[str, Any]) -> Any:
        for pause in (*_PAUSES_S, None):
            try:
                return self._attempt(path, params)
            except _TryAgain as err:
                _log.debug("%s: %s", path, err)
                if pause is None:
                    raise RequestFailed(
                        path, f"tried {len(_PAUSES_S) + 1} times; {err}"
                    ) from err.__cause__
                # Pauses are random, so that clients that failed together do not return together.
                self._sleep(pause * random.uniform(0.75, 1.25))
        raise AssertionError("the last attempt returns or raises")

    def _attempt(self, path: str, params: Mapping[str, Any]) -> Any:
        self._meter.before()
        if _ends_soon(self.tokens):  # the meter may have slept for hours
            self._renew(refused=None)
        self._api.access_token = self.tokens.access_token
        self._session.answer = None
        try:
            return self._api.get(path, **params)
        except requests.RequestException as err:
            answer = self._session.answer
            if isinstance(err, UnfitAnswer) and (answer is None or answer.status_code < 300):
                raise RequestFailed(path, str(err)) from err
            if answer is None or answer.status_code < 300:
                raise _TryAgain(what_failed(err, self._config.timeout_s)) from err
            raise self._problem(path, read_refusal(answer)) from err
        finally:
            self._count()

    def _count(self) -> None:
        answer = self._session.answer
        if answer is None:
            self._meter.after(None, {})
        else:
            self._meter.after(answer.status_code, answer.headers)

    def _problem(self, path: str, refusal: Refusal) -> Exception:
        """The exception that a refusal means for the caller."""
        if refusal.status >= 500:
            return _TryAgain(f"Strava answers {refusal}")
        if refusal.status == 401:
            return _unauthorized(refusal)
        if refusal.status == 404:
            return NotFound(path, "Strava does not have it, or does not show it to this account")
        if refusal.status == 429:
            return RateLimited(f"Strava's limit of requests is reached ({refusal})")
        if refusal.status < 400:
            return RequestFailed(
                path, f"{host(self._config.api_url)} redirects to elsewhere; check STRAVA_API_URL"
            )
        return oauth.known_refusal(refusal) or RequestFailed(path, f"Strava answers {refusal}")

    def _renew(self, *, refused: str | None) -> None:
        """Renew the tokens; ``refused`` is an access token that Strava does not accept any more.

        A new refresh token ends the old one at once, so if the answer is lost before it is in the
        file, the connection is lost. That is why only one process renews at a time, and why the
        file is written once before asking (a full disk or a read-only folder then shows while it
        does no harm) and at once with the answer, before its first use. Two risks remain: a power
        failure in these milliseconds, or the answer lost on its way. The old access token is then
        good for five minutes more; after that the athlete reads ``oauth.ENDED`` and connects again.
        Nothing that was imported is lost.
        """
        with self._file.locked():
            stored = self._stored()
            if stored.athlete_id != self.tokens.athlete_id:
                raise NotAuthorized(
                    "another athlete was connected during this run; run again to fetch that one's "
                    "activities"
                )
            if stored.access_token == refused or _ends_soon(stored):
                self._file.save(stored)
                stored = self._refreshed(stored)
                self._file.save(stored)
            self.tokens = stored

    def _refreshed(self, tokens: Tokens) -> Tokens:
        try:
            return self._refresh(tokens)
        except NotAuthorized:
            # Another machine that shares the folder may have renewed them; it does not see this
            # lock.
            again = self._stored()
            if again.refresh_token == tokens.refresh_token:
                raise
            return self._refresh(again)

    def _refresh(self, tokens: Tokens) -> Tokens:
        for pause in _PAUSES_S:
            try:
                return oauth.refresh_tokens(self._config, tokens)
            except StravaUnavailable as err:
                # Repeating does no harm: if the answer got lost, the connection is lost already.
                _log.debug("%s", err)
                self._sleep(pause * random.uniform(0.75, 1.25))
        return oauth.refresh_tokens(self._config, tokens)

    def _stored(self) -> Tokens:
        tokens = self._file.load()
        if tokens is None:
            raise NotAuthorized("not connected to Strava; to connect", "connect")
        return tokens


def _ends_soon(tokens: Tokens) -> bool:
    return tokens.expires_at - clock.now() < _MARGIN


def _unauthorized(refusal: Refusal) -> Exception:
    missing = [complaint.field for complaint in refusal.complaints if complaint.code == "missing"]
    if not missing:
        return _TokenRefused()
    scopes = ", ".join(name.removesuffix("_permission") for name in missing)
    return NotAuthorized(
        f"the connection to Strava lacks the permission {scopes}; connect again, and leave the "
        "boxes ticked",
        "connect",
    )


class _ApiSession(WebSession):
    """Sends what stravalib asks of www.strava.com to the configured base URL.

    The address is changed before requests sees it, not later in an adapter, because requests
    chooses proxies by the address.
    """

    def __init__(self, config: ApiConfig) -> None:
        super().__init__(config.timeout_s)
        self._base = f"{config.api_url}/"

    def bound(self, url: str) -> Bound:
        """The bound for a URL; only streams grow with the points of an activity."""
        return STREAMS if url.partition("?")[0].endswith("/streams") else ORDINARY

    def request(
        self, method: str, url: str | bytes, *args: Any, **kwargs: Any
    ) -> requests.Response:
        written = url.decode() if isinstance(url, bytes) else url
        if not written.startswith(_WRITTEN):
            # The request would send the token to this address.
            raise requests.exceptions.InvalidURL("not a path of the API")
        answer = super().request(
            method, self._base + written.removeprefix(_WRITTEN), *args, **kwargs
        )
        if 300 <= answer.status_code < 400:
            # stravalib would take the redirect's body for the answer.
            raise requests.TooManyRedirects("not followed")
        return answer


def _protocol(session: requests.Session) -> ApiV3:
    with _warnings_untouched():
        from stravalib.protocol import ApiV3

    class Quiet(ApiV3):
        def _check_credentials(self) -> None:
            """Do nothing: it would renew tokens without storing them, or use the root logger."""

    api = Quiet(requests_session=session)
    api.log = logging.getLogger("stravalib.protocol")  # its own name, not that of this module
    return api


@contextmanager
def _warnings_untouched() -> Iterator[None]:
    # stravalib/exc.py changes the filters of the whole process and sends its warnings to the log.
    shown_by = warnings.showwarning
    with warnings.catch_warnings():
        yield
        if warnings.showwarning is not shown_by:
            logging.captureWarnings(False)
