"""The facts of one made-up activity, from which its summary, its details
and its streams are all made.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A sport: metres a second, minutes, how often."""

    sport_type: str
    type: str
    name: str
    speed: float
    minutes: tuple[int, int]
    share: int
    gps: bool = True
    trainer: bool = False
    climbs: float = 8.0


KINDS: Final = (
    Kind(sport_type="Run", type="Run", name="Run", speed=2.9, minutes=(22, 95), share=30),
    Kind(
        sport_type="TrailRun",
        type="Run",
        name="Trail Run",
        speed=2.3,
        minutes=(40, 140),
        share=6,
        climbs=25.0,
    ),
    Kind(sport_type="Ride", type="Ride", name="Ride", speed=6.9, minutes=(25, 230), share=26),
    Kind(
        sport_type="GravelRide",
        type="Ride",
        name="Gravel Ride",
        speed=5.8,
        minutes=(60, 200),
        share=8,
        climbs=12.0,
    ),
    Kind(
        sport_type="VirtualRide",
        type="VirtualRide",
        name="Virtual Ride",
        speed=8.1,
        minutes=(30, 75),
        share=5,
        trainer=True,
    ),
    Kind(sport_type="Walk", type="Walk", name="Walk", speed=1.4, minutes=(20, 80), share=8),
    Kind(
        sport_type="Hike",
        type="Hike",
        name="Hike",
        speed=1.1,
        minutes=(90, 300),
        share=4,
        climbs=60.0,
    ),
    Kind(
        sport_type="Swim", type="Swim", name="Swim", speed=0.7, minutes=(25, 60), share=5, gps=False
    ),
    Kind(
        sport_type="WeightTraining",
        type="WeightTraining",
        name="Weights",
        speed=0.0,
        minutes=(30, 70),
        share=5,
        gps=False,
    ),
    Kind(
        sport_type="Yoga", type="Yoga", name="Yoga", speed=0.0, minutes=(20, 60), share=3, gps=False
    ),
)
_INDOOR: Final = 0.12
_MANUAL: Final = 0.05
_HOME: Final = (52.5096, 13.3759)
#: Zone in Strava's words, where a trip goes.
_TRIPS: Final = (
    ("America/New_York", (40.7812, -73.9665)),
    ("Asia/Kolkata", (12.9507, 77.5848)),
    ("Australia/Sydney", (-33.8915, 151.2767)),
    ("EST5EDT", (40.7306, -73.9866)),
)
_TRIP_SHARE: Final = 0.08
_DEVICES: Final = ("Garmin Forerunner 965", "Wahoo ELEMNT BOLT", "Strava iPhone App")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One activity. Values of sensors that it lacks are there all the same:
    ask ``has_...`` first.
    """

    key: str
    activity_id: int
    kind: Kind
    start: datetime
    name: str
    zone: str
    home: tuple[float, float]
    distance: float
    moving_s: int
    elapsed_s: int
    climb: float
    hill: float
    altitude: float
    heart: float
    cadence: float
    temp: int
    watts: float
    device: str
    manual: bool
    trainer: bool
    has_gps: bool
    has_heart: bool
    has_cadence: bool
    has_temp: bool
    has_meter: bool
    athlete_id: int = 0

    def rng(self, what: str) -> random.Random:
        """Chance for one purpose: asking for more of one does not change another."""
        return random.Random(f"{self.key} {what}")

    @property
    def has_streams(self) -> bool:
        return not self.manual and (self.has_gps or self.distance > 0 or self.has_heart)

    @property
    def utc_offset(self) -> float:
        """With daylight saving."""
        offset = self.start.astimezone(ZoneInfo(self.zone)).utcoffset()
        return (offset or timedelta()).total_seconds()

    @property
    def timezone(self) -> str:
        """Strava's text; the offset in it is the one of winter."""
        place = self.start.astimezone(ZoneInfo(self.zone))
        return timezone_text(
            self.zone, (place.utcoffset() or timedelta()) - (place.dst() or timedelta())
        )


def timezone_text(zone: str, standard: timedelta) -> str:
    """``(GMT+01:00) Europe/Berlin``."""
    minutes = int(standard.total_seconds() // 60)
    hours, rest = divmod(abs(minutes), 60)
    return f"(GMT{'-' if minutes < 0 else '+'}{hours:02d}:{rest:02d}) {zone}"


def iso(moment: datetime) -> str:
    """The form in which Strava writes times; local ones carry the same ``Z``."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def make_plan(
    key: str, activity_id: int, start: datetime, kind: Kind | None = None, *, odd: str = ""
) -> Plan:
    """The plan of one activity; the same key gives the same. ``odd`` ones are ``manual`` or
    ``indoor`` for certain.
    """
    rng = random.Random(key)
    chosen = rng.choices(KINDS, [one.share for one in KINDS])[0]
    # A sport that was asked for is asked for with all its sensors.
    is_asked = kind is not None
    kind = kind or chosen
    kind = KINDS[0] if odd else kind
    manual = (rng.random() < _MANUAL and not is_asked) or odd == "manual"
    indoor = (
        rng.random() < _INDOOR and kind.type in ("Run", "Ride") and not is_asked
    ) or odd == "indoor"
    zone, home = (
        _TRIPS[rng.randrange(len(_TRIPS))]
        if rng.random() < _TRIP_SHARE
        else ("Europe/Berlin", _HOME)
    )
    moving = rng.randint(kind.minutes[0] * 60, kind.minutes[1] * 60)
    distance = round(moving * kind.speed * rng.uniform(0.85, 1.15), 1)
    has_gps = kind.gps and not manual and not indoor
    climb = round(distance / 1000 * kind.climbs * rng.uniform(0.6, 1.4), 1) if has_gps else 0.0
    return Plan(
        key=key,
        activity_id=activity_id,
        kind=kind,
        start=start,
        name=_name(kind, start, rng),
        zone=zone,
        home=(home[0] + rng.uniform(-0.02, 0.02), home[1] + rng.uniform(-0.02, 0.02)),
        distance=distance,
        moving_s=moving,
        elapsed_s=moving + rng.choice((0, 12, 95, 640)),
        climb=climb,
        hill=round(max(2.0, climb / 6), 1),
        altitude=round(rng.uniform(35, 480), 1),
        heart=round(rng.uniform(108, 162), 1),
        cadence=round(rng.uniform(78, 92), 1),
        temp=rng.randint(2, 29),
        watts=round(rng.uniform(120, 235), 1),
        device=rng.choice(_DEVICES),
        manual=manual,
        trainer=kind.trainer or indoor,
        has_gps=has_gps,
        has_heart=(rng.random() > 0.09 or is_asked) and not manual,
        has_cadence=(rng.random() > 0.42 or is_asked) and not manual and kind.speed > 0,
        has_temp=(rng.random() > 0.34 or is_asked) and not manual and kind.gps,
        has_meter=rng.random() < 0.6 or is_asked,
    )


def _name(kind: Kind, start: datetime, rng: random.Random) -> str:
    part = (
        "Morning"
        if start.hour < 10
        else "Lunch"
        if start.hour < 13
        else "Afternoon"
        if start.hour < 17
        else "Evening"
    )
    return rng.choice(
        (
            f"{part} {kind.name}",
            f"{part} {kind.name}",
            f"{kind.name} am Fluss – Größe “M” 🏃",
            f"{kind.name}, easy",
        )
    )


def position(plan: Plan, share: float) -> tuple[float, float]:
    """Where the athlete is after this share of the way: a bumpy loop that ends near its start."""
    turn = 2 * math.pi * share * 0.995
    radius = plan.distance / (2 * math.pi) / 111_320
    bump = 1 + 0.08 * math.sin(7 * turn)
    latitude = plan.home[0] + radius * bump * math.sin(turn)
    longitude = plan.home[1] + radius * bump * (math.cos(turn) - 1) / math.cos(
        math.radians(plan.home[0])
    )
    return round(latitude, 6), round(longitude, 6)
