"""Computes from Strava's rate limit headers how many requests may be sent, and when.

The functions are pure: the caller gives the time and keeps the budget.
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
    """Requests of one kind in one period: how many are allowed, and how many were made."""

    limit: int
    used: int = 0

    @property
    def left(self) -> int:
        """Requests that may still be sent; one is kept back for other users of the same app."""
        return max(self.limit - 1, 1) - self.used if self.limit else 0


Windows = Mapping[str, tuple[Window, Window]]


def _new_windows() -> Windows:
    return {
        kind: (Window(limit=quarter), Window(limit=day))
        for kind, (quarter, day) in _DEFAULTS.items()
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What is known of the limits of an API app.

    Its windows end by Strava's clock, not by ours.
    """

    #: When the last answer came, by Strava's clock.
    moment: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    #: Seconds that Strava's clock is ahead of ours.
    skew_s: float = 0.0
    #: Windows by kind of request: its quarter hour and its day.
    windows: Windows = field(default_factory=_new_windows)
    #: Moment on Strava's clock until which a refusal counts, whatever the counters say.
    blocked_until: datetime | None = None
    #: Requests of this quarter hour, by any run, that are allowed and not answered yet. One whose
    #: run was killed is never answered: it ends with the quarter.
    pending: int = 0

    def left(self, now: datetime) -> int:
        """How many requests may be sent before one of the windows ends; ``now`` is by our clock."""
        strava_time = self._strava_time(now)
        # A refusal ends with its day at the latest. One that seems to last longer was noted by a
        # wrong clock.
        if (
            self.blocked_until is not None
            and strava_time < self.blocked_until <= strava_time + timedelta(seconds=_DAY_S)
        ):
            return 0
        left = min(window.left for pair in self._at(strava_time).values() for window in pair)
        return left - self._pending_at(strava_time)

    def left_today(self, now: datetime) -> int:
        """How many requests may be sent until midnight UTC."""
        return max(0, min(day.left for _, day in self._at(self._strava_time(now)).values()))

    @property
    def per_day(self) -> int:
        """How many requests a whole day allows."""
        return max(1, min(replace(day, used=0).left for _, day in self.windows.values()))

    def resume_at(self, now: datetime) -> datetime:
        """When the next request may be sent, by our clock, in whole seconds."""
        if self.left(now) > 0:
            return now
        # One second more, so that rounding cannot give a moment in the old window.
        return datetime.fromtimestamp(
            int(self._end(self._strava_time(now)).timestamp() - self.skew_s) + 1, UTC
        )

    def _end(self, strava_time: datetime) -> datetime:
        """When the window that is used up ends, by Strava's clock."""
        is_day_over = any(day.left <= 0 for _, day in self._at(strava_time).values())
        length = _DAY_S if is_day_over else _QUARTER_S
        return datetime.fromtimestamp((int(strava_time.timestamp()) // length + 1) * length, UTC)

    def allowed(self, now: datetime) -> Budget:
        """The budget with one more request under way, which other runs must count, too."""
        strava_time = self._strava_time(now)
        windows, pending = self._at(strava_time), self._pending_at(strava_time) + 1
        return replace(self, moment=strava_time, windows=windows, pending=pending)

    def after(self, status: int | None, headers: Mapping[str, str], now: datetime) -> Budget:
        """The budget after one more request and its answer (no answer: ``status`` is ``None``)."""
        strava_time = _date(headers.get("Date"), now, self.skew_s)
        # Counted here for answers without the headers, or with only a comma in them.
        windows = {
            kind: (_one_more(quarter), _one_more(day))
            for kind, (quarter, day) in self._at(strava_time).items()
        }
        for kind, name in _HEADERS.items():
            told = _told(headers.get(f"{name}-Limit"), headers.get(f"{name}-Usage"))
            windows[kind] = told or windows[kind]
        skew_s = (strava_time - now).total_seconds()
        blocked_until = (
            self.blocked_until
            if self.blocked_until is not None and strava_time < self.blocked_until
            else None
        )
        after = Budget(
            moment=strava_time,
            skew_s=skew_s,
            windows=windows,
            blocked_until=blocked_until,
            pending=max(0, self._pending_at(strava_time) - 1),
        )
        return replace(after, blocked_until=after._end(strava_time)) if status == 429 else after

    def _strava_time(self, now: datetime) -> datetime:
        """What Strava's clock shows."""
        return now + timedelta(seconds=self.skew_s)

    def _at(self, strava_time: datetime) -> Windows:
        """The windows at a moment of Strava's clock.

        Windows that have ended since the last answer count no requests any more.
        """
        is_quarter_over, is_day_over = (self._is_over(strava_time, s) for s in (_QUARTER_S, _DAY_S))
        return {
            kind: (
                replace(quarter, used=0) if is_quarter_over else quarter,
                replace(day, used=0) if is_day_over else day,
            )
            for kind, (quarter, day) in self.windows.items()
        }

    def _pending_at(self, strava_time: datetime) -> int:
        return 0 if self._is_over(strava_time, _QUARTER_S) else self.pending

    def _is_over(self, strava_time: datetime, length: int) -> bool:
        """Whether the window in which this was noted has ended, or a wrong clock noted it."""
        windows = (int(at.timestamp()) // length for at in (strava_time, self.moment))
        return next(windows) > next(windows) or strava_time < self.moment - timedelta(days=1)

    def to_json(self) -> str:
        """The budget as ``sync_state`` keeps it."""
        windows = {kind: [[w.limit, w.used] for w in pair] for kind, pair in self.windows.items()}
        body = {"moment": self.moment.isoformat(), "skew_s": self.skew_s, "windows": windows}
        body["pending"] = self.pending
        return json.dumps(
            body | {"blocked_until": self.blocked_until and self.blocked_until.isoformat()}
        )

    @classmethod
    def from_json(cls, text: str | None) -> Budget:
        """The budget from ``to_json``'s text; a new one for ``None``."""
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
            pending=body.get("pending", 0),  # an earlier version did not count them
        )


def _one_more(window: Window) -> Window:
    return replace(window, used=window.used + 1)


def _told(limit: str | None, usage: str | None) -> tuple[Window, Window] | None:
    """The windows of quarter hour and day that a pair of headers tells."""
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
    """The time of Strava's clock from an answer's Date; without it, by the last known skew."""
    try:
        read = parsedate_to_datetime(value) if value else None
    except ValueError:
        read = None
    if read is None or read.tzinfo is None:
        return now + timedelta(seconds=skew_s)
    return read.astimezone(UTC)
