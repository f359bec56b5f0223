"""Draws the frame of a plot: scales, grid lines, ticks and titles of axes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from exporters.report.scales import Scale, tick_digits
from exporters.report.svg import group, label, line, polyline, tag
from exporters.report.units import number

Words = Callable[[float], str]

_TOP: Final = 24.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """A drawing's size; narrow ones are for phones."""

    width: float
    height: float

    @property
    def is_narrow(self) -> bool:
        """Whether there is little room for ticks."""
        return self.width < 450


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The rectangle that marks are drawn in, and the scales of both axes."""

    x: Scale
    y: Scale

    def x_axis(self, at: Sequence[float], words: Words, title: str = "") -> Markup:
        """Ticks and labels below; labels that would stick out are aligned with the frame's end."""
        marks = [
            line(self.x(v), self.y.start, self.x(v), self.y.start + 4, class_="tick") for v in at
        ]
        marks += [
            label(self.x(v), self.y.start + 17, words(v), text_anchor=_anchor(self.x(v), self.x))
            for v in at
        ]
        marks.append(line(self.x.start, self.y.start, self.x.end, self.y.start, class_="axis"))
        if title:
            middle = (self.x.start + self.x.end) / 2
            marks.append(
                label(middle, self.y.start + 35, title, text_anchor="middle", class_="axis-title")
            )
        return group(marks, class_="x-axis")

    def y_axis(self, at: Sequence[float], words: Words, title: str = "") -> Markup:
        """Grid lines and labels on the left; the title stands above them, where it is upright."""
        marks = [line(self.x.start, self.y(v), self.x.end, self.y(v), class_="grid") for v in at]
        marks += [label(self.x.start - 7, self.y(v) + 4, words(v), text_anchor="end") for v in at]
        if title:
            marks.append(label(2, 12, title, class_="axis-title"))
        return group(marks, class_="y-axis")

    def x_grid(self, at: Sequence[float]) -> Markup:
        """Vertical grid lines."""
        return group(
            (line(self.x(v), self.y.start, self.x(v), self.y.end, class_="grid") for v in at),
            class_="x-grid",
        )


def frame(
    size: Size,
    x: tuple[float, float],
    y: tuple[float, float],
    *,
    left: float = 46,
    right: float = 12,
    bottom: float = 42,
    log_x: bool = False,
    log_y: bool = False,
) -> Frame:
    """The frame of a drawing, from the ends of both axes and the margins.

    Above it there is room for the title of the y axis.
    """
    across = Scale(low=x[0], high=x[1], start=left, end=size.width - right, is_log=log_x)
    up = Scale(low=y[0], high=y[1], start=size.height - bottom, end=_TOP, is_log=log_y)
    return Frame(x=across, y=up)


def tick_numbers(at: Sequence[float]) -> Words:
    """How to write these ticks: as numbers with the decimals that their step needs."""
    digits = tick_digits(at)
    return lambda value: number(value, digits)


def curve(points: Sequence[tuple[float, float]], name: str) -> Markup:
    """A line through points in coordinates of the drawing."""

    return tag(
        "path", d=polyline(points), class_=f"curve {name}", vector_effect="non-scaling-stroke"
    )


def _anchor(place: float, scale: Scale) -> str:
    if place > scale.end - 10:
        return "end"
    return "middle"
