"""Activities without a title get the one that Strava gives to uploads."""

from __future__ import annotations

from datetime import datetime

import pytest

from ingest.transform.tables.languages import LANGUAGES, Language
from ingest.transform.tables.sports import SPORT_TYPES
from ingest.transform.titles import title_of


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2024, 5, 1, hour, minute)


@pytest.mark.parametrize(
    ("start", "title"),
    [
        (at(0), "Night Run"),
        (at(3, 59), "Night Run"),
        (at(4), "Morning Run"),
        (at(10, 59), "Morning Run"),
        (at(11), "Lunch Run"),
        (at(12, 59), "Lunch Run"),
        (at(13), "Afternoon Run"),
        (at(17, 59), "Afternoon Run"),
        (at(18), "Evening Run"),
        (at(20, 59), "Evening Run"),
        (at(21), "Night Run"),
        (at(23, 59), "Night Run"),
        (None, "Run"),
    ],
)
def test_the_hour_tells_the_part_of_the_day(start: datetime | None, title: str) -> None:
    assert title_of("Run", start, "en") == title


@pytest.mark.parametrize(
    ("sport", "language", "title"),
    [
        ("MountainBikeRide", "en-GB", "Morning Mountain Bike Ride"),
        ("EBikeRide", "en", "Morning E-Bike Ride"),
        ("WeightTraining", None, "Morning Weight Training"),
        ("Run", "xx", "Morning Run"),
        ("Run", "de", "Lauf am Morgen"),
        ("Ride", "de", "Radfahrt am Morgen"),
        ("Run", "fr", "Course à pied le matin"),
        ("Ride", "fr", "Sortie vélo le matin"),
        ("Run", "es-419", "Carrera por la mañana"),
        ("Run", "nl", "Ochtendloop"),
        ("WeightTraining", "nl", "Ochtendkrachttraining"),
        ("EBikeRide", "nl", "Ochtend-e-bikerit"),
        ("SomethingNew", "de", "Something New am Morgen"),
    ],
)
def test_the_title_is_in_the_athletes_language(
    sport: str, language: str | None, title: str
) -> None:
    assert title_of(sport, at(8), language) == title


def test_without_a_local_time_the_title_is_the_sport() -> None:
    assert title_of("Ride", None, "fr") == "Vélo"
    assert title_of("Run", None, "nl") == "Hardloopsessie"
    assert title_of("TrailRun", None, None) == "Trail Run"


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda known: known.code)
def test_every_sport_has_a_title_of_its_own_at_every_time_of_day(language: Language) -> None:
    titles = {
        title_of(sport, at(hour), language.code)
        for sport in SPORT_TYPES
        for hour in (2, 8, 12, 15, 19)
    }
    assert len(titles) == 5 * len(SPORT_TYPES)
    assert not any("{" in title for title in titles)
    assert language.title_sports.keys() <= SPORT_TYPES
