"""Sets speed and power of a course against heart rate: by bands of beats, and as decoupling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ingest.transform.derived.course import Course
from ingest.transform.derived.moving import RUNS, sums_from_zero
from ingest.transform.detail_records import Basis, DecouplingRow, HeartrateBandRow
from ingest.transform.grade import Pieces
from ingest.transform.records import FloatArray

#: Beats per minute of a band.
BAND_BPM: Final = 5
#: Seconds on the move from which on decoupling means something: two halves of twenty minutes.
LEAST_S: Final = 2400.0
#: Share of that time in which heart rate and power must be known.
_LEAST_KNOWN: Final = 0.9
#: Seconds over which output is averaged to see whether it was steady.
_BLOCK_S: Final = 300.0
#: Standard deviation by mean of these averages, up to which it was. Power varies more than pace: it
#: follows each slope and gust, and speed does not.
_MOST_VARIATION: Final = {"pace": 0.1, "grade_adjusted_pace": 0.1, "power": 0.15}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Steps:
    """What happens between each point and the next: ``n - 1`` values each."""

    #: Seconds on the move.
    active_s: FloatArray
    #: Metres covered in them; ``None`` where no distance is known.
    distance_m: FloatArray | None


def heartrate_bands(course: Course) -> tuple[HeartrateBandRow, ...]:
    """Time, distance and power at each band of five beats, without long rests.

    A value at a point counts until the next one (``Course.held``). Without heart rate there are no
    bands.
    """
    values = course.sensors.get("heartrate_bpm")
    if values is None:
        return ()
    beats, time = _held(course, values)
    steps = _steps(course)
    time = np.minimum(time, steps.active_s)
    band = np.where(time > 0, beats, 0.0).astype(np.intp) // BAND_BPM
    sums = {"time_s": np.bincount(band, time)}
    if steps.distance_m is not None:
        share = np.divide(time, steps.active_s, out=np.zeros_like(time), where=steps.active_s > 0)
        sums["distance_m"] = np.bincount(band, steps.distance_m * share)
    if (power := course.sensors.get("power_w")) is not None:
        watts, known = _held(course, power)
        known = np.minimum(known, time)
        sums["power_time_s"] = np.bincount(band, known)
        sums["work_j"] = np.bincount(band, np.where(known > 0, watts, 0.0) * known)
    rounded = {name: np.round(each, 3).tolist() for name, each in sums.items()}
    return tuple(
        HeartrateBandRow(
            from_bpm=at * BAND_BPM,
            below_bpm=(at + 1) * BAND_BPM,
            **{name: each[at] for name, each in rounded.items()},
        )
        for at in np.flatnonzero(np.round(sums["time_s"], 3) > 0).tolist()
    )


def decoupling(
    course: Course, sport_type: str | None, pieces: Pieces | None = None
) -> tuple[DecouplingRow, ...]:
    """By how many percent the second half gave less speed or power per beat than the first.

    There is one row, or none: for runs (``pieces`` are theirs) by pace, for other sports by power.
    An activity that is short, unsteady, or whose heart rate is often unknown has none.
    """
    values = course.sensors.get("heartrate_bpm")
    found = _output(course, sport_type, pieces)
    if values is None or found is None:
        return ()
    basis, output, known = found
    beats, held = _held(course, values)
    active = _steps(course).active_s
    time = np.minimum(np.minimum(held, known), active)
    moving = float(active.sum())
    if moving < LEAST_S or time.sum() < _LEAST_KNOWN * moving:
        return ()
    output, beats = (np.where(time > 0, each, 0.0) * time for each in (output, beats))
    begun = sums_from_zero(active)[:-1]
    variation = _variation(output, time, begun)
    if not variation <= _MOST_VARIATION[basis]:
        return ()
    half = (begun >= moving / 2).astype(np.intp)
    done, of_beats = (np.bincount(half, each, 2) for each in (output, beats))
    first, second = (done / of_beats).tolist()
    if not first > 0:
        return ()
    return (
        DecouplingRow(
            basis=basis,
            moving_time_s=round(moving, 3),
            variation_pct=round(100 * variation, 3),
            first_half_efficiency=round(_unit(basis) * first, 6),
            second_half_efficiency=round(_unit(basis) * second, 6),
            decoupling_pct=round(100 * (1 - second / first), 3) + 0.0,
        ),
    )


def _unit(basis: Basis) -> float:
    """Seconds per minute, for metres per beat; watts are divided by beats per minute."""
    return 1.0 if basis == "power" else 60.0


def _output(
    course: Course, sport_type: str | None, pieces: Pieces | None
) -> tuple[Basis, FloatArray, FloatArray] | None:
    """Metres per second or watts of each step, and for how many seconds these are known."""
    if sport_type not in RUNS:
        power = course.sensors.get("power_w")
        if power is None or not (power > 0).any():
            return None
        return "power", *_held(course, power)
    if course.distance_m is None:
        return None
    basis: Basis = "pace" if pieces is None else "grade_adjusted_pace"
    metres = course.distance_m
    if pieces is not None:
        metres = np.interp(metres, pieces.border_m, pieces.flat_m())
    speed = np.divide(
        np.diff(metres), course.step_s, out=np.zeros(len(metres) - 1), where=course.step_s > 0
    )
    return basis, speed, course.step_s


def _variation(output: FloatArray, time: FloatArray, begun: FloatArray) -> float:
    """Standard deviation by mean of the output in blocks of five minutes.

    A block of which less than half is known, such as a short last one, does not count.
    """
    block = (begun // _BLOCK_S).astype(np.intp)
    done, lasted = np.bincount(block, output), np.bincount(block, time)
    counts = lasted >= _BLOCK_S / 2
    means = done[counts] / lasted[counts]
    return float(means.std() / means.mean())


def _held(course: Course, values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """A sensor's value during each step, and for how many seconds of it."""
    values, held = course.held(values)
    return values[:-1], np.minimum(held[:-1], course.step_s)


def _steps(course: Course) -> _Steps:
    if course.active_s is None or course.distance_m is None:
        return _Steps(active_s=course.step_s, distance_m=None)
    return _Steps(active_s=np.diff(course.active_s), distance_m=np.diff(course.distance_m))
