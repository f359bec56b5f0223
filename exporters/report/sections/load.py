"""Draws fitness, fatigue and form over the last 365 days."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from markupsafe import Markup

from exporters.report.data import Data, is_ended
from exporters.report.frame import Size, curve, frame, tick_numbers
from exporters.report.rows import LoadDay
from exporters.report.scales import around
from exporters.report.section import Key, Section, plot
from exporters.report.svg import drawing, line, polyline, said, tag
from exporters.report.units import day, number

_DAYS: Final = 365
_KEYS: Final = (
    Key(name="ctl", words="fitness (CTL, 42 days)"),
    Key(name="atl", words="fatigue (ATL, 7 days)"),
    Key(name="tsb", words="form (TSB)"),
)


def section(data: Data) -> Section:
    """Make the section of CTL, ATL and TSB."""
    title, key = "Training load", "load"
    days = _last_year(data.loads)
    if len(days) < 2:
        why = (
            "No activity has Strava's training load or relative effort, which need heart rate "
            "or power."
        )
        return Section(key=key, title=title, is_wide=True, empty=why)
    drawn = plot(lambda size: _draw(size, days), is_wide=True, height=290, keys=_KEYS)
    source = days[-1].source.replace("_", " ")
    lead = (
        f"From Strava's {source}, the {len(days)} days up to {day(days[-1].date)}.{data.everything}"
    )
    return Section(key=key, title=title, lead=lead, is_wide=True, plots=(drawn,))


def _last_year(loads: Sequence[LoadDay]) -> Sequence[LoadDay]:
    """The last 365 days; of an account that has ended, those up to its last activity."""
    last = max((place for place, one in enumerate(loads) if one.activity_count), default=-1)
    if last >= 0 and is_ended(loads[last].date, loads[-1].date):
        loads = loads[: last + 1]
    return loads[-_DAYS:]


def _draw(size: Size, days: Sequence[LoadDay]) -> Markup:
    values = [value for one in days for value in (one.ctl, one.atl, one.tsb)]
    low, high, up = around(min(0.0, *values), max(values))
    base = frame(size, (0, len(days) - 1), (low, high), left=40, bottom=26)
    places = [(base.x(i), one) for i, one in enumerate(days)]
    form = [(x, base.y(one.tsb)) for x, one in places]
    area = f"{polyline([(base.x(0), base.y(0)), *form, (base.x(len(days) - 1), base.y(0))])}Z"
    lines = [
        tag("path", d=area, class_="area tsb"),
        curve([(x, base.y(one.atl)) for x, one in places], "atl"),
        curve([(x, base.y(one.ctl)) for x, one in places], "ctl"),
    ]
    firsts = [i for i, one in enumerate(days) if one.date.day == 1 and i < len(days) - 8][
        :: 3 if size.is_narrow else 1
    ]
    axis = base.x_axis(firsts, lambda v: f"{days[int(v)].date:%b}")
    zero = line(base.x.start, base.y(0), base.x.end, base.y(0), class_="axis")
    marks = [
        base.y_axis(up, tick_numbers(up), "load per day"),
        axis,
        *lines,
        zero,
        *_readings(places, base.y.start, base.y.end),
    ]
    return drawing(size.width, size.height, marks, "Lines of fitness, fatigue and form by day")


def _readings(places: Sequence[tuple[float, LoadDay]], bottom: float, top: float) -> list[Markup]:
    """Invisible strips, one per week, that show the values when pointed at."""
    width = (places[-1][0] - places[0][0]) / (len(places) - 1) * 7
    return [
        tag(
            "rect",
            said(_words(one)),
            x=x - width / 2,
            y=top,
            width=width,
            height=bottom - top,
            class_="unseen",
        )
        for x, one in places[3::7]
    ]


def _words(one: LoadDay) -> str:
    return (
        f"{day(one.date)}: fitness {number(one.ctl)}, fatigue {number(one.atl)}, form "
        f"{number(one.tsb)}"
    )
