"""Lists the sections of the report in the order of the page.

Each is a function that makes one ``Section`` of what was read.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from exporters.report.data import Data
from exporters.report.section import Section
from exporters.report.sections import (
    calendar_map,
    efforts,
    gear,
    load,
    milestones,
    power,
    routes,
    split_pace,
    totals,
    weekly,
    years,
)

SECTIONS: Final[tuple[Callable[[Data], Section], ...]] = (
    totals.section,
    weekly.section,
    years.section,
    calendar_map.section,
    milestones.section,
    gear.section,
    split_pace.section,
    efforts.section,
    power.section,
    load.section,
    routes.section,
)
