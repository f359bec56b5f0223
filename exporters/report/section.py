"""Defines the parts of a section: texts, tables, drawings, or why there is nothing to draw."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from exporters.report.frame import Size

#: Widths of drawings: a whole row, half a row, a phone.
_WIDE: Final = 1040.0
_HALF: Final = 500.0
_PHONE: Final = 350.0

Draw = Callable[[Size], Markup]


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One entry of a legend: the class that gives its colour, and the words."""

    name: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """A drawing for large and for small screens, with its legend.

    ``title`` tells it from others of its section.
    """

    large: Markup
    small: Markup
    title: str = ""
    keys: tuple[Key, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """A number, and what it counts."""

    name: str
    words: str
    value: str
    unit: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Words that lead to a page; ``href`` is empty where there is none."""

    words: str
    href: str


Cell = str | Link


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of texts under a header.

    The first column is a name; the others are numbers unless they are ``texts``.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    texts: frozenset[int] = frozenset({0})


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A small drawing in a grid of many."""

    drawing: Markup
    title: Link
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of the page.

    ``empty`` says why it has nothing to show; ``is_tabbed`` shows one plot at a time.
    """

    key: str
    title: str
    lead: str = ""
    is_wide: bool = False
    is_tabbed: bool = False
    tiles: tuple[Tile, ...] = ()
    plots: tuple[Plot, ...] = ()
    table: Table | None = None
    pictures: tuple[Picture, ...] = ()
    empty: str = ""
    keys: tuple[Key, ...] = ()


def plot(
    draw: Draw,
    *,
    is_wide: bool = False,
    height: float = 300.0,
    title: str = "",
    keys: Sequence[Key] = (),
    note: str = "",
) -> Plot:
    """Draw a plot at both sizes."""
    large = draw(Size(width=_WIDE if is_wide else _HALF, height=height))
    small = draw(Size(width=_PHONE, height=max(240.0, height * 0.85)))
    return Plot(large=large, small=small, title=title, keys=tuple(keys), note=note)
