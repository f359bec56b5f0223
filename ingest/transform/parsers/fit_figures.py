"""Reads what a FIT file says beside its points: timer, climb and pauses.

They come from event, device_info, session and lap messages; derived figures depend on them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from ingest.transform.parsers.fit_columns import Messages, times
from ingest.transform.parsers.fit_profile import profile_word
from ingest.transform.parsers.fit_stream import Stream
from ingest.transform.parsers.fit_values import FewMessages
from ingest.transform.records import DeviceFigures, EffortRow, FloatArray, LapRow, SessionRow

#: Number of the timer's events.
_TIMER: Final = 0
#: Device type of a barometer, of a device_info whose source is local.
_BAROMETER: Final = 4
#: Largest step in metres that shows a barometer, and the share of such steps: barometers tell
#: altitude in steps of 0.2 m, GPS wanders by metres.
_FINE_M: Final = 0.45
_MOSTLY: Final = 0.9


def read_figures(
    stream: Stream,
    first: float | None,
    altitude: FloatArray | None,
    sessions: Sequence[SessionRow],
    laps: Sequence[LapRow],
) -> DeviceFigures:
    """Timer, climb and pauses of a file.

    ``first`` is the FIT time that ``elapsed_s`` counts from.
    """
    efforts: Sequence[EffortRow] = sessions or laps
    timers = [session.timer_time_s for session in sessions]
    return DeviceFigures(
        timer_time_s=_sum(timers),
        ascent_m=_sum([row.total_elevation_gain_m for row in efforts]),
        descent_m=_sum([row.elevation_loss_m for row in efforts]),
        is_barometric=None if altitude is None else _is_fine(altitude) or _has_barometer(stream),
        pauses=() if first is None else tuple(_pauses(stream, first)),
    )


def _sum(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if values and len(known) == len(values) else None


def _pauses(stream: Stream, first: float) -> Iterator[tuple[float, float]]:
    """Pauses: the times from a stop of the timer to the next start."""
    events = Messages(stream, "event")
    kinds, types = events.numbers("event"), events.numbers("event_type")
    if kinds is None or types is None:
        return
    moments = times(stream, events)
    stopped: float | None = None
    for place in np.flatnonzero((kinds == _TIMER) & ~np.isnan(moments)).tolist():
        kind, moment = (
            profile_word("event_type", int(types[place])) if types[place] >= 0 else "",
            float(moments[place]),
        )
        if kind.startswith("stop"):
            stopped = moment if stopped is None else stopped
        elif kind == "start" and stopped is not None:
            if moment > stopped:
                yield stopped - first, moment - first
            stopped = None


def _has_barometer(stream: Stream) -> bool:
    infos = FewMessages(stream, "device_info")
    local = [source == "local" for source in infos.words("source_type")]
    return any(
        own and kind == _BAROMETER
        for own, kind in zip(local, infos.values("device_type"), strict=True)
    )


def _is_fine(altitude: FloatArray) -> bool:
    """Whether the altitude mostly changes in the small steps of a barometer."""
    steps = np.abs(np.diff(altitude[~np.isnan(altitude)]))
    steps = steps[steps > 0]
    return bool(len(steps) and np.mean(steps <= _FINE_M) >= _MOSTLY)
