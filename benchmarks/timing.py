"""Times short work: the best of some passes, which other programs disturb least."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

_PASSES: Final = 5


def best_ms(work: Callable[[], object]) -> float:
    """Milliseconds of the best pass; the first one fills the server's cache and does not count."""
    work()
    taken = []
    for _ in range(_PASSES):
        began = time.perf_counter()
        work()
        taken.append((time.perf_counter() - began) * 1000)
    return min(taken)
