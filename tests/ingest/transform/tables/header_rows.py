"""Headers and whole files of activities.csv, made from the languages' words and the known sequences
of columns.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

from ingest.transform.tables.languages import EN, Language
from ingest.transform.tables.versions import NEWEST, sequences

#: What older exports call what they have no words for.
HORTON = {
    "type": "type",
    "start_time": "start_time",
    "jump_count": "jump_count",
    "total_grit": "total_grit",
    "average_flow": "avg_flow",
    "flagged": "flagged",
    "average_elapsed_speed": "avg_elapsed_speed",
    "dirt_distance": "dirt_distance",
    "newly_explored_distance": "newly_explored_distance",
    "newly_explored_dirt_distance": "newly_explored_dirt_distance",
    "sport_type": "sport_type",
    "total_steps": "total_steps",
}
_KEY = "translation missing: en-GB.lib.export.portability_exporter.activities.horton_values."


def missing(column: str) -> str:
    """The label of a column that Strava had no word for, late 2020."""
    return _KEY + HORTON[column]


def spanned(column: str) -> str:
    """The same in 2021 to 2023."""
    words = HORTON[column].replace("_", " ").title()
    return f'<span class="translation_missing" title="{missing(column)}">{words}</span>'


def columns_of(count: int = len(NEWEST), variant: int = 0) -> tuple[str, ...]:
    """The columns of a known header, by name; the newest unless told otherwise."""
    return tuple(column or "?" for column in sequences(count)[variant])


def labels(columns: Sequence[str], language: Language = EN) -> list[str]:
    """The header in a language; English for what the language has no word for yet."""
    return [(language.labels.get(column) or EN.labels[column])[0] for column in columns]


def csv_bytes(rows: Iterable[Sequence[str]]) -> bytes:
    """A CSV as Strava writes it."""
    out = io.StringIO()
    # A lone \r is quoted only if the line end holds one.
    csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(rows)
    return out.getvalue().encode()


def activities_csv(
    *rows: Mapping[str, str],
    count: int = len(NEWEST),
    language: Language = EN,
    header: Sequence[str] = (),
) -> bytes:
    """activities.csv with these cells, by column; ``<column>_2`` is the second of that name.
    Unnamed id and date are filled in.
    """
    columns = columns_of(count)
    slots = [f"{name}_2" if name in columns[:index] else name for index, name in enumerate(columns)]
    given: dict[str, str] = {"activity_date": "2024-05-01 06:00:00"}
    lines = [
        [{"activity_id": str(number), **given, **row}.get(slot, "") for slot in slots]
        for number, row in enumerate(rows, 1)
    ]
    return csv_bytes([header or labels(columns, language), *lines])
