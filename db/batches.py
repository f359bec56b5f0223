"""Groups many items, because a statement or the memory takes only so many at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, TypeVar

T = TypeVar("T")

#: Default number of items in a chunk; old SQLite builds take 999 parameters.
_AT_ONCE: Final = 500


def chunks(items: Sequence[T], size: int = _AT_ONCE) -> Iterator[Sequence[T]]:
    """The items in their order, at most ``size`` at a time; nothing for none."""
    return (items[at : at + size] for at in range(0, len(items), size))


def batches(
    items: Iterable[T], size_of: Callable[[T], int], enough: int, most: int | None = None
) -> Iterator[list[T]]:
    """The items in their order; a batch ends with the item by which its sizes add up to ``enough``,
    or with the ``most``-th.
    """
    batch: list[T] = []
    size = 0
    for item in items:
        batch.append(item)
        size += size_of(item)
        if size >= enough or len(batch) == most:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
