"""Makes a connection to Strava and ends it, for the command line and for the local page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ingest.commands.oauth_redirect import Redirect
from ingest.config import ApiConfig, Config
from ingest.errors import AbortRun, NotAuthorized, StravaUnavailable
from ingest.extract.api import oauth
from ingest.extract.api.tokens import TokenFile, Tokens

_APPS: Final = "https://www.strava.com/settings/apps"
#: What is missing without a scope.
MISSING: Final = {
    "read": "your public profile, segments and routes will be missing.",
    "profile:read_all": "the heart rate and power zones of your profile will be missing.",
    "activity:read_all": 'private activities ("Only You") will be missing, and activities that you '
    "delete on Strava will not be marked as vanished, since they look the same as hidden ones.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How the end of a connection went, in sentences."""

    text: str
    warning: str = ""


def known_app(config: ApiConfig, file: TokenFile) -> tuple[int | None, str | None]:
    """Client id and secret of the environment, else of the token file; ``None`` if unknown."""
    try:
        known = file.load()
    except NotAuthorized:  # damaged; it is about to be written anew
        known = None
    client_id = config.client_id or (known.client_id if known else None)
    secret = config.client_secret
    if secret is None and known and known.client_id == client_id:
        secret = known.client_secret
    return client_id, secret


def granted(config: ApiConfig, app: oauth.App, answer: Redirect) -> Tokens:
    """The tokens for what Strava sent the browser back with.

    Raises:
        NotAuthorized: Strava refuses, or the athlete lets us see no activities.
        StravaUnavailable: Strava does not answer.
    """
    tokens = oauth.exchange(config, app, answer.code, answer.scope)
    if not tokens.scopes & {"activity:read", "activity:read_all"}:
        raise NotAuthorized(
            "the permission to see activities was unticked, so nothing was saved; connect again, "
            "and leave this box ticked",
            "connect",
        )
    return tokens


def keep(file: TokenFile, tokens: Tokens) -> None:
    """Save the tokens.

    Raises:
        NotAuthorized: the file cannot be written.
        StravaUnavailable: another process is changing it.
    """
    # Without the lock, a renewal that is under way in another process would write over it.
    with file.locked():
        file.save(tokens)


def end(config: Config) -> Ended:
    """Revoke at Strava, and delete the tokens here whether that works or not.

    Raises:
        NotAuthorized: they cannot be deleted.
        StravaUnavailable: another process is changing them.
    """
    file = TokenFile(config.token_file)
    if not file.path.exists():
        file.remove()  # what a write that was cut short may have left
        return Ended(text="Not connected to Strava.")
    with file.locked():
        trouble = _revoke(config.api, file)
        file.remove()
    if trouble is None:
        return Ended(
            text="Disconnected: access is revoked at Strava, and the tokens here are deleted."
        )
    return Ended(
        text="The tokens here are deleted.",
        warning=f"Access could not be revoked at Strava ({trouble}); remove the app at {_APPS} "
        "too.",
    )


def _revoke(config: ApiConfig, file: TokenFile) -> AbortRun | None:
    try:
        tokens = file.load()
        if tokens is not None:
            oauth.revoke(config, tokens)
    except (NotAuthorized, StravaUnavailable) as err:
        return err
    return None
