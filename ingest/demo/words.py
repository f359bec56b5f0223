"""Chooses the demo athlete's words: titles, descriptions and private notes."""

from __future__ import annotations

from random import Random
from typing import Final

_TITLES: Final = {
    "easy": ("Easy miles", "Recovery jog", "Once round the field", 'The "short" loop'),
    "long": ("Long Run", "Sunday long one", "Two hours, no hurry"),
    "tempo": ("Tempo", "4 x 1 km", "Progression run"),
    "race": ("10 km race", "City 10K 🏁"),
    "trail": ("Hill repeats", "Through the woods", "Trail day 🌲"),
    "ride": ("Lakes loop", "Coffee ride ☕", "Headwind both ways", "Saturday spin"),
    "commute": ("To work", "Home again"),
    "virtual": ("Volcano circuit", "Group ride, flat"),
    "trainer": ("Sweet spot 3 x 12", "Spinning in the cellar"),
    "swim": ("Pool", "Technique and drills"),
    "rowing": ("Erg", "Steady state row"),
    "walk": ("Around the block", "Walk with the dog 🐕"),
    "hike": ("Ridge walk", "Up and down again"),
    "strength": ("Strength", "Gym: legs"),
    "yoga": ("Yoga", "Stretching"),
}
_DESCRIPTIONS: Final = (
    "Felt good today.",
    'Tried the "new" shoes: fine, but stiff.',
    "Warm-up 2 km\nMain set\nCool-down 1 km",
    "Rain, wind, mud. 10/10 would do again 🌧️",
    "Slow, because of yesterday; legs, head, everything.",
    "With M. and J. ☀️\r\nSecond half faster than the first.",
)
_NOTES: Final = (
    "Left calf a little tight.",
    'Slept badly.\nDo not count this as "easy".',
    "Try 2 gels next time.",
)


def title(rng: Random, key: str, sport: str, hour: float) -> str:
    """A title as Strava gives it (``Morning Run``), or sometimes the athlete's own."""
    if rng.random() < 0.3:
        return rng.choice(_TITLES[key])
    part = (
        "Morning"
        if hour < 11
        else "Lunch"
        if hour < 14
        else "Afternoon"
        if hour < 17
        else "Evening"
    )
    return f"{part} {sport}"


def description(rng: Random) -> str:
    """A description, empty in four of five cases."""
    return rng.choice(_DESCRIPTIONS) if rng.random() < 0.18 else ""


def note(rng: Random) -> str | None:
    """A private note, seldom."""
    return rng.choice(_NOTES) if rng.random() < 0.06 else None
