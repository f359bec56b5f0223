"""Makes SVG elements; escapes every text, so that no title can become markup."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

from markupsafe import Markup, escape

Point = tuple[float, float]


def tag(name: str, *children: str, **attributes: object) -> Markup:
    """Make an element.

    ``None`` leaves an attribute out, ``class_`` becomes ``class``, and other underscores become
    hyphens, as in ``text_anchor``.
    """
    words = [
        f' {key.rstrip("_").replace("_", "-")}="{escape(_text(value))}"'
        for key, value in attributes.items()
        if value is not None
    ]
    inside = "".join(escape(child) for child in children)
    return Markup(
        f"<{name}{''.join(words)}>{inside}</{name}>" if inside else f"<{name}{''.join(words)}/>"
    )


def group(marks: Iterable[str], **attributes: object) -> Markup:
    """Group elements."""
    return tag("g", *marks, **attributes)


def drawing(
    width: float, height: float, marks: Iterable[str], label: str, **attributes: object
) -> Markup:
    """Make a whole drawing, with a description for those who do not see it.

    It has no namespace, since HTML does not need one.
    """
    box = f"0 0 {coordinate(width)} {coordinate(height)}"
    return tag("svg", *marks, viewBox=box, role="img", aria_label=label, **attributes)


def said(text: str) -> Markup:
    """The text that a mark shows when it is pointed at."""
    return tag("title", text)


def rect(
    x: float, y: float, width: float, height: float, *children: str, **attributes: object
) -> Markup:
    """A bar; one that would be invisibly thin becomes a hairline."""
    return tag(
        "rect", *children, x=x, y=y, width=max(width, 0.5), height=max(height, 0.5), **attributes
    )


def label(x: float, y: float, words: str, **attributes: object) -> Markup:
    """A label."""
    return tag("text", words, x=x, y=y, **attributes)


def line(x1: float, y1: float, x2: float, y2: float, **attributes: object) -> Markup:
    """A straight line."""
    return tag("line", x1=x1, y1=y1, x2=x2, y2=y2, **attributes)


def polyline(points: Sequence[Point]) -> str:
    """The ``d`` of a path along the points.

    Relative steps of a tenth of a pixel are half as long as absolute places.
    """
    places = [(round(x * 10), round(y * 10)) for x, y in points]
    if not places:
        return ""
    steps = (f"{_tenths(x - w)} {_tenths(y - z)}" for (w, z), (x, y) in pairwise(places))
    (x, y), rest = places[0], " ".join(steps)
    return f"M{_tenths(x)} {_tenths(y)}" + (f"l{rest}" if rest else "")


def stairs(points: Sequence[Point]) -> str:
    """The ``d`` of a path in stairs: across to the next place, then up."""
    places = [(round(x * 10), round(y * 10)) for x, y in points]
    steps = (f"h{_tenths(x - w)}v{_tenths(y - z)}" for (w, z), (x, y) in pairwise(places))
    return f"M{_tenths(places[0][0])} {_tenths(places[0][1])}{''.join(steps)}"


def dots(points: Iterable[Point], grid: float) -> dict[int, str]:
    """The ``d`` of paths of dots on a grid, by how many dots a place has: 1 one, 2 few, 3 many.

    What is seen of the dots are their round line caps.
    """
    counts = Counter((round(x / grid) * grid, round(y / grid) * grid) for x, y in points)
    paths: dict[int, str] = {}
    for (x, y), count in counts.items():
        level = 1 + (count > 1) + (count > 3)
        paths[level] = paths.get(level, "") + f"M{coordinate(x)} {coordinate(y)}h0"
    return paths


def grid_dots(points: Sequence[Point], grid: float) -> Markup:
    """Dots on a grid, stronger where there are several."""
    paths = dots(points, grid)
    marks = (tag("path", d=paths[level], class_=f"d{level}") for level in sorted(paths))
    return group(marks, class_="dots", data_count=len(points))


def coordinate(value: float) -> str:
    """A coordinate as text, to a tenth of a pixel."""
    return f"{value:.1f}".removesuffix(".0").replace("-0", "0" if abs(value) < 0.05 else "-0")


def _text(value: object) -> str:
    return coordinate(value) if isinstance(value, float) else str(value)


def _tenths(value: int) -> str:
    return coordinate(value / 10)
