"""Asks for the password, and ends what it began."""

from __future__ import annotations

from http import HTTPStatus

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from ingest.web.access.security import LOGIN
from ingest.web.pages.reading import door_of, form_of, page


def show(request: Request) -> Response:
    """The form, for those who are not in yet."""
    if door_of(request).knows(request):
        return _to("/")
    return _form(request)


async def begin(request: Request) -> Response:
    """Let in whoever knows the password."""
    try:
        form = await form_of(request)
    except ClientDisconnect:
        return PlainTextResponse("", HTTPStatus.BAD_REQUEST)
    return _begun(request, form.get("password", ""))


def log_out(request: Request) -> Response:
    """Log out: the cookie is worth nothing any more."""
    return door_of(request).let_out(request, _to(LOGIN))


def _begun(request: Request, text: str) -> Response:
    door, client = door_of(request), request.client.host if request.client else ""
    wait_s = door.wrong_passwords.wait_s(client)
    if wait_s:
        return _too_many(request, wait_s)
    if door.password is None or not door.password.is_same(text):
        door.wrong_passwords.add(client)
        return _form(request, "This is not the password.", HTTPStatus.FORBIDDEN)
    door.wrong_passwords.trust(client)
    return door.let_in(request, _to("/"))


def _too_many(request: Request, wait_s: int) -> Response:
    minutes = -(-wait_s // 60)
    answer = _form(
        request,
        f"There were too many wrong passwords. Try again in {minutes} "
        f"{'minute' if minutes == 1 else 'minutes'}.",
        HTTPStatus.TOO_MANY_REQUESTS,
    )
    answer.headers["Retry-After"] = str(wait_s)
    return answer


def _form(request: Request, problem: str = "", status: HTTPStatus = HTTPStatus.OK) -> Response:
    return page(request, "login.html", status, problem=problem)


def _to(address: str) -> Response:
    return RedirectResponse(address, HTTPStatus.SEE_OTHER)
