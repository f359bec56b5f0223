"""Folding observations: the later word wins, silence erases nothing,
and arrival order cannot matter.
"""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.transform.merge import is_obscured, merge_observations, sport, with_known_start
from ingest.transform.records import Observation, Source

DAY = datetime(2026, 3, 1, 12, tzinfo=UTC)
START = datetime(2026, 2, 1, 9, 30, tzinfo=UTC)


def seen(source: Source, day: int, **fields: Any) -> Observation:
    return Observation(
        activity_id=7,
        athlete_id=1,
        source=source,
        observed_at=DAY + timedelta(days=day),
        fields=fields,
    )


def test_the_later_word_wins_field_by_field() -> None:
    row = merge_observations(
        [seen("export", 0, name="Old", distance_m=1000.0), seen("api_summary", 1, name="New")]
    )
    assert (row["name"], row["distance_m"]) == ("New", 1000.0)


@pytest.mark.parametrize(
    ("weaker", "stronger"),
    [("file", "export"), ("export", "api_summary"), ("api_summary", "api_detail")],
)
def test_of_words_of_one_moment_the_more_exact_source_wins(
    weaker: Source, stronger: Source
) -> None:
    for order in itertools.permutations([seen(weaker, 0, name="A"), seen(stronger, 0, name="B")]):
        assert merge_observations(order)["name"] == "B"


def test_of_one_source_s_words_of_one_moment_the_last_counts() -> None:
    assert merge_observations([seen("export", 0, name="A"), seen("export", 0, name="B")])[
        "name"
    ] == ("B")


def test_an_absent_field_erases_nothing_but_an_empty_one_does() -> None:
    older = seen("export", 0, description="long", private_note="note")
    row = merge_observations([older, seen("api_detail", 1, description=None)])
    assert (row["description"], row["private_note"]) == (None, "note")


def test_a_newer_export_replaces_the_older_one_whole() -> None:
    row = merge_observations(
        [seen("export", 0, name="A", calories_kcal=10.0), seen("export", 5, name="B")]
    )
    assert row["name"] == "B"
    assert "calories_kcal" not in row


@pytest.mark.parametrize("start", [datetime.min, datetime.max])
def test_a_start_whose_local_time_is_on_no_calendar_has_none(start: datetime) -> None:
    for offset in (-7200, 7200):
        row = merge_observations(
            [seen("file", 0, start_time_utc=start.replace(tzinfo=UTC), file_utc_offset_s=offset)]
        )
        known = (row["start_time_local"] is not None, row["timezone_source"])
        assert known in [(True, "file"), (False, "unknown")]


def test_privacy_and_sport_are_the_word_of_the_api_however_old() -> None:
    row = merge_observations(
        [
            seen("api_summary", 0, sport_type="TrailRun", is_private=True),
            seen("export", 9, sport_type="Run"),
        ]
    )
    assert (row["sport_type"], row["is_private"]) == ("TrailRun", True)


def test_weather_is_the_word_of_the_export_however_old() -> None:
    row = merge_observations(
        [
            seen("export", 0, weather_temperature_c=3.0),
            seen("api_detail", 9, weather_temperature_c=30.0),
        ]
    )
    assert row["weather_temperature_c"] == 3.0


@pytest.mark.parametrize("day", [0, 9])
def test_an_obscured_start_never_replaces_a_known_one(day: int) -> None:
    hidden = datetime(2026, 2, 1, 0, 0, 1, tzinfo=UTC)
    row = merge_observations(
        [seen("export", 5, start_time_utc=START), seen("api_summary", day, start_time_utc=hidden)]
    )
    assert row["start_time_utc"] == START


@pytest.mark.parametrize(
    ("clock", "is_hidden"),
    [
        ((0, 0, 1), True),
        ((0, 0, 0), False),
        ((0, 0, 2), False),
        ((0, 1, 1), False),
        ((1, 0, 1), False),
    ],
)
def test_a_hidden_start_is_one_second_past_midnight(
    clock: tuple[int, int, int], is_hidden: bool
) -> None:
    assert is_obscured(datetime(2026, 2, 1, *clock, tzinfo=UTC)) is is_hidden


def test_a_hidden_start_takes_the_newest_start_that_was_known() -> None:
    hidden = seen("export", 9, start_time_utc=START.replace(hour=0, minute=0, second=1), name="A")
    later = START + timedelta(minutes=1)
    known = [
        seen("export", 5, start_time_utc=later),
        seen("export", 1, start_time_utc=START),
        seen("export", 7),
        seen("export", 8, **hidden.fields),
    ]
    assert with_known_start(hidden, known).fields == {"start_time_utc": later, "name": "A"}
    assert with_known_start(hidden, known[2:]) is hidden
    shown = seen("export", 9, start_time_utc=START)
    assert with_known_start(shown, known) is shown


def test_local_time_is_the_api_s_then_the_device_s_then_the_place_s() -> None:
    export = seen("export", 5, start_time_utc=START)
    device = seen("file", 5, file_utc_offset_s=7200, position_timezone_name="Europe/Berlin")
    place = seen("file", 5, position_timezone_name="Europe/Berlin")
    api = seen("api_summary", 0, api_utc_offset_s=-18000, api_timezone_name="America/New_York")
    rows = [
        merge_observations(list(known))
        for known in ([export], [export, place], [export, device], [export, device, api])
    ]
    assert [row["timezone_source"] for row in rows] == ["unknown", "position", "file", "api"]
    assert [row["utc_offset_s"] for row in rows] == [None, 3600, 7200, -18000]
    assert [row["timezone_name"] for row in rows] == [
        None,
        "Europe/Berlin",
        None,
        "America/New_York",
    ]
    assert rows[1]["start_time_local"] == datetime(2026, 2, 1, 10, 30)


def test_a_device_that_agrees_with_the_place_gets_its_name() -> None:
    device = seen("file", 0, file_utc_offset_s=3600, position_timezone_name="Europe/Berlin")
    row = merge_observations([seen("export", 0, start_time_utc=START), device])
    assert (row["timezone_source"], row["timezone_name"]) == ("file", "Europe/Berlin")


@pytest.mark.parametrize(
    "said", [{"sport_type": "VirtualRun"}, {"sport_type": "Ride", "is_position_virtual": True}]
)
def test_the_position_of_a_game_is_no_place_and_gives_no_zone(said: dict[str, Any]) -> None:
    placed = {
        "start_latitude": -11.6,
        "start_longitude": 166.9,
        "end_latitude": -11.6,
        "end_longitude": 166.9,
    }
    game = seen("file", 0, position_timezone_name="Pacific/Guadalcanal", **placed, **said)
    row = merge_observations([seen("export", 0, start_time_utc=START), game])
    assert row["timezone_source"] == "unknown"
    assert {row[name] for name in placed} == {None}


def test_a_device_s_offset_stands_in_a_game_without_the_name_of_its_island() -> None:
    game = seen(
        "file",
        0,
        sport_type="VirtualRide",
        file_utc_offset_s=39600,
        position_timezone_name="Pacific/Guadalcanal",
    )
    row = merge_observations([seen("export", 0, start_time_utc=START), game])
    assert (row["timezone_source"], row["utc_offset_s"], row["timezone_name"]) == (
        "file",
        39600,
        None,
    )


@pytest.mark.parametrize(("told", "right"), [(None, 812.0), (900.0, 900.0)])
def test_the_highest_power_of_the_points_fills_in_for_an_empty_column(
    told: float | None, right: float
) -> None:
    fields = {} if told is None else {"max_power_w": told}
    assert (
        merge_observations([seen("export", 0, **fields), seen("file", 5, highest_power_w=812.0)])[
            "max_power_w"
        ]
        == right
    )


def test_an_unknown_athlete_gives_way_to_a_known_one() -> None:
    unknown = Observation(
        activity_id=7, athlete_id=0, source="export", observed_at=DAY + timedelta(days=1), fields={}
    )
    assert merge_observations([seen("file", 0), unknown])["athlete_id"] == 1
    assert merge_observations([unknown])["athlete_id"] == 0


def test_what_said_the_gear_last_is_noted() -> None:
    named, known = seen("export", 0, gear_name="Shoe"), seen("api_detail", 1, strava_gear_id="g1")
    assert merge_observations([named, known])["gear_said_by"] == "id"
    assert merge_observations([known, seen("export", 2, gear_name="Shoe")])["gear_said_by"] == (
        "name"
    )
    assert "gear_said_by" not in merge_observations([seen("file", 0)])


SOURCES: list[Source] = ["export", "file", "api_summary", "api_detail"]
FIELDS = st.dictionaries(
    st.sampled_from(["name", "sport_type", "weather_uv_index", "is_private"]),
    st.none() | st.integers(0, 3),
)


@given(
    st.lists(
        st.tuples(st.sampled_from(SOURCES), st.integers(0, 9), FIELDS),
        min_size=1,
        max_size=4,
        unique_by=lambda x: (x[0], x[1]),
    )
)
def test_arrival_order_cannot_matter(told: list[tuple[Source, int, dict[str, Any]]]) -> None:
    observations = [seen(source, day, **fields) for source, day, fields in told]
    rows = [merge_observations(order) for order in itertools.permutations(observations)]
    assert all(row == rows[0] for row in rows)


@pytest.mark.parametrize(
    ("known", "device", "guessed", "expected"),
    [
        ("Run", "Ride", None, ("Run", "export")),
        (None, "Ride", "Run", ("Ride", "file")),
        (None, None, "Run", ("Run", "guess")),
        (None, None, None, (None, None)),
    ],
)
def test_a_sport_is_a_known_label_or_the_device_s_word_or_a_guess(
    known: str | None,
    device: str | None,
    guessed: str | None,
    expected: tuple[str | None, str | None],
) -> None:
    told = {"sport_type": known, "guessed_sport_type": guessed}
    label = {name: word for name, word in told.items() if word}
    file = {"file_sport_type": device} if device else {}
    row = merge_observations([seen("export", 5, **label), seen("file", 0, **file)])
    assert (row.get("sport_type"), row.get("sport_type_source")) == expected


def test_the_sport_of_the_api_beats_file_and_guess_however_old() -> None:
    export, file = (
        seen("export", 9, guessed_sport_type="Run"),
        seen("file", 9, file_sport_type="Ride"),
    )
    row = merge_observations([seen("api_summary", 0, sport_type="GravelRide"), export, file])
    assert (row["sport_type"], row["sport_type_source"]) == ("GravelRide", "api")


def test_the_sport_of_a_row_is_the_export_s_unless_it_is_said_to_be_the_api_s() -> None:
    row = {"sport_type": "Run", "file_sport_type": "Ride"}
    assert sport(row) == {"sport_type": "Run", "sport_type_source": "export"}
    assert sport(row, is_api_sport=True) == {"sport_type": "Run", "sport_type_source": "api"}
