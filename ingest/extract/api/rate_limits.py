"""Computes from Strava's rate limit headers how many requests may be sent, and when.

The functions are pure: the caller tells the time and keeps the budget.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

_QUARTER_S: Final = 900
_DAY_S: Final = 86_400
#: Limits of a new API app, per quarter hour and per UTC day, until an answer tells the real ones.
_DEFAULTS: Final = {"overall": (200, 2_000), "read": (100, 1_000)}
_HEADERS: Final = {"overall": "X-RateLimit", "read": "X-ReadRateLimit"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Requests of one kind in one stretch of time: what is allowed and what was used of it."""

    limit: int
    used: int = 0

    @property
    def left(self) -> int:
        """Requests that may still be sent. One is kept back, for whoever else uses the same app."""
        return max(self.limit - 1, 1) - self.used if self.limit else 0


Windows = Mapping[str, tuple[Window, Window]]


def _new_windows() -> Windows:
    return {
        kind: (Window(limit=quarter), Window(limit=day))
        for kind, (quarter, day) in _DEFAULTS.items()
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What is known of the limits of an API app. Strava's clock decides when its windows end, not
    ours.
    """

    #: When the last answer came, by Strava's clock.
    moment: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    #: Seconds that Strava's clock is ahead of ours.
    skew_s: float = 0.0
    #: Windows by kind of request: its quarter hour and its day.
    windows: Windows = field(default_factory=_new_windows)
    #: Moment on Strava's clock until which a refusal counts, whatever the counters say.
    blocked_until: datetime | None = None

    def left(self, now: datetime) -> int:
        """How many requests may be sent before one of the windows ends, at ``now`` by our clock."""
        there = self._there(now)
        # A refusal ends with its day at the latest. One that seems to last longer was noted when
        # the clock was wrong.
        if self.blocked_until is not None and there < self.blocked_until <= there + timedelta(
            seconds=_DAY_S
        ):
            return 0
        return min(window.left for pair in self._at(there).values() for window in pair)

    def left_today(self, now: datetime) -> int:
        """How many requests may be sent until midnight UTC."""
        return max(0, min(day.left for _, day in self._at(self._there(now)).values()))

    @property
    def per_day(self) -> int:
        """How many requests a whole day allows."""
        return max(1, min(replace(day, used=0).left for _, day in self.windows.values()))

    def resume_at(self, now: datetime) -> datetime:
        """When the next request may be sent, by our clock, in whole seconds."""
        if self.left(now) > 0:
            return now
        # Adds one second, so that rounding cannot place it in the old window.
        return datetime.fromtimestamp(
            int(self._end(self._there(now)).timestamp() - self.skew_s) + 1, UTC
        )

    def _end(self, there: datetime) -> datetime:
        """When the window that is used up ends, by Strava's clock."""
        is_day_over = any(day.left <= 0 for _, day in self._at(there).values())
        length = _DAY_S if is_day_over else _QUARTER_S
        return datetime.fromtimestamp((int(there.timestamp()) // length + 1) * length, UTC)

    def after(self, status: int | None, headers: Mapping[str, str], now: datetime) -> Budget:
        """The budget after one more request, by what its answer says (``None``: none came)."""
        there = _date(headers.get("Date"), now, self.skew_s)
        # Counts by ourselves for answers without the headers, or with a mere comma in them.
        windows = {
            kind: (_one_more(quarter), _one_more(day))
            for kind, (quarter, day) in self._at(there).items()
        }
        for kind, name in _HEADERS.items():
            told = _told(headers.get(f"{name}-Limit"), headers.get(f"{name}-Usage"))
            windows[kind] = told or windows[kind]
        skew_s = (there - now).total_seconds()
        blocked_until = (
            self.blocked_until
            if self.blocked_until is not None and there < self.blocked_until
            else None
        )
        after = Budget(moment=there, skew_s=skew_s, windows=windows, blocked_until=blocked_until)
        return replace(after, blocked_until=after._end(there)) if status == 429 else after

    def _there(self, now: datetime) -> datetime:
        """What Strava's clock shows."""
        return now + timedelta(seconds=self.skew_s)

    def _at(self, there: datetime) -> Windows:
        """The windows at a moment of Strava's clock: what was used in those that are over counts no
        more.
        """
        is_over = [
            int(there.timestamp()) // s > int(self.moment.timestamp()) // s
            for s in (_QUARTER_S, _DAY_S)
        ]
        if there < self.moment - timedelta(
            days=1
        ):  # what was known was known by a clock that was wrong
            is_over = [True, True]
        return {
            kind: (
                replace(quarter, used=0) if is_over[0] else quarter,
                replace(day, used=0) if is_over[1] else day,
            )
            for kind, (quarter, day) in self.windows.items()
        }

    def to_json(self) -> str:
        """As ``sync_state`` keeps it."""
        windows = {kind: [[w.limit, w.used] for w in pair] for kind, pair in self.windows.items()}
        body = {"moment": self.moment.isoformat(), "skew_s": self.skew_s, "windows": windows}
        return json.dumps(
            body | {"blocked_until": self.blocked_until and self.blocked_until.isoformat()}
        )

    @classmethod
    def from_json(cls, text: str | None) -> Budget:
        """What ``to_json`` gave; a new budget for ``None``."""
        if text is None:
            return cls()
        body = json.loads(text)
        windows = {
            kind: (
                Window(limit=pair[0][0], used=pair[0][1]),
                Window(limit=pair[1][0], used=pair[1][1]),
            )
            for kind, pair in body["windows"].items()
        }
        blocked = body["blocked_until"]
        return cls(
            moment=datetime.fromisoformat(body["moment"]),
            skew_s=body["skew_s"],
            windows=windows,
            blocked_until=datetime.fromisoformat(blocked) if blocked else None,
        )


def _one_more(window: Window) -> Window:
    return replace(window, used=window.used + 1)


def _told(limit: str | None, usage: str | None) -> tuple[Window, Window] | None:
    """Quarter hour and day as a pair of headers tells them."""
    limits, used = _pair(limit), _pair(usage)
    if limits is None or used is None:
        return None
    return Window(limit=limits[0], used=used[0]), Window(limit=limits[1], used=used[1])


def _pair(value: str | None) -> tuple[int, int] | None:
    parts = [part.strip() for part in (value or "").split(",")]
    if len(parts) != 2 or not all(part.isdecimal() for part in parts):
        return None
    return int(parts[0]), int(parts[1])


def _date(value: str | None, now: datetime, skew_s: float) -> datetime:
    """Strava's clock by an answer's Date, else as far off as last time."""
    try:
        read = parsedate_to_datetime(value) if value else None
    except ValueError:
        read = None
    if read is None or read.tzinfo is None:
        return now + timedelta(seconds=skew_s)
    return read.astimezone(UTC)
