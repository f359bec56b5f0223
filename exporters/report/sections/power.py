"""Draws the power curve: the highest average power over each duration, all time and lately."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from markupsafe import Markup

from exporters.report.data import Data
from exporters.report.frame import Frame, Size, curve, frame, tick_numbers
from exporters.report.rows import Peak
from exporters.report.scales import axis_from_zero
from exporters.report.section import Key, Section, plot
from exporters.report.sports import sport_name
from exporters.report.svg import drawing, group, said, tag
from exporters.report.units import day, number, short_duration

#: Days of each line; 0 for all.
_SPANS: Final = (0, 365, 90)
_TICKS: Final = (1, 5, 15, 60, 300, 1200, 3600, 18_000)
_FEW_TICKS: Final = (1, 10, 60, 600, 3600)


def section(data: Data) -> Section | None:
    """Make the section for the sport with most power data.

    Watts of runs and rides cannot be compared. That nothing has power is told to riders only.
    """
    title, key = "Power curve", "power"
    sports = Counter(
        data.by_id[one].sport_group for one in {peak.activity_id for peak in data.peaks}
    )
    if not sports and not data.matters("ride"):
        return None
    if not sports:
        return Section(
            key=key, title=title, is_wide=True, empty="No activity has power from a power meter."
        )
    sport, count = sports.most_common(1)[0]
    mine = [peak for peak in data.peaks if data.by_id[peak.activity_id].sport_group == sport]
    lines = _lines(data, mine)
    keys = [Key(name=f"c{place}", words=_span(data, _SPANS[place])) for place in lines]
    drawn = plot(lambda size: _draw(size, data, lines), height=320, is_wide=True, keys=keys)
    lead = (
        f"Highest average power over each duration: {sport_name(sport)}, {number(count)} "
        "activities with power."
    )
    return Section(key=key, title=title, is_wide=True, lead=lead, plots=(drawn,))


def _span(data: Data, days: int) -> str:
    return data.last_days(days) if days else "all time"


def _lines(data: Data, peaks: Sequence[Peak]) -> dict[int, list[Peak]]:
    """The best efforts per duration, for each time span that has any."""
    chosen = {
        place: highest_peaks(
            peak for peak in peaks if not days or data.within(peak.activity_id, days)
        )
        for place, days in enumerate(_SPANS)
    }
    return {place: some for place, some in chosen.items() if some}


def highest_peaks(peaks: Iterable[Peak]) -> list[Peak]:
    """The highest per duration, by duration."""
    found: dict[int, Peak] = {}
    for peak in peaks:
        if peak.seconds not in found or peak.watts > found[peak.seconds].watts:
            found[peak.seconds] = peak
    return [found[seconds] for seconds in sorted(found)]


def _draw(size: Size, data: Data, lines: dict[int, list[Peak]]) -> Markup:
    ever = lines[0]
    end, up = axis_from_zero(max(peak.watts for peak in ever), 6)
    base = frame(
        size, (ever[0].seconds, max(ever[-1].seconds, ever[0].seconds + 1)), (0, end), log_x=True
    )
    across = [
        seconds for seconds in (_FEW_TICKS if size.is_narrow else _TICKS) if base.x.holds(seconds)
    ]
    axis = base.x_axis(across, short_duration, "duration (log scale)")
    drawn = [_line(base, data, lines[place], f"c{place}") for place in lines]
    marks = [base.x_grid(across), base.y_axis(up, tick_numbers(up), "W"), axis, *drawn]
    return drawing(
        size.width, size.height, marks, "Lines of the highest average power over duration"
    )


def _line(base: Frame, data: Data, some: Sequence[Peak], name: str) -> Markup:
    places = [(base.x(peak.seconds), base.y(peak.watts)) for peak in some]
    marks = [
        tag("circle", said(_words(data, peak)), cx=x, cy=y, r=2.5)
        for peak, (x, y) in zip(some, places, strict=True)
    ]
    return group([curve(places, name), *marks], class_=f"points dense {name}")


def _words(data: Data, peak: Peak) -> str:
    fact = data.by_id[peak.activity_id]
    return (
        f"{short_duration(peak.seconds)}: {number(peak.watts)} W · {fact.name[:60]}, "
        f"{day(fact.local_date)}"
    )
