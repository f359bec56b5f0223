"""What goes through the simulator: a request that came in, the answer that goes out, and Strava's
error bodies.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Kind = Literal["api", "oauth", "sim"]
#: How an answer travels: whole, or in one of the ways in which connections fail.
Delivery = Literal[
    "whole", "reset", "close", "stall", "stall_body", "drip", "drip_head", "truncated"
]

_JSON = "application/json; charset=utf-8"
_HTML = "text/html; charset=utf-8"


@dataclass(slots=True, kw_only=True)
class Request:
    """One request. ``path`` is without the base, ``target`` as it was sent; ``number`` counts API
    requests from 1.
    """

    method: str
    path: str
    query: dict[str, str]
    at: datetime
    kind: Kind
    target: str
    number: int = 0
    #: What was answered; 0 when the connection was cut instead, ``None`` as long as it is not
    #: answered.
    status: int | None = None
    #: Kind of the fault that it met.
    fault: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    form: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def values(self) -> dict[str, str]:
        """Query and form together; the form wins."""
        return self.query | self.form


@dataclass(slots=True, kw_only=True)
class Answer:
    """One answer: a JSON value, or bytes (HTML) as they are."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    delivery: Delivery = "whole"
    #: Seconds that a stall or a slow answer takes.
    seconds: float = 0.0
    #: Share of the bytes that are sent, of a body that says it is whole.
    cut: float = 1.0
    rate_headers: bool = True
    date_skew: float | None = 0.0

    def payload(self) -> bytes:
        """The bytes of the body."""
        if self.body is None:
            return b""
        data = (
            self.body
            if isinstance(self.body, bytes)
            else json.dumps(self.body, separators=(",", ":")).encode()
        )
        return data[: int(len(data) * self.cut)]

    @property
    def content_type(self) -> str:
        """HTML for bytes, else JSON."""
        return _HTML if isinstance(self.body, bytes) else _JSON


def problem(
    status: int, message: str, resource: str = "", field: str = "", code: str = ""
) -> Answer:
    """An error in the form that Strava gives all of them."""
    errors = [{"resource": resource, "field": field, "code": code}] if code else []
    return Answer(status=status, body={"message": message, "errors": errors})


def bad_request(resource: str, field: str, code: str = "invalid") -> Answer:
    """400."""
    return problem(400, "Bad Request", resource, field, code)


def invalid_token() -> Answer:
    """401 for an access token that is expired, revoked or was never one."""
    return problem(401, "Authorization Error", "Athlete", "access_token", "invalid")


def missing_scope(scope: str) -> Answer:
    """401 (not 403) for a token without a scope."""
    return problem(401, "Authorization Error", "AccessToken", f"{scope}_permission", "missing")


def not_found(resource: str = "Activity", field: str = "id") -> Answer:
    """404 for what is not there, and for what the token may not see."""
    return problem(404, "Record Not Found", resource, field, "invalid")


def no_streams() -> Answer:
    """404 for an activity that has none."""
    return problem(404, "Resource Not Found")


def rate_limited() -> Answer:
    """429."""
    return problem(429, "Rate Limit Exceeded", "Application", "overall rate limit", "exceeded")


def html(status: int, title: str) -> Answer:
    """A page of a proxy, where JSON was expected."""
    body = f"<body><center><h1>{title}</h1></center></body>"
    page = f"<html><head><title>{title}</title></head>{body}</html>\n"
    return Answer(status=status, body=page.encode(), rate_headers=False)
