"""Makes indoor tracks without positions: trainer, rowing machine and pool."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from ingest.demo.athlete import Plan
from ingest.demo.kinds import VIRTUAL
from ingest.demo.routes import usual_route
from ingest.demo.track import DemoTrack, Length, heart_rate, lap_ends, smooth_noise, warmth
from ingest.transform.records import FloatArray

_POOL_M: Final = 25.0
_ROOM_C: Final = 16.0


def machine_track(plan: Plan, rng: np.random.Generator) -> DemoTrack:
    """Intervals on a trainer or a rowing machine; virtual rides have virtual positions."""
    kind, count = plan.kind, int(plan.distance_m / plan.speed_mps)
    blocks = 1 + (
        0.14 * np.sign(np.sin(np.arange(count) / 95))
        if kind.key != "virtual"
        else 0.2 * smooth_noise(rng, count, 70)
    )
    share = np.clip(blocks * (1 + 0.04 * smooth_noise(rng, count, 15)), 0.4, 1.6)
    threshold = plan.ftp_w * (0.9 if kind.key == "rowing" else 1)
    speed = np.round(plan.speed_mps * np.cbrt(share), 3)
    distance = np.round(np.cumsum(speed) - speed[0], 2)
    power = np.rint(threshold * kind.intensity * share * (1 + 0.07 * rng.normal(0, 1, count)))
    beat = kind.cadence_rpm * (0.9 + 0.1 * share) + 0.8 * smooth_noise(rng, count, 12)
    track = DemoTrack(
        elapsed_s=np.arange(count, dtype=np.int64),
        distance_m=distance,
        speed_mps=speed,
        heartrate_bpm=heart_rate(np.clip(kind.intensity * (0.4 + 0.6 * share), 0.2, 0.97), 1, rng),
        cadence_rpm=np.rint(beat),
        power_w=power,
        temperature_c=warmth(_ROOM_C, count, rng),
        lap_ends=lap_ends(distance, kind.lap_m),
    )
    return _on_the_island(plan, track) if kind.gps else track


def _on_the_island(plan: Plan, track: DemoTrack) -> DemoTrack:
    route = usual_route(VIRTUAL, 1.0, plan.distance_m)
    along = track.distance_m % route.length_m
    return replace(
        track,
        latitude=np.round(np.interp(along, route.along_m, route.latitude), 7),
        longitude=np.round(np.interp(along, route.along_m, route.longitude), 7),
        altitude_m=np.round(np.interp(along, route.along_m, route.altitude_m) * 5) / 5,
        grade=np.interp(along, route.along_m, route.grade),
        temperature_c=None,
    )


def pool_track(plan: Plan, rng: np.random.Generator) -> DemoTrack:
    """Sets of four or eight lengths with a rest at the wall between them."""
    lengths, set_ends = _lengths(plan, rng)
    count = lengths[-1].start_s + lengths[-1].duration_s + 1
    starts = np.array([length.start_s for length in lengths])
    which = np.searchsorted(starts, np.arange(count), side="right") - 1
    active = np.array([length.is_active for length in lengths])
    duration = np.array([length.duration_s for length in lengths])
    strokes = np.array([length.strokes for length in lengths])
    swum = np.concatenate(([0.0], np.cumsum(active * _POOL_M)))
    # The watch counts a length when it is over, so the last point is at the last wall.
    distance = swum[which]
    distance[-1] = swum[-1]
    speed: FloatArray = np.where(active, _POOL_M / duration, 0.0)
    effort: FloatArray = np.where(active[which], plan.kind.intensity * 1.1, 0.35)
    return DemoTrack(
        elapsed_s=np.arange(count, dtype=np.int64),
        distance_m=distance,
        speed_mps=np.round(speed, 3)[which],
        heartrate_bpm=heart_rate(effort, 1, rng),
        cadence_rpm=np.rint(strokes * 60 / duration)[which],
        temperature_c=np.full(count, 27.0),
        lap_ends=(*set_ends, count - 1),
        lengths=tuple(lengths),
        pool_length_m=_POOL_M,
    )


def _lengths(plan: Plan, rng: np.random.Generator) -> tuple[list[Length], list[int]]:
    """The lengths in order, and the last second of each set but the last."""
    lengths: list[Length] = []
    set_ends: list[int] = []
    total, clock, per_set = (
        max(int(plan.distance_m / _POOL_M) // 8 * 8, 8),
        0,
        int(rng.choice((4, 8))),
    )
    for number in range(total):
        seconds = max(round(_POOL_M / plan.speed_mps * rng.normal(1, 0.04)), 15)
        lengths.append(
            Length(
                start_s=clock, duration_s=seconds, strokes=int(rng.integers(9, 14)), is_active=True
            )
        )
        clock += seconds
        if number % per_set == per_set - 1 and number < total - 1:
            rest = int(rng.integers(15, 40))
            lengths.append(Length(start_s=clock, duration_s=rest, strokes=0, is_active=False))
            clock += rest
            set_ends.append(clock - 1)
    return lengths, set_ends
