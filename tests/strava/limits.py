"""Rate limits of one app: counters per quarter of an hour and per UTC day, and the headers that
tell of them.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Final

from tests.strava.clock import Clock

_WINDOW_S: Final = 900
_DAY_S: Final = 86_400


@dataclass(slots=True)
class _Counter:
    """Requests of the current quarter and of the current day;
    a request over the limit counts as well.
    """

    limits: tuple[int, int]
    window: int = -1
    day: int = -1
    in_window: int = 0
    in_day: int = 0

    def add(self, count: int, epoch: float) -> None:
        window, day = int(epoch // _WINDOW_S), int(epoch // _DAY_S)
        self.in_window = count + (self.in_window if window == self.window else 0)
        self.in_day = count + (self.in_day if day == self.day else 0)
        self.window, self.day = window, day

    @property
    def exceeded(self) -> bool:
        return self.in_window > self.limits[0] or self.in_day > self.limits[1]

    def headers(self, name: str) -> dict[str, str]:
        return {
            f"X-{name}-Limit": f"{self.limits[0]},{self.limits[1]}",
            f"X-{name}-Usage": f"{self.in_window},{self.in_day}",
        }


class Limits:
    """``read`` and ``overall``: requests in 15 minutes, requests in a day."""

    def __init__(
        self, read: tuple[int, int] = (100, 1000), overall: tuple[int, int] = (200, 2000)
    ) -> None:
        self._read = _Counter(read)
        self._overall = _Counter(overall)
        self._lock = threading.Lock()
        self._clock = Clock()

    def use_clock(self, clock: Clock) -> None:
        """Count by this clock from now on."""
        self._clock = clock

    def count(self, *, is_read: bool) -> tuple[bool, dict[str, str]]:
        """Count one request: whether it may pass, and its headers. The k-th passes if usage with it
        is within the limit.
        """
        with self._lock:
            self._add(1, is_read=is_read)
            exceeded = self._overall.exceeded or (is_read and self._read.exceeded)
            headers = self._overall.headers("RateLimit") | self._read.headers("ReadRateLimit")
        if not is_read:
            headers["X-ReadRateLimit-Usage"] = ","
        return not exceeded, headers

    def use_elsewhere(self, count: int, *, is_read: bool = True) -> None:
        """Another program of the same app spends so many requests."""
        with self._lock:
            self._add(count, is_read=is_read)

    def reset(self) -> None:
        """Forget all that was counted."""
        with self._lock:
            self._read, self._overall = _Counter(self._read.limits), _Counter(self._overall.limits)

    @property
    def usage(self) -> dict[str, tuple[int, int]]:
        """``read`` and ``overall``, of this quarter and this day."""
        with self._lock:
            self._add(0, is_read=True)
            return {
                "read": (self._read.in_window, self._read.in_day),
                "overall": (self._overall.in_window, self._overall.in_day),
            }

    def _add(self, count: int, *, is_read: bool) -> None:
        epoch = self._clock.epoch()
        self._overall.add(count, epoch)
        self._read.add(count if is_read else 0, epoch)
