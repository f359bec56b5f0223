"""Draws the kilometres of past runs, pace against grade, and the curve that was fitted to them."""

from __future__ import annotations

from typing import Final

import numpy as np
from markupsafe import Markup

from exporters.report.frame import Size, frame, tick_numbers
from exporters.report.grade_curves import flat_pace, grade_curve
from exporters.report.scales import around, paces, quantile
from exporters.report.section import Key, Section, plot
from exporters.report.svg import dots, drawing, group, tag
from exporters.report.units import number, pace
from ingest.course.model.prediction import parts
from ingest.course.plan.planned import KnownAthlete
from ingest.transform.grade import strava_factor
from ingest.transform.records import FloatArray

#: Shares of a kilometre or mile between which a part of a run counts as whole.
_WHOLE: Final = (0.95, 1.05)
_FEWEST: Final = 10
#: Dots stand on a grid of so many pixels.
_GRID: Final = 2.0

#: Elevation change of a part in m or ft, and its minutes.
Dots = FloatArray


def history_section(known: KnownAthlete) -> Section | None:
    """The scatter of whole kilometres; ``None`` where there are too few."""
    found = parts_of(known)
    if len(found) < _FEWEST:
        return None
    units = known.units
    word = "kilometre" if units.is_metric else "mile"
    drawn = plot(
        lambda size: _draw(size, found, known),
        height=380,
        keys=(
            Key(name="dot", words=f"{word} of a run"),
            Key(name="c1", words="your curve"),
            Key(name="c2", words="published curve"),
        ),
    )
    lead = (
        f"{number(len(found))} whole {word}s of {number(len(known.history.runs))} runs; lower is "
        f"faster."
    )
    return Section(key="history", title="Your runs", lead=lead, plots=(drawn,))


def parts_of(known: KnownAthlete) -> Dots:
    """Elevation change and minutes of each whole kilometre or mile of past runs, ``(n, 2)``."""
    units, found = known.units, []
    low, high = (share * units.metres for share in _WHOLE)
    for run in known.history.runs:
        flat = run.pieces.length_m
        for part in parts(run.pieces, np.diff(run.moving_s), flat, units.metres):
            if low <= part.distance_m <= high and part.time_s > 0:
                rise = units.from_m(part.climb_m - part.descent_m)
                found.append((rise, units.pace(part.distance_m, part.time_s)))
    return np.array(found, np.float64).reshape(-1, 2)


def _draw(size: Size, found: Dots, known: KnownAthlete) -> Markup:
    units = known.units
    rises, minutes = np.sort(found[:, 0]).tolist(), np.sort(found[:, 1]).tolist()
    low, high, across = around(quantile(rises, 0.002), quantile(rises, 0.998), 6)
    fast, slow, up = paces(quantile(minutes, 0.002), quantile(minutes, 0.99), 6)
    base = frame(size, (low, high), (fast, slow))
    inside = [
        (base.x(rise), base.y(at))
        for rise, at in found.tolist()
        if base.x.holds(rise) and base.y.holds(at)
    ]
    paths = dots(inside, _GRID)
    per_unit = units.from_m(units.metres)

    def own(rises: FloatArray) -> FloatArray:
        return known.model.curve.factor(rises / per_unit)

    def published(rises: FloatArray) -> FloatArray:
        return strava_factor(rises / per_unit)

    flat = flat_pace(found[:, 0], found[:, 1], own)
    curves = [grade_curve(base, flat, published, "c2"), grade_curve(base, flat, own, "c1")]
    marks = [
        base.x_grid(across),
        base.y_axis(up, pace, f"min/{units.distance}"),
        group((tag("path", d=paths[n], class_=f"d{n}") for n in sorted(paths)), class_="dots"),
        *curves,
        base.x_axis(
            across, tick_numbers(across), f"elevation change per {units.distance} ({units.height})"
        ),
    ]
    words = "Dots of pace against elevation change, with the fitted and the published curve"
    return drawing(size.width, size.height, marks, words)
