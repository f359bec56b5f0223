"""Labels of languages whose exports nobody has seen are guessed,
and what nobody knows is counted.
"""

from __future__ import annotations

import pytest

from ingest.transform.tables.languages import LANGUAGES
from ingest.transform.tables.names import squeeze
from ingest.transform.tables.sport_labels import _WORDS, guessed_sport_type, unknown_labels
from ingest.transform.tables.sports import SPORT_TYPES, sport_type

GUESSES = [
    (label.strip(), sport)
    for sport, words in _WORDS.items()
    for label in words.replace("/", ",").split(",")
]


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Cykeltur", "Ride"),
        ("Löpning", "Run"),
        ("Natação", "Swim"),
        ("Camminata", "Walk"),
        ("Jazda na rowerze", "Ride"),
        ("JAZDA  NA ROWERZE", "Ride"),
        ("Běh", "Run"),
        ("Плавание", "Swim"),
        ("Силове тренування", "WeightTraining"),
        ("Yürüyüş", "Walk"),
        ("Ποδηλασία", "Ride"),
        ("Juoksu", "Run"),
        ("Đạp xe", "Ride"),
        ("ว่ายน้ำ", "Swim"),
        ("רכיבה", "Ride"),
        ("ウォーキング", "Walk"),
        ("수영", "Swim"),
        ("骑行", "Ride"),
        ("騎乘", "Ride"),
    ],
)
def test_what_speakers_call_a_sport_is_a_guess(label: str, expected: str) -> None:
    assert (sport_type(label), guessed_sport_type(label)) == (None, expected)


@pytest.mark.parametrize("label", ["Run", "Hardloopsessie", "Quidditch", "", "!"])
def test_what_is_known_or_known_to_nobody_is_not_guessed(label: str) -> None:
    assert guessed_sport_type(label) is None


def test_guesses_name_only_sports_that_exist() -> None:
    assert set(_WORDS) <= SPORT_TYPES


def test_no_guess_contradicts_another_or_a_known_label() -> None:
    known = {
        squeeze(label): word
        for x in LANGUAGES
        for word, labels in x.sports.items()
        for label in labels
    }
    meant: dict[str, set[str]] = {}
    for label, sport in GUESSES:
        meant.setdefault(squeeze(label), {known.get(squeeze(label), sport)}).add(sport)
    assert {label: sports for label, sports in meant.items() if len(sports) > 1} == {}


def test_unknown_labels_are_counted_the_most_frequent_first() -> None:
    labels = ["Quidditch", "Run", "Corsa", "", " ", "Bossaball", "Quidditch ", "Quidditch"]
    assert unknown_labels(labels) == [("Quidditch", 3), ("Bossaball", 1)]
