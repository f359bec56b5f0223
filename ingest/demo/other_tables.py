"""Writes the demo export's small CSV files about the athlete: profile, gear, goals and more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final

from ingest.demo.athlete import ATHLETE_ID, Plan
from ingest.demo.csv_text import Cell, table, us_date
from ingest.demo.gear import BIKES, SHOES, TRAIL_SHOES
from ingest.demo.kinds import HOME, MAX_HR, WEIGHT_KG
from ingest.demo.private_tables import private_tables
from ingest.demo.season import Season

Rows = Sequence[Sequence[Cell]]
_EXERCISES: Final = (
    ("Back Squat", 60.0),
    ("Bench Press", 50.0),
    ("Deadlift", 80.0),
    ("Pull Up", 0.0),
)


def other_tables(
    season: Season, strength: Iterable[Plan], media: Iterable[str]
) -> dict[str, bytes]:
    """The content of every CSV but activities.csv, by file name."""
    return {
        **_athlete(season),
        **_gear(),
        **_places(season),
        **_goals(season),
        **_people(season),
        "media.csv": table("Media Filename,Media Caption", [(name, "") for name in media]),
        "structured_details.csv": _sets(strength),
        **private_tables(season),
    }


def _athlete(season: Season) -> dict[str, bytes]:
    profile: Rows = [
        (ATHLETE_ID, "alex@example.org", "Alex", "Example", "", "Does not exist.",
         WEIGHT_KG, "Berlin",
         "Berlin", "Germany", "Approved", _ago(season, 1500)),
    ]  # fmt: skip
    preferences: Rows = [
        ("Jan 1, 1990", f"{WEIGHT_KG} kg", "248 W", MAX_HR, "Runner", "Metric", "mm/dd/YYYY",
         "Week",
         "English (US)", "--:--", "", "All"),
    ]  # fmt: skip
    return {
        "profile.csv": table(
            "Athlete ID,Email Address,First Name,Last "
            "Name,Sex,Description,Weight,City,State,Country,"
            "Health Consent Status,Date of Health Consent approval/denial",
            profile,
        ),
        "general_preferences.csv": table(
            "Date of Birth,Weight,Functional Threshold Power,Maximum Heartrate,Athlete "
            "Type,Measurement Preference,"
            "Date Preference,Chart Preference,Email Language,Pace Zone Time,Pace Zone "
            "Distance,Default Leaderboard View",
            preferences,
        ),
    }


def _gear() -> dict[str, bytes]:
    parts: Rows = [
        (bike.name, part, maker, model)
        for bike in BIKES
        for part, maker, model in (
            ("Frame", bike.brand, bike.model),
            ("Chain", "Kettenwerk", "11s"),
            ("Tires", "", ""),
        )
    ]
    shoes = (*SHOES, TRAIL_SHOES)
    return {
        "bikes.csv": table(
            "Bike Name,Bike Brand,Bike Model,Bike Default Sport Types",
            [(bike.name, bike.brand, bike.model, bike.sports) for bike in BIKES],
        ),
        "shoes.csv": table(
            "Shoe Name,Shoe Brand,Shoe Model,Shoe Default Sport Types",
            [(shoe.name, shoe.brand, shoe.model, shoe.sports) for shoe in shoes],
        ),
        "components.csv": table("Bike Name,Component Type,Component Brand,Component Model", parts),
    }


def _places(season: Season) -> dict[str, bytes]:
    lat, lon = HOME.latitude, HOME.longitude
    segments: Rows = [
        ("Old runway, west to east", "", lat, lon, lat + 0.0012, lon + 0.0240),
        ('The "hill"', "", lat + 0.004, lon - 0.002, lat + 0.006, lon - 0.001),
    ]
    return {
        "routes.csv": table(
            "Route Name,Route Filename", [("Round the field, long", "routes/1.gpx")]
        ),
        "segments.csv": table(
            "Segment Name,Activity ID,Starting Latitude,Starting Longitude,Ending Latitude,Ending "
            "Longitude",
            segments,
        ),
        "starred_segments.csv": table(
            "Date,Segment ID", [(_ago(season, 400), 1000001), (_ago(season, 90), 1000002)]
        ),
        "starred_routes.csv": table("Date,Route ID", [(_ago(season, 200), 3200000000000000001)]),
    }


def _goals(season: Season) -> dict[str, bytes]:
    goals: Rows = [
        ("Distance Goal", "Run", 30000.0, _ago(season, 500), "", "", "Week", ""),
        ("Distance Goal", "Ride", 2500000.0, _ago(season, 300), "", "", "Year", ""),
    ]
    challenges: Rows = [
        (_ago(season, 240), 'Spring 10K, the "short" one', "true"),
        (_ago(season, 120), "Summer Climbing Challenge", "false"),
        (_ago(season, 40), "Autumn 400-minute Challenge 🍂", "true"),
    ]
    return {
        "goals.csv": table(
            "Goal Type,Activity Type,Goal,Start Date,End Date,Segment ID,Time Period,Interval Time",
            goals,
        ),
        "global_challenges.csv": table("Join Date,Name,Completed", challenges),
        "group_challenges.csv": table("Join Date,Name,Completed"),
    }


def _people(season: Season) -> dict[str, bytes]:
    club: Rows = [
        ("Runway Runners", "A club that does not exist,\nTuesdays at seven", "Casual Club",
         "Running",
         "Berlin", "Germany", "Berlin", "https://example.org", "", ""),
    ]  # fmt: skip
    return {
        "clubs.csv": table(
            "Club Name,Club Description,Club Type,Club Sport,City,Country,State,Club "
            "Website,Cover Photo,Club Picture",
            club,
        ),
        "memberships.csv": table("Join Date,Club Name", [(_ago(season, 800), "Runway Runners")]),
        "comments.csv": table(
            "Comment Date,Comment",
            [(_ago(season, 77), "Well done! 👏"), (_ago(season, 20), 'Two lines\nabout a "race"')],
        ),
        "reactions.csv": table(
            "Reaction Date,Reaction Type,Parent Type,Parent ID",
            [
                (_ago(season, 3 + 9 * n), "Kudos", "Activity", 9_900_000_000 + 31 * n)
                for n in range(24)
            ],
        ),
    }


def _sets(strength: Iterable[Plan]) -> bytes:
    rows: list[tuple[Cell, ...]] = []
    for plan in strength:
        for number in range(3 + plan.noise % 6):
            exercise, weight = _EXERCISES[(plan.noise + number // 3) % len(_EXERCISES)]
            load = weight and weight + 2.5 * round(plan.form * 8)
            rows.append(
                (
                    plan.activity_id,
                    exercise,
                    12 - 2 * (number % 3),
                    "",
                    load,
                    95_000 * number,
                    1 + number // 3,
                    "",
                )
            )
    header = (
        "Activity ID,Exercise Name,Repetitions,Duration (seconds),Weight,Start Time "
        "(milliseconds),Superset ID,Rate of Perceived Exertion"
    )
    return table(header, rows)


def _ago(season: Season, days: int) -> str:
    """A date before the first export, so that the later one has the same date."""
    return us_date(season.until - timedelta(days=days, hours=days % 12, seconds=days * 37 % 3600))
