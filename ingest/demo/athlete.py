"""Plans the demo athlete's activities: number ``i`` follows from the seed and ``i`` alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from ingest.demo import words
from ingest.demo.gear import CITY_BIKE, ROAD_BIKE, SHOES, TRAIL_SHOES, TRAINER, DemoGear
from ingest.demo.kinds import HOME, KINDS, VIRTUAL, Kind, Place
from ingest.demo.season import Season, hour_of, place_on, summer

ATHLETE_ID: Final = 900000001
#: Name that Strava would give the file.
EXPORT_NAME: Final = f"export_{ATHLETE_ID}.zip"

#: First activity id. All ids exceed 2**32, as those of all activities since 2021 do.
_FIRST_ID: Final = 10_100_000_000
_WORKDAY: Final[dict[str, float]] = {
    "easy": 30,
    "tempo": 9,
    "commute": 13,
    "ride": 5,
    "trainer": 4,
    "virtual": 4,
    "swim": 8,
    "walk": 7,
}
_WORKDAY_INDOORS: Final[dict[str, float]] = {"strength": 9, "yoga": 4, "rowing": 5}
_WEEKEND: Final[dict[str, float]] = {
    "long": 28,
    "easy": 12,
    "trail": 12,
    "race": 3,
    "ride": 28,
    "hike": 7,
    "walk": 6,
    "swim": 5,
}
_HOLIDAY: Final[dict[str, float]] = {
    "easy": 25,
    "trail": 25,
    "long": 10,
    "hike": 25,
    "walk": 15,
    "ride": 10,
}
_SHARES: Final = {"fit": 6, "gpx": 3, "tcx": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One planned activity."""

    index: int
    activity_id: int
    upload_id: int
    start: datetime
    utc_offset_s: int
    place: Place
    kind: Kind
    distance_m: float
    speed_mps: float
    duration_s: int
    #: Fitness from 0 to 1.
    form: float
    temperature_c: float
    #: File format; ``None`` where no device recorded the activity.
    format: str | None
    #: Whether a telephone recorded it: the file is not packed, and named after the activity instead
    #: of an upload.
    by_phone: bool
    gear: DemoGear | None
    name: str
    description: str
    note: str | None
    media: tuple[str, ...]
    has_weather: bool
    #: Seed of the track's noise.
    noise: int

    @property
    def ftp_w(self) -> float:
        """The functional threshold power of that day."""
        return 205 + 50 * self.form

    @property
    def filename(self) -> str | None:
        """The file's name inside the export."""
        if self.format is None:
            return None
        if self.by_phone:
            return f"activities/{self.activity_id}.{self.format}"
        return f"activities/{self.upload_id}.{self.format}.gz"


def plan(season: Season, index: int, *, seed: int, formats: Sequence[str]) -> Plan:
    """Activity number ``index``."""
    rng = Random(f"{seed}:{index}")
    day = season.day(index, rng.uniform(0.1, 0.9))
    when = season.first + timedelta(days=int(day))
    hour = hour_of(day % 1)
    place = place_on(when)
    kind = _kind(rng, when, place)
    start = _start(when, hour, place, rng)
    form = season.form(day)
    activity_id = _FIRST_ID + 2 * (index * 1_400_000 + rng.randrange(1_000_000))
    chosen = _format(rng, kind, formats)
    return Plan(
        index=index,
        activity_id=activity_id,
        # Upload ids are odd, activity ids even, so that no two files share a name.
        upload_id=activity_id + 700_000_001 + 2 * rng.randrange(5_000_000),
        start=start.astimezone(UTC),
        utc_offset_s=round((start.utcoffset() or timedelta()).total_seconds()),
        place=VIRTUAL if kind.key == "virtual" else place,
        kind=kind,
        distance_m=round(1000 * rng.uniform(*kind.kilometres) * (0.9 + 0.2 * form), 1),
        speed_mps=kind.speed_mps * (0.94 + 0.13 * form) * rng.uniform(0.96, 1.04),
        duration_s=rng.randrange(25, 65) * 60,
        form=form,
        temperature_c=round(place.warmth_c + 9 * summer(when) + rng.gauss(0, 3), 1),
        format=chosen,
        by_phone=chosen == "gpx" and rng.random() < 0.5,
        gear=_gear(rng, kind, day / len(season.done)),
        name=words.title(rng, kind.key, kind.sport, hour),
        description=words.description(rng),
        note=words.note(rng),
        media=tuple(
            f"media/{UUID(int=rng.getrandbits(128), version=4)}.png" for _ in range(_pictures(rng))
        ),
        has_weather=kind.gps and kind.key != "virtual" and rng.random() < 0.3,
        noise=rng.getrandbits(64),
    )


def _kind(rng: Random, when: date, place: Place) -> Kind:
    if place is not HOME:
        chances = _HOLIDAY.copy()
    elif when.weekday() >= 5:
        chances = _WEEKEND.copy()
    else:
        chances = {**_WORKDAY, **_WORKDAY_INDOORS}
    if "ride" in chances and place is HOME:  # in winter, indoor rides replace outdoor ones
        chances["ride"] *= 1 + 0.7 * summer(when)
        chances["virtual"] = chances.get("virtual", 4) * (1 - 0.9 * summer(when))
        chances["trainer"] = chances.get("trainer", 3) * (1 - 0.9 * summer(when))
    return KINDS[rng.choices(list(chances), weights=list(chances.values()))[0]]


def _start(when: date, hour: float, place: Place, rng: Random) -> datetime:
    midnight = datetime(when.year, when.month, when.day, tzinfo=ZoneInfo(place.zone))
    return midnight + timedelta(seconds=round(hour * 3600) + rng.randrange(-900, 900))


def _format(rng: Random, kind: Kind, formats: Sequence[str]) -> str | None:
    """Choose a format: GPX only with positions, and only FIT for pools, whose lengths it knows."""
    choice = rng.random()
    known = [name for name in formats if kind.gps or name != "gpx"]
    if not kind.has_file or not known:
        return None
    if "fit" in known and (not kind.gps or kind.key == "virtual"):
        return "fit"
    shares = [_SHARES[name] for name in known]
    limit, total = choice * sum(shares), 0
    for name, share in zip(known, shares, strict=True):
        total += share
        if limit < total:
            return name
    return known[-1]


def _gear(rng: Random, kind: Kind, done: float) -> DemoGear | None:
    """Choose the gear: running shoes wear out, so each part of the years has another pair."""
    if rng.random() < 0.08:
        return None
    if kind.key in ("trail", "hike"):
        return TRAIL_SHOES
    if kind.sport in ("Run", "Walk"):
        return SHOES[min(int(done * len(SHOES)), len(SHOES) - 1)]
    return {"ride": ROAD_BIKE, "commute": CITY_BIKE, "virtual": TRAINER, "trainer": TRAINER}.get(
        kind.key
    )


def _pictures(rng: Random) -> int:
    return rng.choice((1, 1, 2, 3)) if rng.random() < 0.08 else 0
