"""The sport of a device file has the API's word, unless the file's own word is vague."""

from __future__ import annotations

import pytest

from ingest.transform.file_sports import _SUB_SPORTS, _WORDS, file_sport_type
from ingest.transform.parsers import parse
from ingest.transform.records import Device, Recording, SessionRow
from ingest.transform.tables.sports import SPORT_TYPES
from tests.builders import fit_activity, gpx_activity, tcx_activity


def fit(*sports: tuple[str | None, str | None]) -> Recording:
    sessions = tuple(
        SessionRow(session_index=i, sport=s, sub_sport=sub) for i, (s, sub) in enumerate(sports)
    )
    return Recording(format="fit", sport=sports[0][0], sessions=sessions)


def xml(sport: str | None, maker: str | None = None) -> Recording:
    return Recording(format="gpx", sport=sport, device=Device(name=maker))


@pytest.mark.parametrize(
    ("sport", "sub_sport", "expected"),
    [
        ("running", None, "Run"),
        ("running", "treadmill", "Run"),
        ("running", "trail", "TrailRun"),
        ("running", "virtual_activity", "VirtualRun"),
        ("cycling", "road", "Ride"),
        ("cycling", "indoor_cycling", "Ride"),
        ("cycling", "mountain", "MountainBikeRide"),
        ("cycling", "gravel_cycling", "GravelRide"),
        ("cycling", "virtual_activity", "VirtualRide"),
        ("cycling", "e_bike_mountain", "EMountainBikeRide"),
        ("e_biking", "generic", "EBikeRide"),
        ("swimming", "lap_swimming", "Swim"),
        ("swimming", "open_water", "Swim"),
        ("fitness_equipment", "indoor_rowing", "Rowing"),
        ("fitness_equipment", "elliptical", "Elliptical"),
        ("training", "strength_training", "WeightTraining"),
        ("training", "cardio_training", "Workout"),
        ("training", "yoga", "Yoga"),
        ("cross_country_skiing", "skate_skiing", "NordicSki"),
        ("racket", "padel", "Padel"),
        ("hiking", "generic", "Hike"),
        ("generic", "generic", None),
        ("generic", None, None),
        ("racket", None, None),
        ("flying", None, None),
        (None, None, None),
    ],
)
def test_fit_sports_and_sub_sports(
    sport: str | None, sub_sport: str | None, expected: str | None
) -> None:
    assert file_sport_type(fit((sport, sub_sport))) == expected


def test_sessions_of_several_sports_are_no_one_sport() -> None:
    assert file_sport_type(fit(("swimming", None), ("transition", None), ("cycling", None))) is None


def test_a_transition_between_two_runs_is_no_other_sport() -> None:
    assert (
        file_sport_type(fit(("running", "street"), ("transition", None), ("running", "track")))
        == "Run"
    )


@pytest.mark.parametrize(
    ("sport", "expected"),
    [
        ("Running", "Run"),
        ("Biking", "Ride"),
        ("cycling", "Ride"),
        ("trail_running", "TrailRun"),
        ("Indoor Cycling", "Ride"),
        ("hiking", "Hike"),
        ("Other", None),
        ("MultiSport", None),
        ("", None),
        (None, None),
    ],
)
def test_words_of_gpx_and_tcx(sport: str | None, expected: str | None) -> None:
    assert file_sport_type(xml(sport)) == expected


@pytest.mark.parametrize(
    ("number", "maker", "expected"),
    [
        ("1", "StravaGPX", "Ride"),
        ("9", "StravaGPX iPhone", "Run"),
        ("1", "Other Watch", None),
        ("77", "StravaGPX", None),
    ],
)
def test_numbers_are_sports_only_where_strava_wrote_them(
    number: str, maker: str, expected: str | None
) -> None:
    assert file_sport_type(xml(number, maker)) == expected


@pytest.mark.parametrize(
    "data",
    [
        fit_activity(sport=2),
        gpx_activity(sport="cycling"),
        gpx_activity(sport="1"),
        tcx_activity(sport="Biking"),
    ],
    ids=["fit", "gpx", "gpx of 2020", "tcx"],
)
def test_a_ride_is_a_ride_in_every_format(data: bytes) -> None:
    assert file_sport_type(parse(data, "x")) == "Ride"


def test_only_sports_that_exist_are_named() -> None:
    assert {
        *_WORDS,
        *(sport for subs in _SUB_SPORTS.values() for sport in subs.values()),
    } <= SPORT_TYPES
