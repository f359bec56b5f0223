"""Draws the pace of whole splits of runs against their elevation change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from markupsafe import Markup

from exporters.report.data import Data
from exporters.report.frame import Frame, Size, frame, tick_numbers
from exporters.report.grade_curves import Floats, flat_pace, grade_curve
from exporters.report.rows import GradeFactor
from exporters.report.scales import around, paces, quantile
from exporters.report.section import Key, Plot, Section, plot
from exporters.report.sections.split_lengths import length_histogram, whole_splits, window
from exporters.report.slope import PaceSlope, pace_slope
from exporters.report.svg import drawing, grid_dots, group, label, line, said, tag
from exporters.report.units import Units, number, pace

_BANDS: Final = 9
_FEWEST: Final = 3
#: Dots stand on a grid of so many pixels; more of them than this would only cover each other.
_FINE: Final = 0.5
_COARSE: Final = 3.0
_MANY: Final = 1500

#: Elevation change in m or ft, and minutes per km or mi.
Pair = tuple[float, float]


def section(data: Data) -> Section | None:
    """Make the section of scatter plot and histogram, for those to whom running matters."""
    if not data.matters("run"):
        return None
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
    whole = whole_splits(data.splits, units)
    pairs = [(units.from_m(one.rise_m), units.pace(one.distance_m, one.seconds)) for one in whole]
    lead = (
        f"{number(len(pairs))} of {number(len(data.splits))} splits of runs are between "
        f"{window(units)} long and have a climb and a time; lower is faster."
    )
    plots = (
        *((_scatter(pairs, pace_slope(whole), data.grade_factors, units),) if pairs else ()),
        length_histogram(data.splits, units),
    )
    return Section(key=key, title=title, lead=lead, is_wide=True, plots=plots)


def _scatter(
    pairs: Sequence[Pair],
    found: PaceSlope | None,
    factors: Sequence[GradeFactor],
    units: Units,
) -> Plot:
    keys = [
        Key(name="dot", words="split (strong: several)"),
        Key(name="mean", words="mean of a band"),
    ]
    keys += [Key(name="fit", words="straight line through all")] if found else []
    keys += [Key(name="c2", words="fitted curve (predict)")] if factors else []
    return plot(
        lambda size: _draw(size, pairs, found, factors, units),
        height=330,
        title="Pace and climb",
        keys=keys,
        note=_words(found, units) if found else "",
    )


def _draw(
    size: Size,
    pairs: Sequence[Pair],
    found: PaceSlope | None,
    factors: Sequence[GradeFactor],
    units: Units,
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
    marks.append(grid_dots(inside, _COARSE if len(inside) > _MANY else _FINE))
    marks += [
        base.x_axis(
            across, tick_numbers(across), f"elevation change per {units.distance} ({units.height})"
        )
    ]
    marks += [
        *_fit(base, found, units),
        *_curve(base, pairs, factors, units),
        _means(base, pairs, units),
    ]
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


def _words(found: PaceSlope, units: Units) -> str:
    """What a little more climb costs, to the second; the unit of distance does not change it."""
    climb = 10 if units.is_metric else 30
    more = found.slope * climb / units.from_m(1.0)
    error = found.standard_error * climb / units.from_m(1.0)
    return (
        f"{climb} {units.height} more climb: {number(more)} s/{units.distance} slower (standard "
        f"error {number(error, 1)} s). "
        f"On the flat: {pace(found.flat * units.metres / 60)} min/{units.distance}."
    )


def _fit(base: Frame, found: PaceSlope | None, units: Units) -> list[Markup]:
    if not found:
        return []
    rises = np.linspace(base.x.low, base.x.high, 200)
    grades = rises / units.from_m(units.metres)
    minutes = (found.flat + found.slope * grades) * units.metres / 60
    inside = [
        (x, y) for x, y in zip(rises.tolist(), minutes.tolist(), strict=True) if base.y.holds(y)
    ]
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
