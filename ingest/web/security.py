"""Lets in only the user who started the page: checks Host, origin and cookie, and sets headers.

Other users of the machine share the loopback address, and any web page in the browser can send
requests to it.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import escape
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Hosts under which browsers reach this machine. The whole header must be one: parts of it could
#: else be taken for another path.
_HOSTS: Final = re.compile(r"(127\.0\.0\.1|localhost)(:\d{1,5})?")
#: Says nothing but that the server runs, so that anybody may ask.
HEALTH: Final = "/healthz"
_SAFE: Final = ("GET", "HEAD", "OPTIONS")
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'self'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_LEADING: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>strava-ingest</title>
<link rel="icon" href="data:,"><meta http-equiv="refresh" content="0; url={address}"></head>
<body><p><a href="{address}">{text}</a></p></body></html>
"""
_CLOSED: Final = (
    "This page is only for the user who started it. Open the address that the command `serve` has "
    "printed; it works once. For another one, start the command again.\n"
)


@dataclass(slots=True)
class Door:
    """The launch token, which can be exchanged once, and the cookie that it is exchanged for."""

    port: int
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    cookie: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    is_spent: bool = False

    @property
    def cookie_name(self) -> str:
        """A name of its own for each port, since browsers share cookies between ports."""
        return f"strava_ingest_{self.port}"

    @property
    def address(self) -> str:
        """Where the browser comes in."""
        return f"http://127.0.0.1:{self.port}/?token={self.token}"

    def exchange(self, token: str) -> bool:
        """Whether a token opens the door; it does so once."""
        if self.is_spent or not secrets.compare_digest(token.encode(), self.token.encode()):
            return False
        self.is_spent = True
        return True

    def knows(self, cookie: str | None) -> bool:
        """Whether a cookie is the one that the token was exchanged for."""
        return cookie is not None and secrets.compare_digest(cookie.encode(), self.cookie.encode())


class Guard:
    """Stands before the whole application."""

    def __init__(self, app: ASGIApp, door: Door, open_paths: Iterable[str] = ()) -> None:
        """``open_paths`` need no cookie, and must check by themselves whom they serve."""
        self._app, self._door = app, door
        self._open = frozenset((HEALTH, *open_paths))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        answer = self._refusal(request) or self._entrance(request)
        await (answer or self._app)(scope, receive, _with_headers(send))

    def _refusal(self, request: Request) -> Response | None:
        host = request.headers.get("host", "")
        if not _HOSTS.fullmatch(host):  # a foreign name that was made to lead here
            return _refused(HTTPStatus.BAD_REQUEST, "unknown host\n")
        if request.method not in _SAFE and not _is_own(request, host):
            return _refused(HTTPStatus.FORBIDDEN, "the request comes from another page\n")
        return None

    def _entrance(self, request: Request) -> Response | None:
        """What is answered in place of the page; ``None`` for those who may come in."""
        # What routes go by. ``request.url`` is made from the Host header, too.
        path = request.scope["path"]
        if path in self._open:
            return None
        if self._door.knows(request.cookies.get(self._door.cookie_name)):
            return None
        token = request.query_params.get("token", "")
        if path != "/" or not self._door.exchange(token):
            return _refused(HTTPStatus.FORBIDDEN, _CLOSED)
        answer = leading_to("/", "Open the page")
        answer.set_cookie(
            self._door.cookie_name, self._door.cookie, httponly=True, samesite="strict", path="/"
        )
        return answer


def leading_to(address: str, text: str) -> HTMLResponse:
    """A page that leads to an address by a navigation of its own.

    Browsers send a strict cookie only with those of our own pages. And they apply ``form-action``
    to the redirects of a form, but not to this: so it may lead from a form to another site.
    """
    return HTMLResponse(_LEADING.format(address=escape(address), text=escape(text)))


def _is_own(request: Request, host: str) -> bool:
    """Whether a request that changes something comes from a page of ours, or from no page."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == host


def _refused(status: HTTPStatus, text: str) -> Response:
    return PlainTextResponse(text, status_code=status)


def _with_headers(send: Send) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            named = {name.lower() for name, _ in message["headers"]}
            message["headers"] = [
                *message["headers"],
                *(
                    (name.lower().encode(), value.encode())
                    for name, value in _HEADERS.items()
                    if name.lower().encode() not in named
                ),
            ]
        await send(message)

    return sent
