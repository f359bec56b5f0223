"""Reads the filters of the activities page from its address, and writes addresses with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

#: Columns that the table can be sorted by.
SORTS: Final = ("date", "name", "sport", "distance", "time", "climb", "heartrate", "power")
#: Rows of a page of the table.
PER_PAGE: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What is chosen, in the units of the page; what cannot be read of an address is left out."""

    text: str = ""
    sport: str = ""
    since: date | None = None
    until: date | None = None
    #: Distances in the athlete's unit.
    least: float | None = None
    most: float | None = None
    gear: int | None = None
    #: Time zone of the start, as a place.
    place: str = ""
    has_power: bool = False
    has_heartrate: bool = False
    sort: str = "date"
    is_ascending: bool = False
    number: int = 1

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Filters:
        """The filters of an address."""
        sort = query.get("sort", "date")
        return cls(
            text=query.get("q", "").strip(),
            sport=query.get("sport", "").strip(),
            since=_day(query.get("since")),
            until=_day(query.get("until")),
            least=_number(query.get("least")),
            most=_number(query.get("most")),
            gear=_whole(query.get("gear")),
            place=query.get("place", "").strip(),
            has_power="power" in query,
            has_heartrate="heartrate" in query,
            sort=sort.removeprefix("-") if sort.removeprefix("-") in SORTS else "date",
            is_ascending="sort" in query and not sort.startswith("-"),
            number=max(1, _whole(query.get("page")) or 1),
        )

    def address(self, path: str = "/activities", **changes: Any) -> str:
        """The address with these filters."""
        query = urlencode(list(replace(self, **changes)._query()))
        return f"{path}?{query}" if query else path

    def sorted_by(self, column: str) -> str:
        """The address of the table sorted by a column, the other way round if it is already."""
        is_ascending = self.sort == column and not self.is_ascending
        return self.address(sort=column, is_ascending=is_ascending, number=1)

    def _query(self) -> Iterator[tuple[str, str]]:
        for name, value in (
            ("q", self.text),
            ("sport", self.sport),
            ("since", self.since),
            ("until", self.until),
            ("least", _text(self.least)),
            ("most", _text(self.most)),
            ("gear", self.gear),
            ("place", self.place),
        ):
            if value not in ("", None):
                yield name, str(value)
        yield from ((name, "1") for name, is_on in self._marks() if is_on)
        if (self.sort, self.is_ascending) != ("date", False):
            yield "sort", self.sort if self.is_ascending else f"-{self.sort}"
        if self.number > 1:
            yield "page", str(self.number)

    def _marks(self) -> tuple[tuple[str, bool], ...]:
        return ("power", self.has_power), ("heartrate", self.has_heartrate)


def _text(value: float | None) -> str | None:
    """A number with all its digits, so that an address chooses what the page has shown."""
    return None if value is None else repr(value).removesuffix(".0")


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if 0 <= value < 1e9 else None


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 10 else None
