"""The time as the simulator sees it: real time plus an offset that tests move."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime


class Clock:
    """A clock that a test may set and advance; ``frozen`` ones move in no other way."""

    def __init__(self, start: datetime | None = None, *, frozen: bool = False) -> None:
        self._lock = threading.Lock()
        self._frozen = frozen
        self._base = self._real() if start is None else _epoch(start)
        self._offset = self._base - self._real()

    def now(self) -> datetime:
        """The moment, aware, in UTC."""
        return datetime.fromtimestamp(self.epoch(), UTC)

    def epoch(self) -> float:
        """The moment in seconds since 1970."""
        with self._lock:
            return self._base if self._frozen else self._real() + self._offset

    def advance(self, seconds: float) -> None:
        """Let so much time pass at once."""
        with self._lock:
            self._base += seconds
            self._offset += seconds

    def set(self, moment: datetime) -> None:
        """Jump to a moment."""
        with self._lock:
            self._base = _epoch(moment)
            self._offset = self._base - self._real()

    @staticmethod
    def _real() -> float:
        return time.time()


def _epoch(moment: datetime) -> float:
    if moment.tzinfo is None:
        raise ValueError(f"a clock needs a zone: {moment!r}")
    return moment.timestamp()
