"""Makes up runners whose truth is known, and writes their runs into a database as an import would.

The truth of a runner: pace by grade, the exponent by which time grows with distance, fatigue, form
over the year, and how evenly and how hard training is run. Altitudes and distances are recorded
with the errors that devices make.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np
import sqlalchemy as sa

from db.bulk import insert_rows, write_points
from db.marts import refresh
from db.models import Activity, Athlete, Track
from ingest.load.derived import write_derived
from ingest.load.tracks import track_row
from ingest.transform.activity_track import ActivityTrack
from ingest.transform.derived import ASSUMED_ZONES, Derived, derive
from ingest.transform.grade import PaceFactor, kay_factor
from ingest.transform.records import FloatArray, Recording

ATHLETE_ID: Final = 1
_BEGIN: Final = datetime(2024, 1, 1, 8, tzinfo=UTC)
_STEP_M: Final = 10.0
_EVERY_S: Final = 4.0
#: Of each terrain: how steep it is on average (rise by length, without signs).
_TERRAINS: Final = {"flat": 0.006, "hilly": 0.03, "mountain": 0.09}
_RACES_M: Final = (5000.0, 10_000.0, 10_000.0, 15_000.0, 21_097.0, 25_000.0, 42_195.0)
#: Kinds of training: chance, kilometres, and time by that of a race of the same length.
_TRAINING: Final = (
    ("easy", 0.58, (6, 13), (1.2, 1.4)),
    ("long", 0.18, (15, 30), (1.15, 1.3)),
    ("tempo", 0.14, (7, 13), (1.05, 1.12)),
    ("intervals", 0.1, (8, 11), (1.1, 1.2)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What is true of a runner."""

    name: str
    #: Seconds for 10 km on flat ground, all out.
    time_10k_s: float
    exponent: float
    factor: PaceFactor
    #: Growth of log pace by 10 km and by 1,000 m of climb.
    fatigue: tuple[float, float]
    #: Share of runs on each of ``_TERRAINS``.
    terrains: tuple[float, float, float]
    runs: int
    races: int
    days: int = 730
    marks_races: bool = True
    #: How much form goes up and down in the year, in logs of time.
    form: float = 0.03
    #: Spread of race days, in logs of time.
    luck: float = 0.02

    def time_s(self, flat_m: float) -> float:
        """Seconds for a distance on flat ground, all out and in middling form."""
        return self.time_10k_s * math.pow(flat_m / 10_000.0, self.exponent)


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeRun:
    """One run: what it was, and what the device recorded."""

    number: int
    start: datetime
    is_race: bool
    points: Mapping[str, FloatArray]
    #: Seconds that the runner would have needed in middling form, without luck.
    fair_s: float


def careful_downhill(grade: FloatArray) -> FloatArray:
    """A road runner's: uphill as published, but hardly any faster downhill than on the flat."""
    down = 1.0 - 0.35 * (1.0 - kay_factor(grade)) + 1.5 * np.maximum(-grade - 0.05, 0.0)
    return np.where(grade < 0, down, kay_factor(grade))


def mountaineer(grade: FloatArray) -> FloatArray:
    """A fell runner's: loses less uphill than others, and lets go downhill."""
    factor = kay_factor(grade)
    return np.where(grade < 0, factor - 0.9 * np.minimum(-grade, 0.2), 1.0 + 0.8 * (factor - 1.0))


ATHLETES: Final = (
    Truth(
        name="road",
        time_10k_s=2520.0,
        exponent=1.09,
        factor=careful_downhill,
        fatigue=(0.02, 0.02),
        terrains=(0.6, 0.35, 0.05),
        runs=280,
        races=18,
    ),
    Truth(
        name="mountain",
        time_10k_s=2340.0,
        exponent=1.05,
        factor=mountaineer,
        fatigue=(0.01, 0.03),
        terrains=(0.15, 0.4, 0.45),
        runs=320,
        races=20,
        marks_races=False,
    ),
    Truth(
        name="thin",
        time_10k_s=3300.0,
        exponent=1.14,
        factor=kay_factor,
        fatigue=(0.04, 0.04),
        terrains=(0.45, 0.45, 0.1),
        runs=60,
        races=7,
    ),
)


def write_athlete(connection: sa.Connection, truth: Truth, seed: int) -> list[MadeRun]:
    """Write a runner's activities with points and all that follows from them."""
    connection.execute(sa.insert(Athlete), {"athlete_id": ATHLETE_ID, "first_name": truth.name})
    made = []
    for run in runs_of(truth, seed):
        _write(connection, truth, run)
        made.append(run)
    refresh(connection)
    return made


def runs_of(truth: Truth, seed: int) -> Iterator[MadeRun]:
    """A runner's runs in order of time."""
    rng = np.random.default_rng(seed)
    days = np.sort(rng.choice(truth.days, truth.runs, replace=False))
    # Nobody races in the first weeks.
    races = set(rng.choice(np.arange(truth.runs // 8, truth.runs), truth.races, replace=False))
    for number, day in enumerate(days.tolist()):
        yield _run(truth, rng, number, int(day), is_race=number in races)


def _run(
    truth: Truth, rng: np.random.Generator, number: int, day: int, *, is_race: bool
) -> MadeRun:
    kind, _, kilometres, slower = _TRAINING[
        int(rng.choice(len(_TRAINING), p=[chance for _, chance, *_ in _TRAINING]))
    ]
    length = rng.choice(_RACES_M) if is_race else 1000.0 * rng.uniform(*kilometres)
    terrain = float(rng.choice(list(_TERRAINS.values()), p=truth.terrains))
    along = np.linspace(0.0, length, round(length / _STEP_M) + 1)
    height = _heights(rng, along, terrain)
    cost = truth.factor(np.diff(height) / np.diff(along))
    flat_m = float((np.diff(along) * cost).sum())
    fair = truth.time_s(flat_m)
    form = truth.form * np.sin(2 * np.pi * day / 365.0 + 1.0)
    time = fair * np.exp(form + rng.normal(0, truth.luck))
    step = _tired(truth, along, height) * cost * np.exp(0.04 * _wander(rng, along, 300.0))
    if not is_race:
        time *= rng.uniform(*slower)
        if kind == "intervals":
            step *= np.where(along[:-1] // 1000 % 2 == 1, 0.85, 1.15)
    arrival = np.concatenate(([0.0], np.cumsum(step)))
    arrival *= time / arrival[-1]
    return MadeRun(
        number=number,
        start=_BEGIN + timedelta(days=day),
        is_race=is_race,
        points=_recorded(rng, along, height, arrival, rests=not is_race),
        fair_s=fair,
    )


def _heights(rng: np.random.Generator, along: FloatArray, steepness: float) -> FloatArray:
    """Hills of all lengths; on a long race of the mountains, long climbs."""
    height = np.zeros(len(along))
    for wave in (350.0, 800.0, 1800.0, 4000.0, 8000.0):
        height += wave**0.85 * np.sin(
            2 * np.pi * (along / wave / rng.uniform(0.7, 1.4) + rng.random())
        )
    found = np.abs(np.diff(height)).sum() / along[-1]
    scaled: FloatArray = height * (steepness * rng.uniform(0.7, 1.3) / found)
    return scaled


def _tired(truth: Truth, along: FloatArray, height: FloatArray) -> FloatArray:
    climb = np.cumsum(np.maximum(np.diff(height), 0.0))
    return np.exp(truth.fatigue[0] * along[1:] / 10_000.0 + truth.fatigue[1] * climb / 1000.0)


def _wander(rng: np.random.Generator, along: FloatArray, every_m: float) -> FloatArray:
    """Noise of unit size that changes over about ``every_m``; a value for each step."""
    knots = np.arange(0.0, along[-1] + 2 * every_m, every_m)
    noise: FloatArray = np.interp(along[1:], knots, rng.normal(0, 1, len(knots)))
    return noise


def _recorded(
    rng: np.random.Generator,
    along: FloatArray,
    height: FloatArray,
    arrival: FloatArray,
    *,
    rests: bool,
) -> Mapping[str, FloatArray]:
    """What a device records every few seconds: with errors of altitude and distance, and rests."""
    clock = np.append(np.arange(0.0, arrival[-1], _EVERY_S), arrival[-1])
    place = np.interp(clock, arrival, along)
    altitude = np.interp(place, along, height) + np.interp(
        place, along[1:], 1.0 * _wander(rng, along, 60.0)
    )
    stops = rng.random(len(clock)) < 1 / 500 if rests else np.zeros(len(clock), bool)
    elapsed = clock + np.cumsum(np.where(stops, rng.integers(10, 60, len(clock)), 0))
    return {
        "elapsed_s": np.round(elapsed),
        "distance_m": np.round(place * (1 + rng.normal(0, 0.004)), 1),
        "altitude_m": np.round(altitude * 5 + 2000) / 5,
    }


def _write(connection: sa.Connection, truth: Truth, run: MadeRun) -> None:
    activity_id = 1_000_000 + run.number
    derived = derive(run.points, sport_type="Run", zones=ASSUMED_ZONES, start_time_utc=run.start)
    insert_rows(connection, Activity, [_activity(truth, run, activity_id, derived)])
    recording = Recording(format="fit", start_time_utc=run.start, points=dict(run.points))
    track = ActivityTrack(activity_id=activity_id, recording=recording, derived=derived)
    insert_rows(connection, Track, [track_row(track, None)])
    write_points(connection, [(activity_id, run.points)])
    write_derived(connection, [(activity_id, derived)], replaced=())


def _activity(truth: Truth, run: MadeRun, activity_id: int, derived: Derived) -> dict[str, Any]:
    kilometres = [split for split in derived.splits if split.unit == "km"]
    return {
        "activity_id": activity_id,
        "athlete_id": ATHLETE_ID,
        "name": "Race" if run.is_race else "Run",
        "sport_type": "Run",
        "start_time_utc": run.start,
        "start_time_local": run.start.replace(tzinfo=None),
        "timezone_source": "api",
        "workout_type": int(run.is_race and truth.marks_races),
        "distance_m": float(run.points["distance_m"][-1]),
        "moving_time_s": sum(split.moving_time_s or 0.0 for split in kilometres),
        "elapsed_time_s": float(run.points["elapsed_s"][-1]),
        "has_track": True,
    }
