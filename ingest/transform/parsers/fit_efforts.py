"""Reads the lap, session and length messages of a FIT file as rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from math import inf
from typing import Any, Final, TypeVar

from ingest.transform.parsers.fit_stream import Stream
from ingest.transform.parsers.fit_values import FewMessages
from ingest.transform.records import LapRow, LengthRow, SessionRow

E = TypeVar("E", LapRow, LengthRow)

#: Seconds by which rounding can make a part of a session longer than the session.
_ROUNDING_S: Final = 2.0
#: Column of a row -> fields of the message; the first one with a value counts.
_TOTALS: Final[Mapping[str, tuple[str, ...]]] = {
    "elapsed_time_s": ("total_elapsed_time",),
    "moving_time_s": ("total_moving_time", "total_timer_time"),
    "distance_m": ("total_distance",),
    "average_speed_mps": ("enhanced_avg_speed", "avg_speed"),
    "max_speed_mps": ("enhanced_max_speed", "max_speed"),
    "average_heartrate_bpm": ("avg_heart_rate",),
    "max_heartrate_bpm": ("max_heart_rate",),
    "average_cadence_rpm": ("avg_cadence",),
    "max_cadence_rpm": ("max_cadence",),
    "average_power_w": ("avg_power",),
    "max_power_w": ("max_power",),
    "total_elevation_gain_m": ("total_ascent",),
    "elevation_loss_m": ("total_descent",),
    "calories_kcal": ("total_calories",),
    "average_temperature_c": ("avg_temperature",),
}
_LENGTH_TOTALS: Final[Mapping[str, tuple[str, ...]]] = {
    "elapsed_time_s": ("total_elapsed_time",),
    "moving_time_s": ("total_timer_time",),
    "average_speed_mps": ("avg_speed",),
    "average_cadence_rpm": ("avg_swimming_cadence",),
}


def read_laps(stream: Stream) -> tuple[LapRow, ...]:
    """The laps in file order."""
    laps = FewMessages(stream, "lap")
    columns = _effort(laps) | {
        "trigger": laps.words("lap_trigger"),
        "intensity": laps.words("intensity"),
    }
    return tuple(LapRow(lap_index=i, **row) for i, row in enumerate(_rows(columns)))


def read_sessions(stream: Stream) -> tuple[SessionRow, ...]:
    """The sessions in file order."""
    sessions = FewMessages(stream, "session")
    columns = _effort(sessions) | {
        "sport": sessions.words("sport"),
        "sub_sport": sessions.words("sub_sport"),
        "timer_time_s": sessions.values("total_timer_time"),
        "pool_length_m": sessions.values("pool_length"),
        "num_laps": sessions.integers("num_laps"),
        "first_lap_index": sessions.integers("first_lap_index"),
    }
    return tuple(SessionRow(session_index=i, **row) for i, row in enumerate(_rows(columns)))


def read_lengths(stream: Stream) -> tuple[LengthRow, ...]:
    """The pool lengths in file order."""
    lengths = FewMessages(stream, "length")
    if not lengths.count:
        return ()
    columns = _totals(lengths, _LENGTH_TOTALS) | {
        "start_time_utc": lengths.dates("start_time"),
        "is_active": [
            None if kind is None else kind == "active" for kind in lengths.words("length_type")
        ],
        "stroke": lengths.words("swim_stroke"),
        "total_strokes": lengths.integers("total_strokes"),
    }
    return tuple(LengthRow(length_index=i, **row) for i, row in enumerate(_rows(columns)))


def within_sessions(
    rows: tuple[E, ...], sessions: Sequence[SessionRow], what: str
) -> tuple[tuple[E, ...], tuple[str, ...]]:
    """Laps or lengths without times longer than their session, and a sentence about each such time.

    A watch whose clock was set back writes a negative time, which reads as 131,066 s.
    """
    shortest = min((s.elapsed_time_s for s in sessions if s.elapsed_time_s), default=inf)
    if all(
        (row.elapsed_time_s or 0.0) <= shortest and (row.moving_time_s or 0.0) <= shortest
        for row in rows
    ):
        return rows, ()
    kept, wrong = [], []
    for number, row in enumerate(rows, start=1):
        longest = _longest(row.start_time_utc, sessions)
        long = {
            name: value
            for name in ("elapsed_time_s", "moving_time_s")
            if (value := getattr(row, name)) is not None and value > longest
        }
        unknown: dict[str, Any] = dict.fromkeys(long)
        kept.append(replace(row, **unknown) if long else row)
        if long:
            said = max(long.values())
            wrong.append(
                f"{what} {number} lasts {said:,.0f} s, longer than its session: its duration is "
                "unknown"
            )
    return tuple(kept), tuple(wrong)


def _longest(start: datetime | None, sessions: Sequence[SessionRow]) -> float:
    """Seconds that a part of the session around ``start`` can last at most."""
    known = [s for s in sessions if s.elapsed_time_s]
    own = [s for s in known if start and s.start_time_utc and s.start_time_utc <= start]
    if own:
        known = [max(own, key=lambda s: s.start_time_utc or datetime.min)]
    return max((s.elapsed_time_s + _ROUNDING_S for s in known if s.elapsed_time_s), default=inf)


def _effort(messages: FewMessages) -> dict[str, list[Any]]:
    """The columns that laps and sessions share."""
    positions = {}
    for end in ("start", "end"):
        columns = messages.positions(f"{end}_position_lat", f"{end}_position_long")
        positions[f"{end}_latitude"], positions[f"{end}_longitude"] = columns
    return _totals(messages, _TOTALS) | positions | {"start_time_utc": messages.dates("start_time")}


def _totals(messages: FewMessages, fields: Mapping[str, tuple[str, ...]]) -> dict[str, list[Any]]:
    return {column: messages.first_of(*names) for column, names in fields.items()}


def _rows(columns: Mapping[str, list[Any]]) -> Iterator[dict[str, Any]]:
    for values in zip(*columns.values(), strict=True):
        yield dict(zip(columns, values, strict=True))
