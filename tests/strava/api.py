"""The endpoints of the API: a request with a token in, Strava's JSON out."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from tests.strava import extras
from tests.strava.account import Account, Activity
from tests.strava.bodies import (
    activity_detail,
    activity_summary,
    athlete_detail,
    athlete_summary,
    gear_detail,
)
from tests.strava.clock import Clock
from tests.strava.messages import (
    Answer,
    Request,
    bad_request,
    invalid_token,
    missing_scope,
    no_streams,
    not_found,
    problem,
)
from tests.strava.oauth import bearer
from tests.strava.streams import chosen_streams
from tests.strava.tokens import Tokens

MOST_PER_PAGE: Final = 200
_PER_PAGE: Final = 30


@dataclass(slots=True)
class Call:
    """A request whose token was understood."""

    request: Request
    scopes: frozenset[str]
    #: The number in the path.
    id: str = ""

    @property
    def reads(self) -> bool:
        """May see activities for everyone and for followers."""
        return self.sees_all or "activity:read" in self.scopes

    @property
    def sees_all(self) -> bool:
        """May see what only the athlete sees."""
        return "activity:read_all" in self.scopes


class Api:
    """Everything below ``/api/v3``."""

    def __init__(self, account: Account, tokens: Tokens, clock: Clock) -> None:
        self._account, self._tokens, self._clock = account, tokens, clock
        #: Take ``?access_token=`` as well, as Strava does until June 2027.
        self.takes_query_token = False
        #: Page -> how many items it has at most; the next page goes on behind them, nothing is
        #: lost.
        self.short_pages: dict[int, int] = {}
        self._routes: list[tuple[str, re.Pattern[str], Callable[[Call], Answer]]] = [
            (method, re.compile(pattern), route)
            for method, pattern, route in (
                ("GET", r"/athlete", self._athlete),
                ("GET", r"/athlete/activities", self._list),
                ("GET", r"/athlete/zones", self._athlete_zones),
                ("GET", r"/athletes/(\d+)/stats", self._stats),
                ("GET", r"/gear/(\w+)", self._gear),
                ("GET", r"/activities/(\d+)", self._detail),
                ("GET", r"/activities/(\d+)/streams", self._streams),
                ("GET", r"/activities/(\d+)/laps", self._laps),
                ("GET", r"/activities/(\d+)/zones", self._part(extras.zones)),
                ("GET", r"/activities/(\d+)/comments", self._part(extras.comments)),
                ("GET", r"/activities/(\d+)/kudos", self._part(extras.kudos)),
                ("GET", r"/activities/(\d+)/photos", self._part(extras.photos)),
                ("POST", r"/activities", self._create),
            )
        ]

    def answer(self, request: Request) -> Answer:
        """Any request for the API."""
        token = bearer(request) or (
            request.query.get("access_token", "") if self.takes_query_token else ""
        )
        scopes = self._tokens.scopes(token)
        if scopes is None:
            return invalid_token()
        for method, pattern, route in self._routes:
            match = pattern.fullmatch(request.path)
            if match and method == request.method:
                call = Call(request, frozenset(scopes), *match.groups())
                with self._account.lock:
                    return route(call)
        return not_found("resource", "path")

    def _athlete(self, call: Call) -> Answer:
        if "profile:read_all" in call.scopes:
            return Answer(body=athlete_detail(self._account))
        return Answer(body=athlete_summary(self._account))

    def _list(self, call: Call) -> Answer:
        if not call.reads:
            return missing_scope("activity:read")
        query = call.request.query
        try:
            before, after = _moment(query.get("before")), _moment(query.get("after"))
            page, per_page = int(query.get("page", 1)), int(query.get("per_page", _PER_PAGE))
        except (ValueError, OverflowError, OSError):
            return bad_request("Application", "after" if "after" in query else "page")
        if after is not None and after > self._clock.now():
            return bad_request("Application", "after", "future")
        if page < 1 or per_page < 1:
            return bad_request("Application", "page" if page < 1 else "per_page")
        found = [one for one in self._account.newest_first() if _visible(one, call)]
        found = [
            one
            for one in found
            if (before is None or one.start < before) and (after is None or one.start > after)
        ]
        # Oldest first with "after" alone, newest first with anything else: that is recorded, not
        # documented.
        if after is not None and before is None:
            found.reverse()
        size = min(per_page, MOST_PER_PAGE)
        sizes = [
            min(size, self.short_pages.get(number, size))
            for number in range(1, min(page, len(found) + 2) + 1)
        ]
        first = sum(sizes[:-1]) if page <= len(sizes) else len(found)
        return Answer(body=[activity_summary(one) for one in found[first : first + sizes[-1]]])

    def _found(self, call: Call) -> Activity | Answer:
        """The activity of the path, or why it is not shown."""
        if not call.reads:
            return missing_scope("activity:read")
        activity = self._account.activities.get(int(call.id))
        return activity if activity is not None and _visible(activity, call) else not_found()

    def _detail(self, call: Call) -> Answer:
        found = self._found(call)
        if isinstance(found, Answer):
            return found
        body = activity_detail(self._account, found, sees_all=call.sees_all)
        if not _true(call.request.query.get("include_all_efforts")):
            efforts = body.get("segment_efforts") or []
            body["segment_efforts"] = [one for one in efforts if not one.get("hidden")]
        return Answer(body=body)

    def _streams(self, call: Call) -> Answer:
        found = self._found(call)
        if isinstance(found, Answer):
            return found
        if not found.streams:
            return no_streams()
        query = call.request.query
        keys = query.get("keys", "distance").split(",")
        by_type = _true(query.get("key_by_type"))
        return Answer(
            body=chosen_streams(
                found.streams, keys, by_type=by_type, resolution=query.get("resolution")
            )
        )

    def _laps(self, call: Call) -> Answer:
        found = self._found(call)
        return found if isinstance(found, Answer) else Answer(body=found.detail.get("laps") or [])

    def _part(
        self, part: Callable[[Activity, Request], list[dict[str, Any]]]
    ) -> Callable[[Call], Answer]:
        def route(call: Call) -> Answer:
            found = self._found(call)
            return found if isinstance(found, Answer) else Answer(body=part(found, call.request))

        return route

    def _gear(self, call: Call) -> Answer:
        gear = self._account.gear.get(call.id)
        return Answer(body=gear_detail(gear)) if gear else not_found("Gear")

    def _athlete_zones(self, call: Call) -> Answer:
        if "profile:read_all" not in call.scopes:
            return missing_scope("profile:read_all")
        return Answer(body=extras.athlete_zones())

    def _stats(self, call: Call) -> Answer:
        if int(call.id) != self._account.athlete_id:
            return problem(403, "Forbidden", "Athlete", "id", "invalid")
        return Answer(body=extras.stats(self._account, self._clock.now()))

    def _create(self, call: Call) -> Answer:
        """The importer writes nothing to Strava: this is here for the headers of a POST."""
        if "activity:write" not in call.scopes:
            return missing_scope("activity:write")
        return bad_request("Activity", "name", "missing")


def _visible(activity: Activity, call: Call) -> bool:
    return call.sees_all or activity.base.get("visibility") != "only_me"


def _moment(text: str | None) -> datetime | None:
    # Milliseconds by mistake are past the year 9999: as good as any other moment in the future.
    return None if text is None else datetime.fromtimestamp(min(int(text), 253_402_300_799), UTC)


def _true(text: str | None) -> bool:
    return (text or "").lower() in ("true", "1")
