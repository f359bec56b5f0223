"""Splits many items into chunks, because a statement takes only so many parameters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, TypeVar

T = TypeVar("T")

#: Default number of items in a chunk; old SQLite builds take 999 parameters.
_AT_ONCE: Final = 500


def chunks(items: Sequence[T], size: int = _AT_ONCE) -> Iterator[Sequence[T]]:
    """The items in their order, at most ``size`` at a time; nothing for none."""
    return (items[at : at + size] for at in range(0, len(items), size))
