"""Reads a FIT file as a ``Recording``, even if parts of it are damaged.

It reads every record, lap, session and pool length, as columns.

``fit_stream`` finds the messages; ``fit_columns`` and ``fit_values`` read fields of them.
``fit_points``, ``fit_efforts``, ``fit_sets`` and ``fit_device`` know what the messages mean.
``fit_same_time``, ``fit_heartrate`` and ``fit_swim`` complete the points from other messages. All
sessions of a multisport file are kept; ``recording_fields`` chooses among them when the activity is
known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import numpy as np

from ingest.errors import NoSamples, TooLarge
from ingest.transform.parsers.clocks import NOTHING_KNOWN, Expected
from ingest.transform.parsers.fit_device import read_device
from ingest.transform.parsers.fit_efforts import (
    read_laps,
    read_lengths,
    read_sessions,
    within_sessions,
)
from ingest.transform.parsers.fit_figures import read_figures
from ingest.transform.parsers.fit_heartrate import with_heartrate
from ingest.transform.parsers.fit_points import read_points
from ingest.transform.parsers.fit_profile import FIT_EPOCH, message_number
from ingest.transform.parsers.fit_same_time import merged
from ingest.transform.parsers.fit_sets import read_sets
from ingest.transform.parsers.fit_stream import Stream, read_stream
from ingest.transform.parsers.fit_swim import with_pool_distance
from ingest.transform.parsers.fit_values import FewMessages, as_date
from ingest.transform.parsers.limits import MAX_ABOUT, MAX_DEVELOPER_FIELDS, MAX_FIT_SIZE, MAX_LAPS
from ingest.transform.records import FloatArray, LapRow, LengthRow, Recording, SessionRow

#: Largest number of messages of each kind, besides records.
_MOST: Final[Mapping[str, int]] = {
    **dict.fromkeys(("lap", "session", "length"), MAX_LAPS),
    **dict.fromkeys(("file_id", "file_creator", "device_info", "activity", "sport"), MAX_ABOUT),
    **dict.fromkeys(("timestamp_correlation", "hr", "set", "event"), MAX_ABOUT),
    "field_description": MAX_DEVELOPER_FIELDS,
}
_QUARTER_HOUR: Final = 900
_WIDEST_OFFSET: Final = 15 * 3600
#: Seconds by which the two clocks of one message differ in real files.
_DRIFT: Final = 60


def parse(data: bytes, origin: str, expected: Expected = NOTHING_KNOWN) -> Recording:
    """Read a FIT file, whole or damaged; ``expected`` helps to find times that are wrong.

    If the device had no clock, times count from when it was switched on; the recording is then
    marked ``naive_time``.

    Raises:
        CorruptFile: the file does not begin with a FIT header.
        NoSamples: it holds no record with a time, no lap, session or length (it is a course, the
            device's settings, a workout ...).
        TooLarge: it holds more than any device writes.
    """
    if len(data) > MAX_FIT_SIZE:
        raise TooLarge(
            origin, f"has more than the limit of {MAX_FIT_SIZE >> 20} MiB for a FIT file"
        )
    stream = read_stream(data, origin)
    _check_counts(stream, origin)
    with np.errstate(all="ignore"):  # damaged bytes can be any float
        recording = _recording(stream, expected)
    if not (
        recording.points
        or recording.laps
        or recording.sessions
        or recording.lengths
        or recording.sets
    ):
        raise NoSamples(
            origin, stream.partial or "it is a FIT file without records, laps or sessions"
        )
    return recording


def _check_counts(stream: Stream, origin: str) -> None:
    for name, most in _MOST.items():
        count = sum(len(group.offsets) for group in stream.of(message_number(name)))
        if count > most:
            raise TooLarge(
                origin,
                f"has {count:,} FIT messages of kind {name}, more than the limit of {most:,}",
            )


def _recording(stream: Stream, expected: Expected) -> Recording:
    device, sessions = read_device(stream), read_sessions(stream)
    laps, wrong_laps = within_sessions(read_laps(stream), sessions, "lap")
    lengths, wrong_lengths = within_sessions(read_lengths(stream), sessions, "pool length")
    moments, columns, wrong_clock = _points(stream, expected, sessions, lengths)
    first = float(moments[0]) if len(moments) else None
    start = as_date(first) or _start(stream, sessions, laps)
    naive = first is not None and start is None
    return Recording(
        format="fit",
        start_time_utc=datetime.fromtimestamp(FIT_EPOCH + first, UTC)
        if naive and first is not None
        else start,
        points={"elapsed_s": moments - first, **columns} if first is not None else {},
        laps=laps,
        sessions=sessions,
        lengths=lengths,
        sets=read_sets(stream),
        figures=read_figures(stream, first, columns.get("altitude_m"), sessions, laps),
        device=device,
        sport=_sport(stream, sessions),
        utc_offset_s=_utc_offset(stream, device.manufacturer),
        partial="; ".join(filter(None, (stream.partial, wrong_clock))) or None,
        corrections=(*wrong_laps, *wrong_lengths),
        naive_time=naive,
    )


def _points(
    stream: Stream, expected: Expected, sessions: Sequence[SessionRow], lengths: Sequence[LengthRow]
) -> tuple[FloatArray, dict[str, FloatArray], str | None]:
    """FIT times and columns of the points, and a sentence about those that a wrong clock cost.

    The points come from records and are completed from other messages.
    """
    moments, columns, wrong = read_points(stream, expected)
    moments, columns = merged(moments, columns)
    columns = with_heartrate(stream, moments, columns)
    if lengths:
        moments, columns = with_pool_distance(moments, columns, sessions, lengths)
    return moments, columns, wrong


def _start(
    stream: Stream, sessions: tuple[SessionRow, ...], laps: tuple[LapRow, ...]
) -> datetime | None:
    """The start, where no record has a time."""
    efforts = [row.start_time_utc for row in (*sessions, *laps)]
    return next(
        (
            date
            for date in (*efforts, *FewMessages(stream, "file_id").dates("time_created"))
            if date is not None
        ),
        None,
    )


def _sport(stream: Stream, sessions: tuple[SessionRow, ...]) -> str | None:
    words = [*(session.sport for session in sessions), *FewMessages(stream, "sport").words("sport")]
    return next((word for word in words if word is not None), None)


def _utc_offset(stream: Stream, maker: str | None) -> int | None:
    """Local wall time minus UTC, from a message that holds both.

    ``None`` without such a message, or if the difference is not the offset of any time zone.
    """
    for name in ("activity", "timestamp_correlation"):
        clocks = FewMessages(stream, name)
        for local, utc in zip(
            clocks.values("local_timestamp"), clocks.values("timestamp"), strict=True
        ):
            offset = (
                None
                if local is None or utc is None or as_date(utc) is None
                else _sane_offset(local - utc)
            )
            # COROS writes UTC as local time everywhere, so an offset of zero is believed only of
            # Garmin.
            if offset is not None and (offset or maker == "garmin"):
                return offset
    return None


def _sane_offset(seconds: float) -> int | None:
    offset = round(seconds / _QUARTER_HOUR) * _QUARTER_HOUR
    return offset if abs(offset) <= _WIDEST_OFFSET and abs(seconds - offset) <= _DRIFT else None
