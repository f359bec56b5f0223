"""Connects to Strava and disconnects, and shows how the connection stands."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from db.errors import Advised, DatabaseProblem, NoDatabase
from ingest.commands import connection
from ingest.commands.api_facts import KEPT, Facts, api_facts
from ingest.commands.oauth_redirect import HOST, HOSTS, first_values, redirect_uri, understood
from ingest.config import Config
from ingest.errors import AbortRun, NotAuthorized, UsageError, WrongApp
from ingest.extract.api import oauth
from ingest.extract.api.tokens import TokenFile, Tokens
from ingest.folders import make_folder
from ingest.reporting.summary import aged
from ingest.web.access.security import leading_to
from ingest.web.attempts import Attempts
from ingest.web.pages.reading import config_of, database, form_of, page

_PATH: Final = "/connect"


def show(request: Request) -> Response:
    """How the connection stands, and the form that connects."""
    config, attempts = config_of(request), _attempts(request)
    tokens, trouble = _tokens(config)
    facts, database_trouble = _facts(request)
    return page(
        request,
        "connect.html",
        notice=attempts.take_notice(),
        tokens=tokens,
        trouble=trouble,
        api=facts,
        database_trouble=database_trouble,
        oldest=aged(facts["oldest_at"]) if facts and facts["oldest_at"] else "",
        days=KEPT.days,
        run=config.invocation.command("run"),
        purge=config.invocation.command("purge --source api"),
        can_come_back=_can_come_back(request),
        paste=config.invocation.command("connect --paste"),
        knows_app=None not in connection.known_app(config.api, TokenFile(config.token_file)),
        scopes=oauth.SCOPES,
        missing=connection.MISSING,
        settings=oauth.SETTINGS,
    )


async def begin(request: Request) -> Response:
    """Send the browser to Strava, for the app whose id and secret the form holds."""
    form = await form_of(request)
    return await run_in_threadpool(_begin, request, form)


def come_back(request: Request) -> Response:
    """Take what Strava sends the browser back with, and lead to the page.

    This is a navigation from another site, which brings no strict cookie: the state alone tells
    that it is our browser. So the answer shows nothing, and the outcome is told by the page.
    """
    query = first_values(request.url.query)
    attempts, config = _attempts(request), config_of(request)
    attempt = attempts.take(query)
    if attempt is None:
        return page(request, "connect_strange.html", HTTPStatus.BAD_REQUEST)
    try:
        tokens = connection.granted(config.api, attempt.app, understood(query))
        connection.keep(TokenFile(config.token_file), tokens)
    except AbortRun as err:
        attempts.tell(f"Not connected. {_plain(err)}", is_error=True)
    else:
        attempts.tell(f"Connected as {tokens.athlete_name}.")
    return leading_to(_PATH, "Back to the page")


def disconnect(request: Request) -> Response:
    """Revoke the access and delete the tokens."""
    attempts = _attempts(request)
    try:
        ended = connection.end(config_of(request))
    except AbortRun as err:
        attempts.tell(_plain(err), is_error=True)
    else:
        attempts.tell(f"{ended.text} {ended.warning}".strip(), is_error=bool(ended.warning))
    return _to_page()


def _begin(request: Request, form: Mapping[str, str]) -> Response:
    config, attempts = config_of(request), _attempts(request)
    try:
        if not _can_come_back(request):
            raise UsageError("connect on the machine that serves this page")
        app = _app(config, form)
        make_folder(config.playground)
    except UsageError as err:
        attempts.tell(_plain(err), is_error=True)
        return _to_page()
    back = redirect_uri(request.url.port or 0, request.url.hostname or HOST)
    address = oauth.authorize_url(
        config.api,
        client_id=app.client_id,
        redirect_uri=back,
        state=attempts.begin(app).state,
    )
    return leading_to(address, "Go on to Strava")


def _can_come_back(request: Request) -> bool:
    """Whether Strava can send the browser back: only to the machine on which it runs itself."""
    return request.url.hostname in HOSTS


def _app(config: Config, form: Mapping[str, str]) -> oauth.App:
    """The app of the form; of an empty form the one that is known already.

    No message quotes what was typed: the secret may stand in the wrong field.
    """
    typed_id, typed_secret = form.get("client_id", "").strip(), form.get("secret", "").strip()
    if typed_id and typed_secret:
        if not (typed_id.isascii() and typed_id.isdecimal() and len(typed_id) < 16):
            raise UsageError("the client ID is a number; copy it again from Strava")
        return oauth.App(client_id=int(typed_id), client_secret=typed_secret)
    client_id, secret = connection.known_app(config.api, TokenFile(config.token_file))
    if typed_id or typed_secret or client_id is None or secret is None:
        raise UsageError("fill in both the client ID and the client secret")
    return oauth.App(client_id=client_id, client_secret=secret)


def _plain(err: Advised) -> str:
    """An error without commands, since the page has a form in their place."""
    text = err.reason if isinstance(err, WrongApp) else err.message
    advice = ": use the form below" if "connect" in err.commands else ""
    return f"{text[:1].upper()}{text[1:]}{advice}."


def _tokens(config: Config) -> tuple[Tokens | None, str]:
    """The connection, and why it cannot be used."""
    try:
        return TokenFile(config.token_file).load(), ""
    except NotAuthorized as err:
        return None, _plain(err)


def _facts(request: Request) -> tuple[Facts | None, str]:
    """What the database knows of the API, and why it cannot be read.

    Connecting needs no database, so its errors do not take the page away.
    """
    try:
        with database(request) as opened:
            return api_facts(opened, config_of(request)), ""
    except NoDatabase:
        return None, ""
    except DatabaseProblem as err:
        return None, str(err)


def _to_page() -> Response:
    return RedirectResponse(_PATH, status_code=HTTPStatus.SEE_OTHER)


def _attempts(request: Request) -> Attempts:
    attempts: Attempts = request.app.state.attempts
    return attempts
