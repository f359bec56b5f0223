"""Reads what Strava's consent page sends the browser back with."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qs

from ingest.errors import NotAuthorized

#: Where the browser comes back to. Strava takes both names of this machine for the callback domain
#: localhost.
HOST: Final = "127.0.0.1"
HOSTS: Final = (HOST, "localhost")
PATH: Final = "/connected"
_DENIED: Final = (
    "access was denied on Strava's page, so nothing was saved; connect again, and choose Authorize"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect:
    """What Strava sends the browser back with."""

    code: str = field(repr=False)
    #: The scopes, if the address named them.
    scope: str | None


def redirect_uri(port: int, host: str = HOST) -> str:
    """The address that Strava sends the browser to; port 0 stands for none."""
    return f"http://{host}{f':{port}' if port else ''}{PATH}"


def pasted(line: str, state: str) -> Redirect:
    """The redirect in what was pasted: the whole address, or the code alone.

    Raises:
        NotAuthorized: there is none in it.
    """
    text = line.strip().strip("\"'<>")
    if not text:
        raise NotAuthorized("nothing was pasted; connect once more", "connect")
    if "=" not in text and "/" not in text:
        return Redirect(code=text, scope=None)
    query = first_values(text.partition("#")[0].rpartition("?")[2])
    if not is_of(query, state):
        raise NotAuthorized(
            "the pasted address does not belong to this attempt; connect again, and paste the "
            "address that the browser shows at the end",
            "connect",
        )
    return understood(query)


def first_values(query: str) -> dict[str, str]:
    """The first value of each name in the query of an address, or in a form."""
    return {name: values[0] for name, values in parse_qs(query).items()}


def is_of(query: Mapping[str, str], state: str) -> bool:
    """Whether a redirect answers the attempt that this is the state of."""
    # Without this check anybody could send a browser here with a code of their own account.
    return secrets.compare_digest(query.get("state", "").encode(errors="replace"), state.encode())


def understood(query: Mapping[str, str]) -> Redirect:
    """The redirect in the query of an address.

    Raises:
        NotAuthorized: the athlete has refused.
    """
    if query.get("error") == "access_denied":
        raise NotAuthorized(_DENIED, "connect")
    if not query.get("code"):
        raise NotAuthorized(
            "Strava sent the browser back without a code; connect once more", "connect"
        )
    return Redirect(code=query["code"], scope=query.get("scope"))
