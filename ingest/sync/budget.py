"""Strava's rate limit headers in; how many requests may be sent now, and when the next ones, out. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

#: Where ``sync_state`` keeps it.
BUDGET: Final = "api_budget"
_QUARTER_S: Final = 900
_DAY_S: Final = 86_400
#: What a new API app may do, until the first answer says otherwise: requests per quarter hour and per UTC day.
_DEFAULTS: Final = {"overall": (200, 2_000), "read": (100, 1_000)}
_HEADERS: Final = {"overall": "X-RateLimit", "read": "X-ReadRateLimit"}
#: Clocks that differ by less are the time an answer takes.
_SAME_TIME_S: Final = 5.0


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
    return {kind: (Window(limit=quarter), Window(limit=day)) for kind, (quarter, day) in _DEFAULTS.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What is known of the limits of an API app. Strava's clock decides when its windows end, not ours."""

    #: When the last answer came, by Strava's clock.
    moment: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    #: Strava's clock less ours.
    skew_s: float = 0.0
    #: Kind of request -> its quarter hour and its day.
    windows: Windows = field(default_factory=_new_windows)

    def left(self, now: datetime) -> int:
        """How many requests may be sent before one of the windows ends, at ``now`` by our clock."""
        return min(window.left for pair in self._current(now).values() for window in pair)

    def left_today(self, now: datetime) -> int:
        """How many requests may be sent until midnight UTC."""
        return max(0, min(day.left for _, day in self._current(now).values()))

    @property
    def per_day(self) -> int:
        """How many requests a whole day allows."""
        return max(1, min(replace(day, used=0).left for _, day in self.windows.values()))

    def resume_at(self, now: datetime) -> datetime:
        """When the next request may be sent, by our clock, in whole seconds."""
        if self.left(now) > 0:
            return now
        there = now + timedelta(seconds=self.skew_s)
        is_day_over = any(day.left <= 0 for _, day in self._current(now).values())
        length = _DAY_S if is_day_over else _QUARTER_S
        end = (int(there.timestamp()) // length + 1) * length
        # One second later, so that no rounding calls it the old window.
        return datetime.fromtimestamp(int(end - self.skew_s) + 1, UTC)

    def after(self, status: int | None, headers: Mapping[str, str], now: datetime) -> Budget:
        """The budget after one more request, by what its answer says (``None``: none came)."""
        there = _date(headers.get("Date"), now, self.skew_s)
        skew_s = (there - now).total_seconds()
        # Without headers, and where Strava sends a mere comma, we count ourselves.
        counted = {kind: tuple(map(_one_more, pair)) for kind, pair in self._at(there).items()}
        told = {
            kind: _told(headers.get(f"{name}-Limit"), headers.get(f"{name}-Usage")) for kind, name in _HEADERS.items()
        }
        windows: dict[str, tuple[Window, Window]] = {}
        for kind, (quarter, day) in counted.items():
            windows[kind] = told[kind] or (quarter, day)
        after = Budget(moment=there, skew_s=skew_s if abs(skew_s) > _SAME_TIME_S else 0.0, windows=windows)
        return after._exhausted() if status == 429 and after.left(now) > 0 else after

    def _exhausted(self) -> Budget:
        """A refusal is believed, whatever the counters say: this quarter hour is over."""
        quarter, day = self.windows["read"]
        return replace(self, windows={**self.windows, "read": (replace(quarter, used=quarter.limit), day)})

    def _current(self, now: datetime) -> Windows:
        return self._at(now + timedelta(seconds=self.skew_s))

    def _at(self, there: datetime) -> Windows:
        """The windows at a moment of Strava's clock: what was used in those that are over counts no more."""
        is_same = [int(there.timestamp()) // s == int(self.moment.timestamp()) // s for s in (_QUARTER_S, _DAY_S)]
        return {
            kind: (
                quarter if is_same[0] else replace(quarter, used=0),
                day if is_same[1] else replace(day, used=0),
            )
            for kind, (quarter, day) in self.windows.items()
        }

    def to_json(self) -> str:
        """As ``sync_state`` keeps it."""
        windows = {kind: [[w.limit, w.used] for w in pair] for kind, pair in self.windows.items()}
        return json.dumps({"moment": self.moment.isoformat(), "skew_s": self.skew_s, "windows": windows})

    @classmethod
    def from_json(cls, text: str | None) -> Budget:
        """What ``to_json`` gave; a new budget for ``None``."""
        if text is None:
            return cls()
        body = json.loads(text)
        windows = {
            kind: (Window(limit=pair[0][0], used=pair[0][1]), Window(limit=pair[1][0], used=pair[1][1]))
            for kind, pair in body["windows"].items()
        }
        return cls(moment=datetime.fromisoformat(body["moment"]), skew_s=body["skew_s"], windows=windows)


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
