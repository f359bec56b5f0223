"""Defines the demo athlete's places and kinds of activity, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

WEIGHT_KG: Final = 70.0
REST_HR: Final = 52
MAX_HR: Final = 188


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where loops start; ``relief_m`` is how far the land rises and falls about its height."""

    key: str
    latitude: float
    longitude: float
    altitude_m: float
    #: Metres of altitude below which no loop goes.
    floor_m: float
    relief_m: float
    zone: str
    warmth_c: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of workout: how long, how fast, how hard, and what the files call it."""

    key: str
    sport: str
    kilometres: tuple[float, float] = (0.0, 0.0)
    speed_mps: float = 0.0
    intensity: float = 0.5
    interval_s: int = 1
    lap_m: float = 1000.0
    gps: bool = True
    has_file: bool = True
    has_power: bool = False
    cadence_rpm: float = 0.0
    #: Factor by which slopes slow down, and how many times hillier than its place the route is.
    grade_cost: float = 3.0
    hilliness: float = 1.0
    fit_sport: int = 0
    fit_sub_sport: int = 0
    gpx_type: str = "running"
    tcx_sport: str = "Running"


# Places are public parks and a national park, so they are nobody's home.
HOME: Final = Place(
    key="home",
    latitude=52.4731,
    longitude=13.4035,
    altitude_m=47,
    floor_m=32,
    relief_m=12,
    zone="Europe/Berlin",
    warmth_c=10,
)
ISLAND: Final = Place(
    key="island",
    latitude=28.2242,
    longitude=-16.6270,
    altitude_m=2100,
    floor_m=1900,
    relief_m=110,
    zone="Atlantic/Canary",
    warmth_c=17,
)
TRIP: Final = Place(
    key="trip",
    latitude=39.7475,
    longitude=-104.9500,
    altitude_m=1610,
    floor_m=1560,
    relief_m=32,
    zone="America/Denver",
    warmth_c=13,
)
#: Place of virtual rides: the Pacific island that the best-known virtual cycling world uses.
VIRTUAL: Final = Place(
    key="virtual",
    latitude=-11.6370,
    longitude=166.9560,
    altitude_m=20,
    floor_m=2,
    relief_m=45,
    zone="Europe/Berlin",
    warmth_c=21,
)


def _run(
    key: str,
    kilometres: tuple[float, float],
    speed_mps: float,
    intensity: float,
    cadence_rpm: float,
) -> Kind:
    return Kind(
        key=key,
        sport="Run",
        kilometres=kilometres,
        speed_mps=speed_mps,
        intensity=intensity,
        cadence_rpm=cadence_rpm,
        fit_sport=1,
    )


KINDS: Final[dict[str, Kind]] = {
    kind.key: kind
    for kind in (
        _run("easy", (5, 9), 2.85, 0.66, 83),
        _run("long", (13, 20), 2.75, 0.69, 82),
        _run("tempo", (7, 10), 3.3, 0.81, 87),
        _run("race", (10, 10.1), 3.6, 0.91, 89),
        Kind(
            key="trail",
            sport="Run",
            kilometres=(7, 13),
            speed_mps=2.45,
            intensity=0.75,
            cadence_rpm=80,
            hilliness=3.0,
            fit_sport=1,
            fit_sub_sport=3,
            gpx_type="trail_running",
        ),
        Kind(
            key="ride",
            sport="Ride",
            kilometres=(20, 46),
            speed_mps=7.6,
            intensity=0.63,
            cadence_rpm=84,
            has_power=True,
            lap_m=5000,
            grade_cost=6,
            hilliness=1.5,
            fit_sport=2,
            fit_sub_sport=7,
            gpx_type="cycling",
            tcx_sport="Biking",
        ),
        Kind(
            key="commute",
            sport="Ride",
            kilometres=(5, 8),
            speed_mps=5.6,
            intensity=0.48,
            cadence_rpm=72,
            lap_m=5000,
            grade_cost=6,
            fit_sport=2,
            gpx_type="cycling",
            tcx_sport="Biking",
        ),
        Kind(
            key="virtual",
            sport="Virtual Ride",
            kilometres=(16, 30),
            speed_mps=8.8,
            intensity=0.71,
            cadence_rpm=88,
            has_power=True,
            lap_m=5000,
            fit_sport=2,
            fit_sub_sport=58,
            gpx_type="VirtualRide",
            tcx_sport="Biking",
        ),
        Kind(
            key="trainer",
            sport="Virtual Ride",
            kilometres=(14, 26),
            speed_mps=8.6,
            intensity=0.74,
            cadence_rpm=90,
            has_power=True,
            lap_m=5000,
            gps=False,
            fit_sport=2,
            fit_sub_sport=6,
            gpx_type="cycling",
            tcx_sport="Biking",
        ),
        Kind(
            key="swim",
            sport="Swim",
            kilometres=(1.0, 2.0),
            speed_mps=0.86,
            intensity=0.58,
            cadence_rpm=24,
            gps=False,
            fit_sport=5,
            fit_sub_sport=17,
            tcx_sport="Other",
        ),
        Kind(
            key="rowing",
            sport="Rowing",
            kilometres=(4, 8),
            speed_mps=3.9,
            intensity=0.72,
            cadence_rpm=25,
            gps=False,
            has_power=True,
            fit_sport=15,
            fit_sub_sport=14,
            tcx_sport="Other",
        ),
        Kind(
            key="walk",
            sport="Walk",
            kilometres=(2, 4.5),
            speed_mps=1.42,
            intensity=0.26,
            cadence_rpm=56,
            fit_sport=11,
            gpx_type="walking",
            tcx_sport="Other",
        ),
        Kind(
            key="hike",
            sport="Hike",
            kilometres=(7, 12),
            speed_mps=1.2,
            intensity=0.42,
            cadence_rpm=52,
            interval_s=3,
            hilliness=3.5,
            fit_sport=17,
            gpx_type="hiking",
            tcx_sport="Other",
        ),
        Kind(key="strength", sport="Weight Training", intensity=0.4, gps=False, has_file=False),
        Kind(key="yoga", sport="Yoga", intensity=0.2, gps=False, has_file=False),
    )
}
