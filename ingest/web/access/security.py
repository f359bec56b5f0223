"""Lets in only who has the launch token or the password: checks Host, origin and cookie, and sets
headers.

Other users of the machine share the loopback address, any web page in the browser can send requests
to it, and with ``--host`` other machines reach the page, too.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html import escape
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ingest.web.access.hosts import Hosts
from ingest.web.access.passwords import Password, WrongPasswords

#: Where the password is asked for.
LOGIN: Final = "/login"
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
#: For pages that other machines reach over plain HTTP: there browsers send no Sec-Fetch-Site, and
#: without a referrer they also name no Origin for our own forms, which would all be refused.
_OPEN_HEADERS: Final = {**_HEADERS, "Referrer-Policy": "same-origin"}
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
    """The launch token, which lets in once, the password, and the sessions of who came in."""

    #: Where a browser of this machine finds the page.
    base: str
    hosts: Hosts = field(default_factory=Hosts)
    #: ``None`` lets nobody in but the launch token.
    password: Password | None = None
    wrong_passwords: WrongPasswords = field(default_factory=WrongPasswords)
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    is_spent: bool = False
    #: Digests of the cookies.
    _sessions: set[bytes] = field(default_factory=set, repr=False)

    @property
    def cookie_name(self) -> str:
        """A name of its own for each port, since browsers share cookies between ports."""
        return f"strava_ingest_{urlsplit(self.base).port}"

    @property
    def address(self) -> str:
        """Where the browser comes in without a password."""
        return f"{self.base}/?token={self.token}"

    def exchange(self, token: str) -> bool:
        """Whether a token opens the door; it does so once."""
        if self.is_spent or not secrets.compare_digest(token.encode(), self.token.encode()):
            return False
        self.is_spent = True
        return True

    def knows(self, request: Request) -> bool:
        """Whether a request comes from a browser that was let in."""
        return _digest(request.cookies.get(self.cookie_name, "")) in self._sessions

    def let_in(self, request: Request, answer: Response) -> Response:
        """Begin a session of a browser by the cookie of an answer."""
        cookie = secrets.token_urlsafe(32)
        self._sessions.add(_digest(cookie))
        answer.set_cookie(
            self.cookie_name,
            cookie,
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
            path="/",
        )
        return answer

    def let_out(self, request: Request, answer: Response) -> Response:
        """End the session of a browser."""
        self._sessions.discard(_digest(request.cookies.get(self.cookie_name, "")))
        answer.delete_cookie(self.cookie_name, httponly=True, samesite="strict", path="/")
        return answer


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
        headers = _HEADERS if self._door.hosts.are_only_local else _OPEN_HEADERS
        await (answer or self._app)(scope, receive, _with_headers(send, headers))

    def _refusal(self, request: Request) -> Response | None:
        host = request.headers.get("host", "")
        if not self._door.hosts.has(host):  # a foreign name that was made to lead here
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
        if self._door.knows(request):
            return None
        if path == "/" and self._door.exchange(request.query_params.get("token", "")):
            return self._door.let_in(request, leading_to("/", "Open the page"))
        if self._door.password is None:
            return _refused(HTTPStatus.FORBIDDEN, _CLOSED)
        if request.method in _SAFE and "text/html" in request.headers.get("accept", ""):
            return RedirectResponse(LOGIN, HTTPStatus.SEE_OTHER)
        return _refused(HTTPStatus.FORBIDDEN, "log in first, or again\n")


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
    return origin is None or origin.partition("://")[2] == host


def _digest(cookie: str) -> bytes:
    return hashlib.sha256(cookie.encode("utf-8", "replace")).digest()


def _refused(status: HTTPStatus, text: str) -> Response:
    return PlainTextResponse(text, status_code=status)


def _with_headers(send: Send, headers: Mapping[str, str]) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            named = {name.lower() for name, _ in message["headers"]}
            message["headers"] = [
                *message["headers"],
                *(
                    (name.lower().encode(), value.encode())
                    for name, value in headers.items()
                    if name.lower().encode() not in named
                ),
            ]
        await send(message)

    return sent
