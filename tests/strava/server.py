"""The simulator: an HTTP server in a thread, and all that a test may turn on it."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.strava.account import Account
from tests.strava.api import Api
from tests.strava.clock import Clock
from tests.strava.control import control
from tests.strava.faults import Faults
from tests.strava.limits import Limits
from tests.strava.messages import Answer, Request, rate_limited
from tests.strava.oauth import App, Consent, OAuth
from tests.strava.tokens import Rotation, Tokens
from tests.strava.webhooks import Webhooks
from tests.strava.wire import Server

Hook = Callable[[Request], None]
_FULL = ("read", "read_all", "profile:read_all", "activity:read", "activity:read_all")


class Simulator:
    """Strava for one account and one app. Use it through ``running``."""

    def __init__(
        self,
        account: Account,
        *,
        clock: Clock | None = None,
        limits: Limits | None = None,
        client_id: int = 12345,
        client_secret: str = "simulated-secret",
        rotation: Rotation = "always",
        scope_in_token: bool = True,
        legacy_query_token: bool = False,
        callback_domain: str = "localhost",
        port: int = 0,
    ) -> None:
        self.account = account
        self.clock = clock or Clock()
        self.limits = limits or Limits()
        self.limits.use_clock(self.clock)
        self.faults = Faults()
        self.app = App(
            client_id=client_id,
            client_secret=client_secret,
            callback_domain=callback_domain,
            scope_in_answer=scope_in_token,
        )
        self.tokens = Tokens(self.clock, rotation)
        self.api = Api(account, self.tokens, self.clock)
        self.api.takes_query_token = legacy_query_token
        self.oauth = OAuth(self.app, account, self.tokens, self.clock)
        self.webhooks = Webhooks(self.app, account, self.clock)
        #: Every request to API and OAuth, in order of arrival.
        self.requests: list[Request] = []
        #: What went wrong inside the simulator or in a hook; ``running`` raises the first of them
        #: at its end.
        self.errors: list[BaseException] = []
        self._lock = threading.Lock()
        self._before: list[Hook] = []
        self._after: list[Hook] = []
        self._before_oauth: list[Hook] = []
        self._server = Server(port, self)

    # What a client is told.

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def bare_api_url(self) -> str:
        """The API without ``/api/v3``, as on its host from 2027 on."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def api_url(self) -> str:
        return f"{self.bare_api_url}/api/v3"

    @property
    def oauth_url(self) -> str:
        return f"{self.bare_api_url}/oauth"

    @property
    def environment(self) -> dict[str, str]:
        """What a subprocess needs to find this Strava."""
        return {
            "STRAVA_API_URL": self.api_url,
            "STRAVA_OAUTH_URL": self.oauth_url,
            "STRAVA_CLIENT_ID": str(self.app.client_id),
            "STRAVA_CLIENT_SECRET": self.app.client_secret,
        }

    # What a test does.

    @property
    def consent(self) -> Consent | None:
        """What the athlete answers on the consent page; ``None``: the page is shown."""
        return self.oauth.consent

    @consent.setter
    def consent(self, consent: Consent | None) -> None:
        self.oauth.consent = consent

    def grant(self, scopes: Iterable[str] = _FULL) -> dict[str, Any]:
        """Tokens as the exchange answers them, without the dance."""
        scopes = scopes.replace(",", " ").split() if isinstance(scopes, str) else scopes
        return self.oauth.granted(self.tokens.grant(scopes))

    def expire_access_tokens(self) -> None:
        """Every access token has just expired."""
        self.tokens.expire_access()

    def kill_refresh_tokens(self) -> None:
        """No refresh token is good any more."""
        self.tokens.kill_refresh()

    def revoke_access(self) -> None:
        """The athlete removes the app in the settings on strava.com."""
        self.tokens.revoke_all()

    def before_answer(self, hook: Hook) -> None:
        """Call this with each API request, before it is counted and answered."""
        self._before.append(hook)

    def after_answer(self, hook: Hook) -> None:
        """Call this with each API request that was answered; ``status`` is set."""
        self._after.append(hook)

    def before_oauth_answer(self, hook: Hook) -> None:
        """Call this with each OAuth request when its tokens have changed and its answer is not sent
        yet.
        """
        self._before_oauth.append(hook)

    def api_requests(self, pattern: str | None = None) -> list[Request]:
        """The requests that counted, of those whose path (without base) has the pattern."""
        with self._lock:
            return [
                one
                for one in self.requests
                if one.kind == "api" and re.search(pattern or "", one.path)
            ]

    def oauth_requests(self, pattern: str | None = None) -> list[Request]:
        """The requests to OAuth."""
        with self._lock:
            return [
                one
                for one in self.requests
                if one.kind == "oauth" and re.search(pattern or "", one.path)
            ]

    # What the server asks.

    def answer(self, request: Request) -> Answer:
        """Record, count and answer one request."""
        if request.kind == "sim":
            return control(self, request)
        with self._lock:
            self.requests.append(request)
            request.number = (
                sum(one.kind == "api" for one in self.requests) if request.kind == "api" else 0
            )
        return self._oauth_answer(request) if request.kind == "oauth" else self._api_answer(request)

    def answered(self, request: Request) -> None:
        """The answer is on its way."""
        if request.kind == "api":
            for hook in list(self._after):
                hook(request)

    def _oauth_answer(self, request: Request) -> Answer:
        answer = self._with_faults(request, lambda: self.oauth.answer(request))
        answer.rate_headers = False
        for hook in list(self._before_oauth):
            hook(request)
        return answer

    def _api_answer(self, request: Request) -> Answer:
        for hook in list(self._before):
            hook(request)
        may_pass, headers = self.limits.count(
            is_read=request.method != "POST" or _is_subscription(request)
        )
        answer = self._with_faults(
            request, lambda: self._passed(request) if may_pass else rate_limited()
        )
        if answer.rate_headers:
            answer.headers |= headers
        return answer

    def _passed(self, request: Request) -> Answer:
        return (
            self.webhooks.answer(request) if _is_subscription(request) else self.api.answer(request)
        )

    def _with_faults(self, request: Request, answer: Callable[[], Answer]) -> Answer:
        faults = self.faults.striking(request)
        request.fault = faults[0].kind if faults else None
        instead = next((fault.instead for fault in faults if fault.instead), None)
        found = instead or answer()
        for fault in faults:
            found = fault.changed(found)
        return found

    # Its life.

    def start(self) -> None:
        """Serve, in a thread of this process."""
        self._server.start()

    def stop(self) -> None:
        """Close every connection and socket."""
        self.webhooks.stop()
        self._server.stop()


@contextmanager
def running(account: Account, **options: Any) -> Iterator[Simulator]:
    """A simulator that serves as long as the block lasts;
    ``options`` are those of ``Simulator``.
    """
    simulator = Simulator(account, **options)
    simulator.start()
    try:
        yield simulator
    finally:
        simulator.stop()
    if simulator.errors:
        raise simulator.errors[0]


def _is_subscription(request: Request) -> bool:
    return request.path.startswith("/push_subscriptions")
