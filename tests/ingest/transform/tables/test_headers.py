"""Every header that Strava has ever written is understood, and what nobody knows is kept."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.transform.tables.headers import language_of, match_header, name_key, plain_label
from ingest.transform.tables.languages import EN, EN_2018, LANGUAGES, Language
from ingest.transform.tables.names import normalize_label
from ingest.transform.tables.versions import NEWEST, VERSIONS
from tests.ingest.transform.tables.header_rows import HORTON, columns_of, labels, missing, spanned

REFERENCE = Path(__file__).parents[5] / "shared" / "reference"
TWICE = {"elapsed_time", "distance", "max_heart_rate", "relative_effort", "commute"}


def names(cells: Sequence[str]) -> list[str | None]:
    return [known and known[0] for known in match_header(cells).columns]


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda known: known.code)
@pytest.mark.parametrize("count", VERSIONS)
def test_every_version_in_every_language_is_known_by_its_words(
    count: int, language: Language
) -> None:
    header = match_header(labels(columns_of(count), language))
    assert header.language is language
    assert tuple(known and known[0] for known in header.columns) == columns_of(count)
    assert header.by_place == ()
    assert header.unknown == ()


def test_the_language_of_a_header_is_known_by_its_code() -> None:
    for language in LANGUAGES:
        assert language_of(labels(NEWEST, language)) == language.code
    assert language_of(["id", "date", "name", "type", "description"]) == "en"
    assert language_of(["Aktivitets-ID", "Aktivitetsdato", "Aktivitetsnavn"]) is None
    assert language_of([]) is None


@pytest.mark.parametrize("language", [EN_2018, *LANGUAGES], ids=lambda known: known.code)
def test_no_word_means_two_columns(language: Language) -> None:
    words = [normalize_label(label) for several in language.labels.values() for label in several]
    assert len(words) == len(set(words))


def test_the_first_header_has_words_of_its_own() -> None:
    cells = [
        "id",
        "date",
        "name",
        "type",
        "description",
        "elapsed_time",
        "distance",
        "commute",
        "gear",
        "filename",
    ]
    assert match_header(cells).language is EN_2018
    assert tuple(names(cells)) == columns_of(10)


def test_the_five_repeated_names_are_told_apart_by_their_occurrence() -> None:
    header = match_header(labels(columns_of()))
    assert {name: header.indexes(name) for name in TWICE} == {
        "elapsed_time": (5, 15),
        "distance": (6, 17),
        "max_heart_rate": (7, 30),
        "relative_effort": (8, 37),
        "commute": (9, 50),
    }
    assert {known[0] for known in header.columns if known and known[1] == 1} == TWICE


def test_a_hundred_thousand_columns_of_one_name_are_told_apart_soon() -> None:
    begun = time.monotonic()
    header = match_header(["Activity ID", *["Distance"] * 100_000, "Media"])
    assert header.index("distance", 99_999) == 100_000
    assert all(header.indexes("media") == (100_001,) for _ in range(10_000))
    assert time.monotonic() - begun < 5


def test_a_label_of_a_megabyte_is_no_label_and_costs_nothing() -> None:
    begun = time.monotonic()
    assert plain_label("<span>" * 200_000) == "<span>" * 200_000
    assert time.monotonic() - begun < 1


def test_suffixes_of_pandas_are_occurrences_in_any_order() -> None:
    header = match_header(
        ["Activity ID", "Distance.1", "Elapsed Time.1", "Distance", "Max. hartslag"]
    )
    assert header.index("distance", 0) == 3
    assert header.index("distance", 1) == 1
    assert header.index("elapsed_time", 1) == 2
    assert header.index("elapsed_time", 0) is None


@pytest.mark.parametrize("decorated", [missing, spanned])
@pytest.mark.parametrize("column", HORTON)
def test_missing_translations_are_read_through(column: str, decorated: object) -> None:
    cell = decorated(column)  # type: ignore[operator]
    assert names(["Activity ID", cell]) == ["activity_id", column]
    assert names(["Aktivitäts-ID", cell]) == ["activity_id", column]


@pytest.mark.parametrize(
    ("cell", "label"),
    [
        ("  Activity ID ", "Activity ID"),
        ("\ufeffActivity ID", "Activity ID"),
        (missing("average_flow"), "avg flow"),
        (spanned("jump_count"), "Jump Count"),
        ('<span title="translation missing: en.a.total_steps"></span>', "total steps"),
        ("<b>Bold</b>", "<b>Bold</b>"),
    ],
)
def test_a_label_loses_its_decoration_only(cell: str, label: str) -> None:
    assert plain_label(cell) == label


def test_case_accents_blanks_and_apostrophes_do_not_matter() -> None:
    assert names(["ID DE L’ACTIVITE", " temps  ecoule", "Charge d'entrainement"]) == [
        "activity_id",
        "elapsed_time",
        "training_load",
    ]


def test_the_language_decides_what_an_ambiguous_word_means() -> None:
    assert names(["id", "type", "gear"]) == ["activity_id", "activity_type", "activity_gear"]
    assert names(["Activity ID", "Type", "Gear"]) == ["activity_id", "type", "gear"]


def test_columns_not_yet_translated_are_known_by_their_english_words() -> None:
    assert names(["Aktivitäts-ID", "With Kid", "Total Sets"]) == [
        "activity_id",
        "with_kid",
        "total_sets",
    ]


def test_old_dutch_words_are_known() -> None:
    found = names(
        [
            "Activiteits-ID",
            "Forenzenrit",
            "Hoogteverschil",
            "Hoogteverlies",
            "Gemiddelde cadans",
            "Max. cadans",
        ]
    )
    assert found == [
        "activity_id",
        "commute",
        "elevation_gain",
        "elevation_loss",
        "average_cadence",
        "max_cadence",
    ]


def test_sport_type_is_not_taken_for_the_activity_count_that_replaced_it() -> None:
    cells = labels(columns_of(87, variant=1))
    assert cells[84] == "Sport Type"
    assert names(cells)[84] == "sport_type"


def test_unknown_columns_between_known_ones_stay_unknown() -> None:
    cells = labels(columns_of())
    header = match_header([*cells[:-1], "Heart Rate Drift", "Brand New", cells[-1]])
    assert [header.labels[index] for index in header.unknown] == ["Heart Rate Drift", "Brand New"]
    assert header.indexes("media") == (len(cells) + 1,)


def test_a_new_word_in_a_known_sequence_is_taken_by_its_place() -> None:
    cells = labels(columns_of(99))
    cells[20] = "Climb"
    header = match_header(cells)
    assert header.indexes("elevation_gain") == (20,)
    assert header.by_place == (20,)


def test_a_new_word_for_the_id_does_not_hide_the_language() -> None:
    cells = labels(columns_of(), LANGUAGES[3])
    cells[0] = "Identificador"
    header = match_header(cells)
    assert header.language is LANGUAGES[3]
    assert header.indexes("activity_id") == (0,)


def test_a_new_word_among_moved_columns_stays_unknown() -> None:
    cells = labels(columns_of(99))
    cells[20], cells[40], cells[41] = "Climb", cells[41], cells[40]
    assert match_header(cells).unknown == (20,)


@pytest.mark.parametrize("count", VERSIONS)
def test_an_unknown_language_is_read_by_place(count: int) -> None:
    header = match_header([f"列{index}" for index in range(count)])
    assert header.language is None
    assert tuple(known and known[0] for known in header.columns) == columns_of(count)


def test_a_newer_header_in_an_unknown_language_keeps_media_last() -> None:
    count = len(NEWEST)
    header = match_header([f"列{index}" for index in range(count + 3)])
    assert header.unknown == (count - 1, count, count + 1)
    assert header.indexes("media") == (count + 2,)


@pytest.mark.parametrize("count", [1, 11, 50, 100])
def test_an_unknown_language_of_an_unknown_length_stays_unknown(count: int) -> None:
    assert set(match_header([f"列{index}" for index in range(count)]).columns) == {None}


def test_an_edited_header_of_nineteen_columns_is_known_but_for_its_own() -> None:
    cells = [
        "Activity ID",
        "IS_TRACK_WORKOUT",
        "Activity Type",
        "Distance",
        "Elapsed Time.1",
        "Distance.1",
        "New_Filename",
    ]
    assert names(cells) == [
        "activity_id",
        None,
        "activity_type",
        "distance",
        "elapsed_time",
        "distance",
        None,
    ]


DECORATIONS = st.sampled_from(["plain", "missing", "spanned", "shouted"])


@settings(deadline=None)
@given(st.data(), st.sampled_from(LANGUAGES), st.randoms(use_true_random=False))
def test_any_selection_of_columns_in_any_order_is_known(
    data: st.DataObject, language: Language, rng: random.Random
) -> None:
    columns = data.draw(
        st.lists(
            st.sampled_from(sorted({*columns_of()} - {"activity_id"})), unique=True, max_size=20
        )
    )
    columns.insert(0, "activity_id")
    cells = [
        _decorated(column, label, data.draw(DECORATIONS))
        for column, label in zip(columns, labels(columns, language), strict=True)
    ]
    rest = list(zip(columns[1:], cells[1:], strict=True))
    rng.shuffle(rest)
    assert names([cells[0], *(cell for _, cell in rest)]) == [
        "activity_id",
        *(column for column, _ in rest),
    ]


def _decorated(column: str, label: str, how: str) -> str:
    if how == "shouted":
        return f" {label.upper()}\u00a0"
    if how == "plain" or column not in HORTON:
        return label
    return missing(column) if how == "missing" else spanned(column)


@settings(deadline=None)
@given(st.lists(st.text(max_size=30), max_size=110))
def test_any_header_is_matched_without_an_error(cells: list[str]) -> None:
    header = match_header(cells)
    assert len(header.columns) == len(header.labels) == len(cells)


@settings(deadline=None)
@given(st.text(max_size=30))
def test_a_key_of_a_name_is_stable(text: str) -> None:
    assert name_key(f" {name_key(text)}  ") == name_key(name_key(text))


def test_names_of_gear_match_whatever_their_blanks_and_case() -> None:
    assert name_key("Adidas  Running\u00a0Latín ") == name_key("ADIDAS running latín")
    assert name_key("Latín") != name_key("Latin")


def _reference(name: str) -> str:
    path = REFERENCE / name
    if not path.exists():
        pytest.skip(f"needs the reference files beside the repository: {name}")
    return path.read_text(encoding="utf-8")


def test_every_header_seen_in_the_wild_is_known_by_its_words() -> None:
    for name, cells in json.loads(_reference("headers_verbatim.json")).items():
        header = match_header(cells)
        assert header.language is not None, name
        assert header.by_place == (), name
        own = (
            {"IS_TRACK_WORKOUT", "HAS_ACCURATE_LAPS", "TRACK", "New_Filename"}
            if "_19_" in name
            else set()
        )
        assert {header.labels[index] for index in header.unknown} == own, name


def test_headers_seen_in_the_wild_have_the_columns_of_their_version() -> None:
    for name, cells in json.loads(_reference("headers_verbatim.json")).items():
        if len(cells) in VERSIONS:
            assert tuple(names(cells)) in VERSIONS[len(cells)], name


def test_english_words_are_those_of_a_header_seen_in_the_wild() -> None:
    assert labels(columns_of(103), EN) == json.loads(_reference("headers_verbatim.json"))["en103"]
