"""OAuth as Strava speaks it: consent, exchange, refresh, deauthorize and revoke. It neither counts
nor carries rate headers.
"""

from __future__ import annotations

import base64
import binascii
import html
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from tests.strava.account import Account
from tests.strava.bodies import athlete_summary
from tests.strava.clock import Clock
from tests.strava.messages import Answer, Request, bad_request, invalid_token, problem
from tests.strava.tokens import SCOPES, Grant, Tokens

_LOCAL = ("localhost", "127.0.0.1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What the athlete answers without being asked: all that is requested, only ``grant``,
    or nothing.
    """

    grant: frozenset[str] | set[str] | None = None
    deny: bool = False


@dataclass(slots=True, kw_only=True)
class App:
    """The API app, as its owner registered it."""

    client_id: int
    client_secret: str
    callback_domain: str = "localhost"
    #: Since April 2026 the token answer names the scopes.
    scope_in_answer: bool = True


class OAuth:
    """The endpoints below ``/oauth``."""

    def __init__(self, app: App, account: Account, tokens: Tokens, clock: Clock) -> None:
        self._app, self._account, self._tokens, self._clock = app, account, tokens, clock
        #: ``None``: show the page and let a human choose.
        self.consent: Consent | None = None

    def answer(self, request: Request) -> Answer:
        """Any request for OAuth."""
        routes = {
            ("GET", "/oauth/authorize"): self._authorize,
            ("GET", "/oauth/mobile/authorize"): self._authorize,
            ("POST", "/oauth/authorize"): self._decided,
            ("POST", "/oauth/token"): self._token,
            ("POST", "/oauth/deauthorize"): self._deauthorize,
            ("POST", "/oauth/revoke"): self._revoke,
        }
        route = routes.get((request.method, request.path))
        return (
            route(request)
            if route
            else problem(404, "Record Not Found", "resource", "path", "invalid")
        )

    def granted(self, grant: Grant) -> dict[str, Any]:
        """All that the exchange answers, and the scope in any case."""
        return self._body(grant) | {
            "scope": _listed(grant.scopes),
            "athlete": athlete_summary(self._account),
        }

    def _authorize(self, request: Request) -> Answer:
        wrong = self._wrong_authorization(request.query)
        if wrong:
            return wrong
        asked = _scopes(request.query["scope"])
        consent = self.consent
        if (
            consent is None
            and request.query.get("approval_prompt", "auto") == "auto"
            and self._tokens.covers(asked)
        ):
            consent = Consent()
        if consent is None:
            return Answer(body=_page(request.query, asked).encode())
        if consent.deny:
            return _denied(request.query)
        return self._allowed(
            request.query, [one for one in asked if consent.grant is None or one in consent.grant]
        )

    def _decided(self, request: Request) -> Answer:
        """The form of the consent page came back."""
        wrong = self._wrong_authorization(request.form)
        if wrong:
            return wrong
        if request.form.get("decision") != "authorize":
            return _denied(request.form)
        asked = _scopes(request.form["scope"])
        return self._allowed(request.form, [one for one in asked if f"allow:{one}" in request.form])

    def _allowed(self, values: dict[str, str], scopes: list[str]) -> Answer:
        return _redirect(values, code=self._tokens.code(scopes), scope=_listed(scopes))

    def _wrong_authorization(self, values: dict[str, str]) -> Answer | None:
        if values.get("client_id") != str(self._app.client_id):
            return bad_request("Application", "client_id")
        if urlsplit(values.get("redirect_uri", "")).hostname not in (
            *_LOCAL,
            self._app.callback_domain,
        ):
            return bad_request("Application", "redirect_uri")
        if values.get("response_type") != "code":
            return bad_request("Authorize", "response_type")
        scopes = _scopes(values.get("scope", ""))
        if not scopes or not set(scopes) <= set(SCOPES):
            return bad_request("Authorize", "scope")
        return None

    def _token(self, request: Request) -> Answer:
        values = request.values
        if values.get("client_id") != str(self._app.client_id):
            return bad_request("Application", "client_id")
        if values.get("client_secret") != self._app.client_secret:
            return bad_request("Application", "client_secret")
        if values.get("grant_type") == "refresh_token":
            grant = self._tokens.refresh(values.get("refresh_token", ""))
            return (
                Answer(body=self._body(grant))
                if grant
                else bad_request("RefreshToken", "refresh_token")
            )
        if values.get("grant_type", "authorization_code") != "authorization_code":
            return bad_request("Application", "grant_type")
        grant = self._tokens.exchange(values.get("code", ""))
        if grant is None:
            return bad_request("RequestToken", "code")
        return Answer(body=self._body(grant) | {"athlete": athlete_summary(self._account)})

    def _body(self, grant: Grant) -> dict[str, Any]:
        access_token, expires_at = grant.newest
        body = {
            "token_type": "Bearer",
            "expires_at": expires_at,
            "expires_in": expires_at - int(self._clock.epoch()),
            "refresh_token": grant.refresh_token,
            "access_token": access_token,
        }
        return body | ({"scope": _listed(grant.scopes)} if self._app.scope_in_answer else {})

    def _deauthorize(self, request: Request) -> Answer:
        token = request.values.get("access_token") or bearer(request) or ""
        if self._tokens.scopes(token) is None:
            return invalid_token()
        self._tokens.revoke_all()
        return Answer(body={"access_token": token})

    def _revoke(self, request: Request) -> Answer:
        if _basic(request) != f"{self._app.client_id}:{self._app.client_secret}":
            return problem(401, "Authorization Error", "Application", "client_secret", "invalid")
        self._tokens.revoke(request.form.get("token", ""))
        return Answer()


def bearer(request: Request) -> str | None:
    """The token of the Authorization header."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _basic(request: Request) -> str | None:
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    try:
        return (
            base64.b64decode(encoded, validate=True).decode() if scheme.lower() == "basic" else None
        )
    except (binascii.Error, UnicodeDecodeError):
        return None


def _scopes(text: str) -> list[str]:
    return list(dict.fromkeys(text.replace(",", " ").split()))


def _listed(scopes: Iterable[str]) -> str:
    return ",".join(scopes)


def _denied(values: dict[str, str]) -> Answer:
    return _redirect(values, error="access_denied")


def _redirect(values: dict[str, str], **added: str) -> Answer:
    parts = urlsplit(values["redirect_uri"])
    query = [*parse_qsl(parts.query), ("state", values.get("state", "")), *added.items()]
    location = urlunsplit(parts._replace(query=urlencode(query, safe=",:")))
    return Answer(status=302, body=b"", headers={"Location": location})


def _page(values: dict[str, str], asked: list[str]) -> str:
    """The consent page: one checkbox per scope."""
    kept = "".join(
        f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(value)}">'
        for name, value in values.items()
    )
    boxes = "".join(
        f'<p><label><input type="checkbox" name="allow:{scope}" value="1" checked> '
        f"{scope}</label></p>"
        for scope in asked
    )
    return (
        "<!DOCTYPE html><html><head><title>Authorize (simulated "
        "Strava)</title></head><body><h1>Simulated Strava</h1>"
        f'<p>The app asks for:</p><form method="post" action="/oauth/authorize">{kept}{boxes}'
        '<button name="decision" value="authorize">Authorize</button> '
        '<button name="decision" value="cancel">Cancel</button></form></body></html>'
    )
