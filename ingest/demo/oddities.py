"""Chooses which demo activities have a bad file, and what a later export changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Final

from ingest.demo.athlete import Plan
from ingest.demo.gear import SHOES

#: Number of activities below which a demo has no bad files.
_ENOUGH: Final = 100


class Fault(Enum):
    """What is wrong with a file."""

    ERROR = "#error#"
    TRUNCATED = "truncated"
    EMPTY = "empty"
    MISSING = "missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Oddities:
    """Faults and changes, by the index of the activity."""

    faults: dict[int, Fault] = field(default_factory=dict)
    deleted: frozenset[int] = frozenset()
    renamed: frozenset[int] = frozenset()
    regeared: frozenset[int] = frozenset()

    def applied(self, plan: Plan) -> Plan | None:
        """The plan as the later export has it; ``None`` if the activity was deleted."""
        if plan.index in self.deleted:
            return None
        if plan.index in self.renamed:
            return replace(plan, name=f"{plan.name} (renamed)")
        if plan.index in self.regeared:
            return replace(plan, gear=SHOES[-1] if plan.gear is not SHOES[-1] else SHOES[0])
        return plan


def oddities(count: int, *, later: bool, plan: Callable[[int], Plan]) -> Oddities:
    """Choose the oddities, the same for both exports; ``count`` is what the first one has."""
    faults = _faults(count, plan) if count >= _ENOUGH else {}
    if not later:
        return Oddities(faults=faults)
    plain = _search(count, (0.22, 0.41, 0.62, 0.83), lambda n: n not in faults and _worn(plan(n)))
    chosen = dict(enumerate(plain))
    return Oddities(
        faults=faults,
        deleted=frozenset({chosen[0]} if 0 in chosen else ()),
        renamed=frozenset(chosen[n] for n in (1, 2) if n in chosen),
        regeared=frozenset({chosen[3]} if 3 in chosen else ()),
    )


def _faults(count: int, plan: Callable[[int], Plan]) -> dict[int, Fault]:
    """Choose faults; the truncated file is a FIT if there is one, since much of it can be read."""
    kinds = (Fault.ERROR, Fault.TRUNCATED, Fault.EMPTY, Fault.MISSING, Fault.ERROR)
    packed = [
        n for n in range(0, count, max(1, count // 400)) if (plan(n).filename or "").endswith(".gz")
    ]
    first = [n for n in packed if plan(n).format == "fit" and plan(n).kind.sport == "Run"] or packed
    found: dict[int, Fault] = {}
    for share, fault in zip((0.12, 0.3, 0.5, 0.7, 0.9), kinds, strict=True):
        pool = [
            n
            for n in (first if fault is Fault.TRUNCATED else packed)
            if n not in found and n >= share * count
        ]
        if pool:
            found[pool[0]] = fault
    return found


def _worn(plan: Plan) -> bool:
    return plan.gear is not None and not plan.gear.is_bike and plan.filename is not None


def _search(count: int, shares: tuple[float, ...], fits: Callable[[int], bool]) -> Iterator[int]:
    """For each share of all activities, the first fitting one from there on; none twice."""
    seen: set[int] = set()
    for share in shares:
        for n in range(int(share * count), count):
            if n not in seen and fits(n):
                seen.add(n)
                yield n
                break
