"""Reads heart-rate and power zones from the answer of ``/athlete/zones``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from ingest.transform.api_json.values import json_number, mapping, mappings
from ingest.transform.detail_records import ZoneRow

#: The API's name -> ours.
_TYPES: Final = {"heart_rate": "heartrate", "power": "power"}


def zones(raw: Any) -> Iterator[ZoneRow]:
    """Zones counted from 1; the last has no upper bound, for which the API writes -1."""
    for name, zone_type in _TYPES.items():
        for index, zone in enumerate(mappings(mapping(mapping(raw).get(name)).get("zones")), 1):
            lower, upper = json_number(zone.get("min")), json_number(zone.get("max"))
            is_open = upper is None or upper < 0
            yield ZoneRow(
                zone_type=zone_type,
                zone_index=index,
                lower_bound=lower,
                upper_bound=None if is_open else upper,
            )
