"""Maps values to places on a drawing, and chooses round ticks between two values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_STEPS: Final = (1.0, 2.0, 2.5, 5.0, 10.0)
_MOST_DIGITS: Final = 6
#: Steps between ticks of a pace, in minutes: 5 s to 10 min; longer ones are as of other numbers.
_PACE_STEPS: Final = (1 / 12, 1 / 6, 1 / 4, 1 / 2, 1.0, 2.0, 5.0, 10.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """A scale that maps ``low`` to ``start`` and ``high`` to ``end``."""

    low: float
    high: float
    start: float
    end: float
    is_log: bool = False

    def __call__(self, value: float) -> float:
        """The place of a value."""
        low, high, at = (
            (math.log(v) for v in (self.low, self.high, value))
            if self.is_log
            else (self.low, self.high, value)
        )
        return self.start + (at - low) / ((high - low) or 1.0) * (self.end - self.start)

    def holds(self, value: float) -> bool:
        """Whether a value lies on the scale."""
        return self.low <= value <= self.high


def round_step(span: float, count: int, steps: Sequence[float] = ()) -> float:
    """The smallest round step with which at most ``count`` fit into ``span``."""
    raw = span / max(count, 1)
    if raw <= 0:
        return 1.0
    size = 10.0 ** math.floor(math.log10(raw))
    choices = [*steps, *(size * step for step in _STEPS)]
    return next(step for step in choices if step >= raw * (1 - 1e-9))


def ticks(low: float, high: float, step: float) -> list[float]:
    """The multiples of ``step`` from ``low`` to ``high``."""
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [at * step for at in range(first, last + 1)]


def tick_digits(at: Sequence[float]) -> int:
    """The decimals that tell ticks apart and are true of each: 2 for 0, 0.25, 0.5."""
    near = 1e-6 * max((abs(one - at[0]) for one in at), default=0.0)
    return next(
        (
            digits
            for digits in range(_MOST_DIGITS)
            if all(abs(v - round(v, digits)) <= near for v in at)
        ),
        _MOST_DIGITS,
    )


def axis_from_zero(highest: float, count: int = 5) -> tuple[float, list[float]]:
    """The end of an axis that begins at zero, and its ticks."""
    step = round_step(highest or 1.0, count)
    end = step * math.ceil((highest or 1.0) / step - 1e-9)
    return end, ticks(0.0, end, step)


def around(
    low: float, high: float, count: int = 5, steps: Sequence[float] = ()
) -> tuple[float, float, list[float]]:
    """Round ends of an axis that holds both values, and its ticks."""
    step = round_step((high - low) or 1.0, count, steps)
    first, last = math.floor(low / step), math.ceil(high / step)
    last += first == last
    return first * step, last * step, ticks(first * step, last * step, step)


def paces(low: float, high: float, count: int = 5) -> tuple[float, float, list[float]]:
    """Round ends and ticks for minutes per kilometre, whose steps are parts of an hour."""
    return around(low, high, count, _PACE_STEPS)


def quantile(values: Sequence[float], share: float) -> float:
    """The value that ``share`` of the sorted values lie below."""
    return values[min(len(values) - 1, max(0, round(share * (len(values) - 1))))]
