"""Draws how long splits are, and says which of them count as whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from markupsafe import Markup

from exporters.report.frame import Frame, Size, frame, tick_numbers
from exporters.report.rows import SplitPoint
from exporters.report.scales import ticks
from exporters.report.section import Key, Plot, plot
from exporters.report.slope import RunSplit
from exporters.report.svg import drawing, rect, said
from exporters.report.units import Units, number

#: Shares of the unit between which a split counts as whole: 950 to 1050 m of a kilometre.
LOW: Final = 0.95
HIGH: Final = 1.05
#: Width of the histogram's bins as a share of the unit: 50 m of a kilometre.
_BIN: Final = 0.05
#: Number of bins; longer splits go into the last one.
_LAST_BIN: Final = 25


def window(units: Units) -> str:
    """The lengths of a whole split."""
    return "950 and 1050 m" if units.is_metric else "0.95 and 1.05 mi"


def whole_splits(splits: Sequence[SplitPoint], units: Units) -> list[RunSplit]:
    """The whole splits whose climb and time are known."""
    return [
        RunSplit(
            activity_id=one.activity_id,
            distance_m=one.distance_m,
            rise_m=one.rise_m,
            seconds=one.seconds,
        )
        for one in splits
        if LOW <= one.distance_m / units.metres <= HIGH and one.rise_m is not None and one.seconds
    ]


def length_histogram(splits: Sequence[SplitPoint], units: Units) -> Plot:
    """The plot of lengths."""
    keys = (Key(name="bar-in", words="counted"), Key(name="bar-out", words="left out"))
    note = (
        f"Splits between {window(units)} long are counted; the shorter ones are the ends of runs."
    )
    return plot(
        lambda size: _bins(size, splits, units),
        height=330,
        title="Length of splits",
        keys=keys,
        note=note,
    )


def _bins(size: Size, splits: Sequence[SplitPoint], units: Units) -> Markup:
    """Draw counts on a log axis: nearly all splits are whole, and other bars would be too thin."""
    counts = Counter(
        min(int(one.distance_m / units.metres / _BIN + 1e-6), _LAST_BIN) for one in splits
    )
    top = 10 ** len(str(max(counts.values())))
    end = max(1.1, (max(counts) + 1) * _BIN)
    base = frame(size, (0, end), (0.7, top), log_y=True, left=52)
    band = (base.x(LOW), base.x(HIGH))
    marks = [
        rect(band[0], base.y.end, band[1] - band[0], base.y.start - base.y.end, class_="window")
    ]
    marks += [base.y_axis([10**n for n in range(len(str(top)))], number, "splits (log scale)")]
    marks += [_bar(base, place, counts[place], units) for place in sorted(counts)]
    names = ticks(0, end, 0.2 if not size.is_narrow else 0.25)
    per = 1000.0 if units.is_metric else 1.0
    words = tick_numbers([share * per for share in names])
    axis = base.x_axis(names, lambda v: words(v * per), f"length ({_unit(units)})")
    return drawing(
        size.width, size.height, [*marks, axis], "Bars of how many splits have which length"
    )


def _bar(base: Frame, place: int, count: int, units: Units) -> Markup:
    low, high = place * _BIN, (place + 1) * _BIN
    is_in = LOW <= (low + high) / 2 <= HIGH
    words = f"{_length(low, units)} to {_length(high, units)} {_unit(units)}: {number(count)}"
    x, width = base.x(low), base.x(high) - base.x(low)
    top = base.y(count)
    return rect(
        x + 0.5,
        top,
        width - 1,
        base.y.start - top,
        said(words),
        class_="bar-in" if is_in else "bar-out",
    )


def _unit(units: Units) -> str:
    return "m" if units.is_metric else "mi"


def _length(share: float, units: Units) -> str:
    return number(share * 1000) if units.is_metric else number(share, 2)
