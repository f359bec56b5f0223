"""Draws the pace of whole splits against their elevation change.

It also decides which splits count as whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np
from markupsafe import Markup

from exporters.report.data import Data, GradeFactor, SplitPoint
from exporters.report.frame import Frame, Size, frame
from exporters.report.grade_curves import Floats, flat_pace, grade_curve
from exporters.report.scales import around, paces, quantile, ticks
from exporters.report.section import Key, Plot, Section, plot
from exporters.report.svg import dots, drawing, group, label, line, rect, said, tag
from exporters.report.units import Units, number, pace

#: Shares of the unit between which a split counts as whole: 950 to 1050 m of a kilometre.
LOW: Final = 0.95
HIGH: Final = 1.05
#: Width of the histogram's bins as a share of the unit: 50 m of a kilometre.
_BIN: Final = 0.05
#: Number of bins; longer splits go into the last one.
_LAST_BIN: Final = 25
_BANDS: Final = 9
_FEWEST: Final = 3
#: Dots stand on a grid of so many pixels; more of them than this would only cover each other.
_FINE: Final = 0.5
_COARSE: Final = 3.0
_MANY: Final = 1500

#: Elevation change in m or ft, and minutes per km or mi.
Pair = tuple[float, float]


def section(data: Data) -> Section:
    """Make the section of scatter plot and histogram."""
    units = data.units
    title, key = (
        f"Pace against elevation change per {'kilometre' if units.is_metric else 'mile'}",
        "split-pace",
    )
    if not data.splits:
        return Section(
            key=key,
            title=title,
            is_wide=True,
            empty="No run has splits: they are made from device files or come from the API.",
        )
    pairs = whole_splits(data.splits, units)
    lead = (
        f"{number(len(pairs))} of {number(len(data.splits))} splits of runs are between "
        f"{window(units)} long and have a climb and a time; lower is faster."
    )
    plots = (
        *((_scatter(pairs, data.grade_factors, units),) if pairs else ()),
        _histogram(data.splits, units),
    )
    return Section(key=key, title=title, lead=lead, is_wide=True, plots=plots)


def window(units: Units) -> str:
    """The lengths of a whole split."""
    return "950 and 1050 m" if units.is_metric else "0.95 and 1.05 mi"


def whole_splits(splits: Sequence[SplitPoint], units: Units) -> list[Pair]:
    """Elevation change and pace of each whole split."""
    return [
        (units.from_m(one.rise_m), units.pace(one.distance_m, one.seconds))
        for one in splits
        if LOW <= one.distance_m / units.metres <= HIGH and one.rise_m is not None and one.seconds
    ]


def _scatter(pairs: Sequence[Pair], factors: Sequence[GradeFactor], units: Units) -> Plot:
    keys = [
        Key(name="dot", words="split (strong: several)"),
        Key(name="mean", words="mean of a band"),
    ]
    keys += [Key(name="fit", words="straight line through all")] if len(pairs) >= _FEWEST else []
    keys += [Key(name="c2", words="fitted curve (predict)")] if factors else []
    note = _slope(pairs, units)
    return plot(
        lambda size: _draw(size, pairs, factors, units),
        height=330,
        title="Pace and climb",
        keys=keys,
        note=note,
    )


def _draw(
    size: Size, pairs: Sequence[Pair], factors: Sequence[GradeFactor], units: Units
) -> Markup:
    rises, minutes = sorted(rise for rise, _ in pairs), sorted(minute for _, minute in pairs)
    low, high, across = around(
        quantile(rises, 0.002), quantile(rises, 0.998), 4 if size.is_narrow else 7
    )
    fast, slow, up = paces(quantile(minutes, 0.002), quantile(minutes, 0.99), 6)
    base = frame(size, (low, high), (fast, slow))
    inside = [
        (base.x(rise), base.y(at)) for rise, at in pairs if base.x.holds(rise) and base.y.holds(at)
    ]
    outside = len(pairs) - len(inside)
    marks = [base.x_grid(across), base.y_axis(up, pace, f"min/{units.distance}")]
    paths = dots(inside, _COARSE if len(inside) > _MANY else _FINE)
    marks += [
        group(
            (tag("path", d=paths[n], class_=f"d{n}") for n in sorted(paths)),
            class_="dots",
            data_count=len(inside),
        )
    ]
    marks += [
        base.x_axis(across, number, f"elevation change per {units.distance} ({units.height})")
    ]
    marks += [*_fit(base, pairs), *_curve(base, pairs, factors, units), _means(base, pairs, units)]
    if outside:
        marks.append(
            label(
                base.x.end,
                12,
                f"{number(outside)} outside the frame",
                text_anchor="end",
                class_="aside",
            )
        )
    return drawing(
        size.width, size.height, marks, "Dots of pace against elevation change, one per split"
    )


def _line(pairs: Sequence[Pair]) -> tuple[float, float] | None:
    """Slope and intercept by least squares; ``None`` for too few points."""
    rises = np.array([rise for rise, _ in pairs])
    if len(pairs) < _FEWEST or np.ptp(rises) < 1:
        return None
    slope, start = np.polyfit(rises, np.array([at for _, at in pairs]), 1)
    return float(slope), float(start)


def _slope(pairs: Sequence[Pair], units: Units) -> str:
    found = _line(pairs)
    if not found:
        return ""
    climb = 10 if units.is_metric else 30
    seconds = found[0] * climb * 60
    word = "slower" if seconds >= 0 else "faster"
    return (
        f"{climb} {units.height} more climb: {number(abs(seconds))} s/{units.distance} {word}. "
        f"On the flat: {pace(found[1])} min/{units.distance}."
    )


def _fit(base: Frame, pairs: Sequence[Pair]) -> list[Markup]:
    found = _line(pairs)
    if not found:
        return []
    slope, start = found
    ends = [(x, start + slope * x) for x in np.linspace(base.x.low, base.x.high, 200).tolist()]
    inside = [(x, y) for x, y in ends if base.y.holds(y)]
    if len(inside) < 2:
        return []
    (x1, y1), (x2, y2) = inside[0], inside[-1]
    return [line(base.x(x1), base.y(y1), base.x(x2), base.y(y2), class_="fit")]


def _curve(
    base: Frame, pairs: Sequence[Pair], factors: Sequence[GradeFactor], units: Units
) -> list[Markup]:
    """The fitted curve, at such a height that it goes through the middle of the dots."""
    if not factors:
        return []
    grades = np.array([one.grade_pct for one in factors]) / 100 * units.from_m(units.metres)
    costs = np.array([one.factor for one in factors])
    rises, minutes = np.array(pairs).T

    def cost(rises: Floats) -> Floats:
        found: Floats = np.interp(rises, grades, costs)
        return found

    flat = flat_pace(rises, minutes, cost)
    return [grade_curve(base, flat, cost, "c2", grades[0], grades[-1])]


def _means(base: Frame, pairs: Sequence[Pair], units: Units) -> Markup:
    """One mark per band of elevation change that has some splits."""
    width = (base.x.high - base.x.low) / _BANDS
    marks = []
    for band in range(_BANDS):
        low = base.x.low + band * width
        some = [at for rise, at in pairs if low <= rise < low + width]
        mean = sum(some) / len(some) if some else 0.0
        if len(some) < _FEWEST or not base.y.holds(mean):
            continue
        words = (
            f"{number(low)} to {number(low + width)} {units.height}: {pace(mean)} "
            f"min/{units.distance}, mean of {number(len(some))} splits"
        )
        marks.append(tag("circle", said(words), cx=base.x(low + width / 2), cy=base.y(mean), r=5))
    return group(marks, class_="means")


def _histogram(splits: Sequence[SplitPoint], units: Units) -> Plot:
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
    axis = base.x_axis(
        names, lambda v: _length(v, units), "length (m)" if units.is_metric else "length (mi)"
    )
    return drawing(
        size.width, size.height, [*marks, axis], "Bars of how many splits have which length"
    )


def _bar(base: Frame, place: int, count: int, units: Units) -> Markup:
    low, high = place * _BIN, (place + 1) * _BIN
    is_in = LOW <= (low + high) / 2 <= HIGH
    words = (
        f"{_length(low, units)} to {_length(high, units)} {'m' if units.is_metric else 'mi'}: "
        f"{number(count)}"
    )
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


def _length(share: float, units: Units) -> str:
    return number(share * 1000) if units.is_metric else f"{share:.2g}"
