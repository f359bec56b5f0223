"""What can go wrong at Strava or on the way to it: rules that turn an answer into another one."""

from __future__ import annotations

import copy
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from tests.strava.messages import (
    Answer,
    Request,
    html,
    invalid_token,
    missing_scope,
    problem,
    rate_limited,
)

_MESSAGE: Final = "Rate Limit Exceeded"
#: A response of 2018, in which ``errors`` is a text.
_OLD_429: Final = {"errors": _MESSAGE, "status": 429, "message": "Too Many Requests"}

#: Kind -> the answer given instead; whatever was asked for has not happened.
_INSTEAD: Final[dict[str, Callable[[], Answer]]] = {
    "500": lambda: Answer(status=500, body={"message": "error"}),
    "502": lambda: html(502, "502 Bad Gateway"),
    "503": lambda: html(503, "503 Service Temporarily Unavailable"),
    "504": lambda: html(504, "504 Gateway Time-out"),
    "html": lambda: html(200, "Strava is down for maintenance"),
    "404": lambda: problem(404, "Record Not Found", "Activity", "id", "invalid"),
    "404_empty": lambda: Answer(status=404),
    "inactive": lambda: problem(403, "Forbidden", "Application", "Status", "Inactive"),
    "athlete_limit": lambda: problem(
        403, "Forbidden", "Application", "Limit of connected athletes", "exceeded"
    ),
    "invalid_token": invalid_token,
    "missing_scope": lambda: missing_scope("activity:read"),
    "429": rate_limited,
    "429_without_headers": lambda: _without_headers(rate_limited()),
    "429_old": lambda: Answer(status=429, body=_OLD_429),
}
#: Kind -> how the real answer travels; what was asked for has happened.
_DELIVERIES: Final = ("reset", "close", "stall", "stall_body", "drip", "drip_head", "truncated")
_CHANGES: Final = (
    "cut_json",
    "no_date",
    "skewed_date",
    "no_rate_headers",
    "array",
    "lengths",
    "fields",
    "short_page",
    "edit",
)
KINDS: Final = (*_INSTEAD, *_DELIVERIES, *_CHANGES)


@dataclass(slots=True)
class Fault:
    """One rule. It applies to API requests, and to OAuth ones only when ``path`` names oauth.

    ``path`` is searched in the path without its base, ``activity_id`` must be in it (with
    ``fields`` also: in the list), ``at`` is the number of the API request, counted from 1 since the
    start. ``skip`` lets so many that fit pass, ``times`` ends it.
    """

    kind: str
    path: str = ""
    activity_id: int | None = None
    at: int | None = None
    skip: int = 0
    times: int | None = None
    #: stall: how long; drip: pause after each piece; skewed_date: how far the Date header is off.
    seconds: float = 60.0
    #: short_page: at most so many items.
    count: int = 1
    #: fields: raw keys to set in an activity, or in each of a list.
    fields: dict[str, Any] = field(default_factory=dict)
    #: edit: the body in, another one out.
    edit: Callable[[Any], Any] | None = None
    #: How often it struck.
    hits: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"no fault {self.kind!r}; there are {', '.join(KINDS)}")

    def fits(self, request: Request) -> bool:
        """Whether it strikes this request; counts."""
        if not self._concerns(request) or (self.times is not None and self.hits >= self.times):
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.hits += 1
        return True

    def _concerns(self, request: Request) -> bool:
        if request.kind == "oauth" and "oauth" not in self.path:
            return False
        if self.at is not None and request.number != self.at:
            return False
        is_list = self.kind == "fields" and request.path == "/athlete/activities"
        if self.activity_id is not None and not is_list:
            return re.match(
                rf"/activities/{self.activity_id}(/|$)", request.path
            ) is not None and self._named(request)
        return self._named(request)

    def _named(self, request: Request) -> bool:
        return re.search(self.path, request.path) is not None

    @property
    def instead(self) -> Answer | None:
        """The answer that takes the place of the real one."""
        return _INSTEAD[self.kind]() if self.kind in _INSTEAD else None

    def changed(self, answer: Answer) -> Answer:
        """The real answer, spoilt."""
        if self.kind in _DELIVERIES:
            answer.delivery = self.kind  # type: ignore[assignment]
            answer.seconds = self.seconds
        elif self.kind == "cut_json":
            answer.cut = 0.6
        elif self.kind in ("no_date", "skewed_date"):
            answer.date_skew = None if self.kind == "no_date" else self.seconds
        elif self.kind == "no_rate_headers":
            answer.rate_headers = False
        elif answer.status == 200:
            answer.body = self._spoilt(copy.deepcopy(answer.body))
        return answer

    def _spoilt(self, body: Any) -> Any:
        if self.kind == "edit" and self.edit is not None:
            return self.edit(body)
        if self.kind == "short_page" and isinstance(body, list):
            return body[: self.count]
        if self.kind == "array" and isinstance(body, dict):
            return [{"type": key, **stream} for key, stream in body.items()]
        if self.kind == "lengths" and isinstance(body, dict):
            for index, stream in enumerate(body.values()):
                del stream["data"][max(1, len(stream["data"]) - index) :]
        if self.kind == "fields":
            for item in body if isinstance(body, list) else [body]:
                if self.activity_id is None or item.get("id") == self.activity_id:
                    item.update(self.fields)
        return body


class Faults:
    """The rules in force, first come first served."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: list[Fault] = []

    def add(self, *faults: Fault) -> None:
        """Put rules in force."""
        with self._lock:
            self._rules += faults

    def clear(self) -> None:
        """Let all be well again."""
        with self._lock:
            self._rules.clear()

    def striking(self, request: Request) -> list[Fault]:
        """The rules that strike a request."""
        with self._lock:
            return [rule for rule in self._rules if rule.fits(request)]


def _without_headers(answer: Answer) -> Answer:
    answer.rate_headers = False
    return answer
