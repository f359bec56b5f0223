"""Draws the mileage of gear as horizontal bars; retired gear is grey."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from exporters.report.data import Data
from exporters.report.frame import Size
from exporters.report.rows import GearItem
from exporters.report.section import Key, Section, plot
from exporters.report.svg import drawing, group, label, rect, said
from exporters.report.units import number

_ROW: Final = 40
_MOST: Final = 15
#: Characters of a name that fit above its bar in the narrow drawing.
_NAME: Final = 34


@dataclass(frozen=True, slots=True, kw_only=True)
class _Use:
    gear: GearItem
    distance: float
    count: int

    @property
    def kind(self) -> str:
        """The class that colours it."""
        return "retired" if self.gear.is_retired else "bike" if self.gear.kind == "bike" else "shoe"


_WORDS: Final = {"bike": "bike", "shoe": "shoes", "retired": "retired"}


def section(data: Data) -> Section | None:
    """The most used; ``None`` without any, as for swimmers."""
    title, key = f"Gear ({data.units.distance})", "gear"
    uses = _uses(data)
    if not uses:
        return None
    kinds = [kind for kind in _WORDS if any(use.kind == kind for use in uses)]
    keys = [Key(name=f"g-{kind}", words=_WORDS[kind]) for kind in kinds]
    drawn = plot(lambda size: _draw(size, uses, data.units.distance), height=0, keys=keys)
    lead = f"The {_MOST} most used." if len(uses) == _MOST else ""
    return Section(key=key, title=title, lead=lead, plots=(drawn,))


def _uses(data: Data) -> list[_Use]:
    sums: defaultdict[int, list[float]] = defaultdict(list)
    for fact in data.facts:
        if fact.gear_id is not None:
            sums[fact.gear_id].append(data.units.from_km(fact.distance_km))
    uses = [
        _Use(gear=gear, distance=sum(sums[gear.gear_id]), count=len(sums[gear.gear_id]))
        for gear in data.gear
        if gear.gear_id in sums
    ]
    return sorted(uses, key=lambda use: (-use.distance, use.gear.gear_id))[:_MOST]


def _draw(size: Size, uses: Sequence[_Use], unit: str) -> Markup:
    """Draw the bars; names stand above them, so that long ones fit on a phone, too."""
    longest = max(use.distance for use in uses) or 1.0
    marks = []
    for row, use in enumerate(uses):
        y, width = row * _ROW, use.distance / longest * (size.width - 4)
        words = (
            f"{use.gear.name}: {number(use.distance, 1)} {unit} in {number(use.count)} activities"
        )
        name = use.gear.name if len(use.gear.name) <= _NAME else f"{use.gear.name[: _NAME - 1]}…"
        marks.append(label(2, y + 13, name))
        marks.append(
            label(
                size.width - 2,
                y + 13,
                f"{number(use.distance)} {unit}",
                text_anchor="end",
                class_="strong",
            )
        )
        marks.append(rect(2, y + 19, size.width - 4, 10, class_="trough", rx=3))
        marks.append(
            group([rect(2, y + 19, width, 10, said(words), rx=3)], class_=f"g-{use.kind} bars")
        )
    return drawing(
        size.width,
        len(uses) * _ROW,
        marks,
        f"Bars of the distance of each bike and pair of shoes in {unit}",
    )
