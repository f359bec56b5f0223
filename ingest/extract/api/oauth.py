"""Builds the address of Strava's consent page; obtains, renews and revokes tokens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode

import requests

from ingest import clock
from ingest.config import ApiConfig
from ingest.errors import AbortRun, NotAuthorized, StravaUnavailable, WrongApp
from ingest.extract.api.http_session import Refusal, WebSession, host, read_refusal, what_failed
from ingest.extract.api.tokens import Tokens
from ingest.transform.api_json.values import json_id, mapping

#: Scopes that the consent page asks for; the athlete may untick each.
SCOPES: Final = ("read", "profile:read_all", "activity:read_all")
SETTINGS: Final = "https://www.strava.com/settings/api"

_WRONG_CLIENT: Final = f"Strava knows no API app with this client id; compare it with {SETTINGS}"
_WRONG_SECRET: Final = f"Strava refuses the client secret; copy it again from {SETTINGS}"
_WRONG_ADDRESS: Final = (
    "Strava does not send browsers back to this machine; set the app's Authorization Callback "
    f"Domain to localhost at {SETTINGS}, then connect again"
)
_SPENT_CODE: Final = (
    "Strava does not accept the code (each works once, and for a short time); to get a new one"
)
ENDED: Final = (
    "the connection to Strava has ended (it was revoked, or this program was stopped while it "
    "renewed the connection); to connect again"
)
INACTIVE: Final = (
    "Strava has switched the API app off: since July 2026 its owner needs a Strava subscription; "
    f"subscribe and reactivate it in {SETTINGS}, or go on with exports alone, which need no API"
)
TOO_MANY: Final = (
    "the API app is already connected to as many athletes as Strava allows; create an app of your "
    f"own, or ask for a higher limit, at {SETTINGS}, then connect again"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """An API app as its owner sees it."""

    client_id: int
    client_secret: str = field(repr=False)


def authorize_url(config: ApiConfig, *, client_id: int, redirect_uri: str, state: str) -> str:
    """The address of the page on which the athlete gives the app access."""
    query = {
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "response_type": "code",
        # Without it Strava skips the page for athletes who have seen it, who then could not
        # tick a box that they left out.
        "approval_prompt": "force",
        "scope": ",".join(SCOPES),
        "state": state,
    }
    return f"{config.oauth_url}/authorize?{urlencode(query)}"


def exchange(config: ApiConfig, app: App, code: str, granted: str | None) -> Tokens:
    """The tokens for a code; ``granted`` are the scopes that the redirect named.

    Raises:
        NotAuthorized: Strava refuses.
        StravaUnavailable: Strava does not answer as it should.
    """
    answer = _post(config, "token", _form(app, grant_type="authorization_code", code=code))
    # Answers from before April 2026 do not name the scopes.
    scopes = scopes_in(_text(answer, "scope", default=granted or ""))
    if not scopes:
        raise NotAuthorized(
            "Strava does not say which permissions it has granted; connect again, and paste "
            "the whole address, not only the code",
            "connect",
        )
    athlete = answer.get("athlete")
    athlete_id = json_id(mapping(athlete).get("id"))
    if not isinstance(athlete, dict) or athlete_id is None:
        raise NotAuthorized(
            "Strava does not say whose account this is; to connect again", "connect"
        )
    return Tokens(
        **_grant(answer),
        client_id=app.client_id,
        client_secret=app.client_secret,
        scopes=scopes,
        athlete_id=athlete_id,
        first_name=str(athlete.get("firstname") or ""),
        last_name=str(athlete.get("lastname") or ""),
    )


def refresh_tokens(config: ApiConfig, tokens: Tokens) -> Tokens:
    """The tokens with a new access token and mostly a new refresh token.

    A new refresh token ends the old one at once.

    Raises:
        NotAuthorized: Strava refuses.
        StravaUnavailable: Strava does not answer as it should; the old tokens may have ended.
    """
    app = App(client_id=tokens.client_id, client_secret=tokens.client_secret)
    form = _form(app, grant_type="refresh_token", refresh_token=tokens.refresh_token)
    return replace(tokens, **_grant(_post(config, "token", form)))


def revoke(config: ApiConfig, tokens: Tokens) -> None:
    """End the grant; revoking either token ends both.

    Raises:
        NotAuthorized: Strava refuses.
        StravaUnavailable: Strava does not answer as it should.
    """
    form = {"token": tokens.refresh_token, "token_type_hint": "refresh_token"}
    with WebSession(config.timeout_s) as session:
        _send(session, config, "revoke", form, auth=(str(tokens.client_id), tokens.client_secret))


def scopes_in(text: str) -> frozenset[str]:
    """The scopes in Strava's list, which has commas, or spaces as the standard says."""
    return frozenset(text.replace(",", " ").split())


def _form(app: App, **more: str) -> dict[str, str]:
    # Sent in the body, because servers log URLs.
    return {"client_id": str(app.client_id), "client_secret": app.client_secret, **more}


def _post(config: ApiConfig, name: str, form: Mapping[str, str]) -> dict[str, Any]:
    with WebSession(config.timeout_s) as session:
        try:
            body = _send(session, config, name, form).json()
        except requests.RequestException as err:
            raise _unavailable(config, what_failed(err, config.timeout_s)) from err
    if not isinstance(body, dict):
        raise _unavailable(config, "the answer is not what Strava documents")
    return body


def _send(
    session: WebSession,
    config: ApiConfig,
    name: str,
    form: Mapping[str, str],
    auth: tuple[str, str] | None = None,
) -> requests.Response:
    try:
        answer = session.post(f"{config.oauth_url}/{name}", data=form, auth=auth)
    except requests.RequestException as err:
        raise _unavailable(config, what_failed(err, config.timeout_s)) from err
    if not 200 <= answer.status_code < 300:
        raise _refused(config, read_refusal(answer))
    return answer


def _refused(config: ApiConfig, refusal: Refusal) -> AbortRun:
    if not 400 <= refusal.status < 500 or refusal.status == 429:
        return _unavailable(config, f"the answer is {refusal}")
    for field_name, sentence in _SENTENCES.items():
        if refusal.about(field_name):
            if field_name.startswith("client_"):
                return WrongApp(sentence)
            return NotAuthorized(sentence, "connect")
    return known_refusal(refusal) or NotAuthorized(
        f"Strava refuses ({refusal}); to connect again", "connect"
    )


_SENTENCES: Final = {
    "client_id": _WRONG_CLIENT,
    "client_secret": _WRONG_SECRET,
    "redirect_uri": _WRONG_ADDRESS,
    "code": _SPENT_CODE,
    "refresh_token": ENDED,
}


def known_refusal(refusal: Refusal) -> NotAuthorized | None:
    """The error if a 403 concerns the app as a whole, for requests to the API and for tokens."""
    if any(
        (c.resource, c.field, c.code) == ("Application", "Status", "Inactive")
        for c in refusal.complaints
    ):
        return NotAuthorized(INACTIVE, "run --skip-api")
    if "limit of connected athletes" in str(refusal).lower():
        return NotAuthorized(TOO_MANY, "connect")
    return None


def _grant(answer: Mapping[str, Any]) -> dict[str, Any]:
    """The part of the answer that changes with every renewal."""
    try:
        lifetime = timedelta(seconds=float(answer["expires_in"]))
        access, refresh_token = answer["access_token"], answer["refresh_token"]
    except (KeyError, TypeError, ValueError, OverflowError):
        access = refresh_token = None
    if not (
        isinstance(access, str) and access and isinstance(refresh_token, str) and refresh_token
    ):
        # ``from None`` and without the body, which may hold a part of the secrets.
        raise StravaUnavailable("Strava's answer has no tokens in it; try again later") from None
    return {
        "access_token": access,
        "refresh_token": refresh_token,
        "expires_at": clock.now() + lifetime,
    }


def _text(answer: Mapping[str, Any], name: str, default: str) -> str:
    value = answer.get(name)
    return value if isinstance(value, str) and value else default


def _unavailable(config: ApiConfig, why: str) -> StravaUnavailable:
    return StravaUnavailable(
        f"Strava ({host(config.oauth_url)}) cannot be reached: {why}; try again later"
    )
