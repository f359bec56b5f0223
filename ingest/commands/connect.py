"""Connects an athlete's Strava account, and disconnects it.

``connect`` asks for consent and writes the token file; ``disconnect`` ends the consent and deletes
the file.
"""

from __future__ import annotations

import secrets
import sys
import threading
import webbrowser
from typing import Final

import click

from db.terminal import say, warn
from ingest.commands import connection
from ingest.commands.oauth_callback import receiving
from ingest.commands.oauth_redirect import pasted, redirect_uri, understood
from ingest.config import ApiConfig, Config
from ingest.errors import AbortRun, UsageError
from ingest.extract.api import oauth
from ingest.extract.api.tokens import TokenFile, Tokens
from ingest.folders import make_folder

#: Default port of the OAuth callback; rarely taken by other programs.
PORT: Final = 8723
_WAIT_S: Final = 300

_HOW_TO: Final = (
    f"To connect you need an API app of your own: create one at {oauth.SETTINGS}\n"
    "(Authorization Callback Domain: localhost; the account needs a Strava subscription). That "
    "page then shows its Client ID and Client Secret."
)


def connect(
    config: Config, *, paste: bool = False, port: int = PORT, open_browser: bool = True
) -> Tokens:
    """Ask the athlete for consent and keep the tokens.

    Raises:
        UsageError: client id and secret are unknown, or the port is taken.
        NotAuthorized: the athlete or Strava refuses.
        StravaUnavailable: Strava does not answer.
    """
    file = TokenFile(config.token_file)
    app = _app(config.api, file)
    make_folder(config.playground)
    state = secrets.token_urlsafe(24)
    if paste:
        tokens = _by_pasting(config.api, app, state, port)
        connection.keep(file, tokens)
    else:
        tokens = _by_browser(config.api, app, state, port, open_browser, file)
    _show(tokens)
    return tokens


def disconnect(config: Config) -> None:
    """Revoke at Strava, and delete the tokens here whether that works or not."""
    told = connection.end(config)
    say(told.text)
    if told.warning:
        warn(told.warning)


def _app(config: ApiConfig, file: TokenFile) -> oauth.App:
    """Client id and secret: from the environment, else the token file, else asked of the user."""
    client_id, secret = connection.known_app(config, file)
    if client_id is not None and secret is not None:
        return oauth.App(client_id=client_id, client_secret=secret)
    if not sys.stdin.isatty():
        raise UsageError(
            "STRAVA_CLIENT_ID and STRAVA_CLIENT_SECRET are not set, and this is no terminal to ask "
            f"for them in: set both. {_HOW_TO}"
        )
    for line in _HOW_TO.splitlines():
        say(line)
    return oauth.App(
        client_id=client_id or click.prompt("Client ID", type=click.IntRange(min=1)),
        client_secret=secret or click.prompt("Client Secret (not shown)", hide_input=True).strip(),
    )


def _by_pasting(config: ApiConfig, app: oauth.App, state: str, port: int) -> Tokens:
    _invite(
        oauth.authorize_url(
            config, client_id=app.client_id, redirect_uri=redirect_uri(port), state=state
        )
    )
    say(
        "At the end the browser says that it cannot open a page. Copy the whole address of that "
        "page from the browser, paste it here, and press Enter:"
    )
    answer = pasted(sys.stdin.readline(), state)
    return connection.granted(config, app, answer)


def _by_browser(
    config: ApiConfig, app: oauth.App, state: str, port: int, open_browser: bool, file: TokenFile
) -> Tokens:
    with receiving(port, state) as receiver:
        url = oauth.authorize_url(
            config, client_id=app.client_id, redirect_uri=redirect_uri(receiver.port), state=state
        )
        _invite(url)
        if open_browser:
            # In a thread: opening some browsers returns only when they are closed, and the browser
            # needs our page before that.
            threading.Thread(target=_open, args=(url,), daemon=True).start()
        query = receiver.wait(_WAIT_S)
        try:
            answer = understood(query)
            tokens = connection.granted(config, app, answer)
            connection.keep(file, tokens)
        except AbortRun as err:
            receiver.tell("Not connected", str(err))
            raise
        receiver.tell(
            "Connected",
            f"{tokens.athlete_name}, your account is connected. You can close this page.",
        )
    return tokens


def _invite(url: str) -> None:
    """Print the address alone on its line, unwrapped and at once, so that programs can read it."""
    say("Open this page in a browser, leave the boxes ticked, and choose Authorize:")
    say(url)


def _open(url: str) -> None:
    try:
        is_open = webbrowser.open(url)
    except (webbrowser.Error, OSError):
        is_open = False
    if not is_open:
        warn("No browser could be opened here; open the page by hand, or use --paste.")


def _show(tokens: Tokens) -> None:
    say(f"Connected as {tokens.athlete_name} (athlete {tokens.athlete_id}).")
    say(f"Granted: {', '.join(sorted(tokens.scopes))}")
    for scope in oauth.SCOPES:
        if scope not in tokens.scopes:
            say(f"Not granted: {scope}. So {connection.MISSING[scope]}")
