"""Sports of every language have the API's word."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ingest.transform.tables.languages import LANGUAGES, Language
from ingest.transform.tables.names import squeeze
from ingest.transform.tables.sports import SPORT_TYPES, sport_type

REFERENCE = Path(__file__).parents[5] / "shared" / "reference"


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Run", "Run"),
        ("Virtual Ride", "VirtualRide"),
        ("E-Bike Ride", "EBikeRide"),
        ("Weight Training", "WeightTraining"),
        ("Football (Soccer)", "Soccer"),
        ("Stand Up Paddling", "StandUpPaddling"),
        ("Rock Climb", "RockClimbing"),
        ("Canoe", "Canoeing"),
        ("Stair-Stepper", "StairStepper"),
        ("Crossfit", "Crossfit"),
        ("Hardloopsessie", "Run"),
        ("Virtuele fietsrit", "VirtualRide"),
        ("Kayakken", "Kayaking"),
        ("Kitesurfen", "Kitesurf"),
        ("Carrera", "Run"),
        ("Vuelta ciclista", "Ride"),
        ("Caminata", "Walk"),
        ("Entrenamiento con pesas", "WeightTraining"),
        ("Lauf", "Run"),
        ("Radfahrt", "Ride"),
        ("Virtuelles Radfahren", "VirtualRide"),
        ("Spaziergang", "Walk"),
        ("Krafttraining", "WeightTraining"),
        ("Krachttraining", "WeightTraining"),
        ("Course à pied", "Run"),
        ("Vélo virtuel", "VirtualRide"),
        ("course a pied", "Run"),
        ("HighIntensityIntervalTraining", "HighIntensityIntervalTraining"),
    ],
)
def test_a_label_seen_in_exports_has_the_word_of_the_api(label: str, expected: str) -> None:
    assert sport_type(label) == expected


@pytest.mark.parametrize("label", ["", "Underwater Hockey", "!?", "跑步"])
def test_an_unknown_sport_is_none(label: str) -> None:
    assert sport_type(label) is None


@pytest.mark.parametrize("word", sorted(SPORT_TYPES))
def test_words_of_the_api_stand_for_themselves(word: str) -> None:
    assert sport_type(word) == word


def test_no_label_means_two_sports() -> None:
    pairs = {
        (squeeze(label), word)
        for language in LANGUAGES
        for word, labels in language.sports.items()
        for label in (word, *labels)
    }
    assert len(pairs) == len({label for label, _ in pairs})


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda known: known.code)
def test_a_language_names_only_sports_that_exist(language: Language) -> None:
    assert set(language.sports) <= SPORT_TYPES


def test_every_sport_of_the_published_models_is_known() -> None:
    models = REFERENCE / "strava-models.schema.json"
    if not models.exists():
        pytest.skip(f"needs the reference files beside the repository: {models.name}")
    published = json.loads(models.read_text(encoding="utf-8"))["$defs"]["SportType"]["enum"]
    assert set(published) == SPORT_TYPES
