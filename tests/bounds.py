"""How much memory and time a test allows."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager

MIB = 1024 * 1024


@contextmanager
def bounded(mib: float, seconds: float = 5) -> Iterator[None]:
    """No more than so much memory at a time, and so much time."""
    begun = time.monotonic()
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < mib * MIB
    finally:
        tracemalloc.stop()
    assert time.monotonic() - begun < seconds
