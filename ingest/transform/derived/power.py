"""Computes the power curve of a course."""

from __future__ import annotations

from typing import Final

import numpy as np

from ingest.transform.derived.course import Course
from ingest.transform.derived.moving import sums_from_zero
from ingest.transform.detail_records import PowerPoint
from ingest.transform.records import FloatArray

#: Durations of the curve in seconds, up to five hours; denser where power curves bend.
DURATIONS_S: Final = (
    *(1, 2, 3, 5, 8, 10, 12, 15, 20, 25, 30, 40, 45),
    *(60, 75, 90, 120, 150, 180, 240, 300, 360, 420, 480, 600, 720, 900),
    *(1200, 1800, 2700, 3600, 7200, 10_800, 18_000),
)
#: Longest activity in seconds, a month and a half: longer ones are damage, and an array of their
#: seconds would fill the memory.
_LONGEST_S: Final = 4_000_000


def power_curve(course: Course) -> tuple[PowerPoint, ...]:
    """The highest mean power over each duration, up to the length of the recording of power.

    Without any power, or with zeros only, there is none. Means are over elapsed time, in whole
    seconds from the first known value. Where no value holds (``Course.held``), power counts as
    zero, as in GoldenCheetah, so a pause does not raise a mean.
    """
    power = course.sensors.get("power_w")
    if power is None or not (power > 0).any():
        return ()
    power, held = course.held(power)
    first, last = np.flatnonzero(held)[[0, -1]]
    elapsed, power, held = (column[first : last + 1] for column in (course.elapsed_s, power, held))
    if elapsed[-1] - elapsed[0] > _LONGEST_S:
        return ()
    work = _work_by_second(elapsed, power, held)
    start = float(elapsed[0])
    return tuple(_best(work, duration, start) for duration in DURATIONS_S if duration < len(work))


def _work_by_second(elapsed: FloatArray, power: FloatArray, held: FloatArray) -> FloatArray:
    """Joules done up to each whole second since the first point."""
    if (held == 1.0).all() and elapsed[-1] - elapsed[0] == len(elapsed) - 1:
        return sums_from_zero(power)
    done = np.concatenate(([0.0], np.cumsum(np.where(held > 0, power, 0.0) * held)))
    times = np.append(elapsed, elapsed[-1] + held[-1]) - elapsed[0]
    # A value may hold for less than the time to the next point. Its work is done right after its
    # own point; the rest of the gap adds none.
    gaps = np.flatnonzero(held < np.diff(times))
    times = np.insert(times, gaps + 1, times[gaps] + held[gaps])
    work: FloatArray = np.interp(
        np.arange(int(times[-1]) + 1.0), times, np.insert(done, gaps + 1, done[gaps + 1])
    )
    return work


def _best(work: FloatArray, duration: int, start: float) -> PowerPoint:
    done = work[duration:] - work[:-duration]
    at = int(done.argmax())
    return PowerPoint(
        duration_s=duration,
        power_w=round(float(done[at]) / duration, 3),
        start_elapsed_s=start + at,
    )
