"""Reads the sets of a strength workout from the set messages of a FIT file."""

from __future__ import annotations

from math import isnan

from ingest.transform.parsers.fit_columns import Messages
from ingest.transform.parsers.fit_profile import known_word
from ingest.transform.parsers.fit_stream import Stream
from ingest.transform.parsers.fit_values import FewMessages
from ingest.transform.records import SetRow


def read_sets(stream: Stream) -> tuple[SetRow, ...]:
    """The sets in file order, without the rests between them."""
    sets = FewMessages(stream, "set")
    if not sets.count:
        return ()
    columns = (
        sets.words("set_type"),
        (_exercise(*both) for both in zip(*_exercises(stream), strict=True)),
        sets.integers("repetitions"),
        sets.values("duration"),
        sets.values("weight"),
        sets.dates("start_time"),
    )
    rows = [values for kind, *values in zip(*columns, strict=True) if kind != "rest"]
    names = ("exercise_name", "repetitions", "duration_s", "weight_kg", "start_time_utc")
    return tuple(
        SetRow(set_index=i, **dict(zip(names, row, strict=True))) for i, row in enumerate(rows)
    )


def _exercises(stream: Stream) -> tuple[list[int | None], list[int | None]]:
    """Category and subtype of the exercise of each set."""
    sets = Messages(stream, "set")
    return _first(sets, "category"), _first(sets, "category_subtype")


def _first(sets: Messages, name: str) -> list[int | None]:
    """The likeliest exercise, which comes first in the field that lists those the device saw."""
    elements = sets.elements(name)
    if not elements.shape[1]:
        return [None] * sets.count
    return [None if isnan(value) else int(value) for value in elements[:, 0].tolist()]


def _exercise(category: int | None, subtype: int | None) -> str | None:
    """A name like ``Barbell Bench Press``, else the kind of exercise; ``None`` without a name."""
    kind = None if category is None else known_word("exercise_category", category)
    exact = (
        None if kind is None or subtype is None else known_word(f"{kind}_exercise_name", subtype)
    )
    found = exact or (None if kind == "unknown" else kind)
    return None if found is None else found.replace("_", " ").title()
