"""activities.csv becomes one line per activity, and no broken cell costs more than itself."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.errors import BadTable
from ingest.transform.tables.activities import ActivityLine, ActivityTable, read_activities
from ingest.transform.tables.activity_columns import FIELDS, READ_APART, TEXTS
from ingest.transform.tables.languages import EN, LANGUAGES, Language
from ingest.transform.tables.languages.de import DE
from ingest.transform.tables.languages.nl import NL
from ingest.transform.tables.versions import NEWEST
from tests.ingest.transform.tables.header_rows import activities_csv, columns_of, csv_bytes, labels


def table(
    *rows: dict[str, str], count: int = len(NEWEST), language: Language = EN
) -> ActivityTable:
    return read_activities(activities_csv(*rows, count=count, language=language), "activities.csv")


def line(count: int = len(NEWEST), language: Language = EN, **cells: str) -> ActivityLine:
    (only,) = table(cells, count=count, language=language).lines
    return only


def fields(**cells: str) -> dict[str, Any]:
    return line(103, EN, **cells).fields()


EMPTY = {"name": None, "description": None, "private_note": None, "gear_name": None}


def test_empty_cells_are_absent_but_texts_are_cleared() -> None:
    assert fields() == {"start_time_utc": datetime(2024, 5, 1, 6, tzinfo=UTC)} | EMPTY


def test_texts_whose_column_is_missing_are_absent() -> None:
    assert "private_note" not in line(count=84).fields()


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"activity_name": "Two\nlines"}, {"name": "Two\nlines"}),
        ({"activity_name": " leading"}, {"name": " leading"}),
        ({"activity_description": "a\r\nb"}, {"description": "a\r\nb"}),
        (
            {"activity_type": "Virtual Ride"},
            {"activity_type_label": "Virtual Ride", "sport_type": "VirtualRide"},
        ),
        ({"activity_type": "Underwater Hockey"}, {"activity_type_label": "Underwater Hockey"}),
        ({"elapsed_time": "59", "elapsed_time_2": "59.5"}, {"elapsed_time_s": 59.5}),
        ({"elapsed_time": "59"}, {"elapsed_time_s": 59.0}),
        ({"distance": "5.00", "distance_2": "5012.3"}, {"distance_m": 5012.3}),
        ({"distance": "5.00"}, {"distance_m": 5000.0}),
        (
            {"activity_type": "Swim", "distance": "1,250"},
            {"distance_m": 1250.0, "sport_type": "Swim", "activity_type_label": "Swim"},
        ),
        ({"max_heart_rate": "181.0"}, {"max_heartrate_bpm": 181.0}),
        ({"max_heart_rate_2": "182.0"}, {"max_heartrate_bpm": 182.0}),
        ({"max_heart_rate": "181.0", "max_heart_rate_2": "182.0"}, {"max_heartrate_bpm": 181.0}),
        ({"relative_effort": "41", "relative_effort_2": "41.5"}, {"relative_effort": 41.0}),
        ({"relative_effort_2": "41.5"}, {"relative_effort": 41.5}),
        ({"commute": "true"}, {"is_commute": True}),
        ({"commute_2": "0.0"}, {"is_commute": False}),
        ({"from_upload": "0.0"}, {"is_manual": True}),
        ({"from_upload": "1.0"}, {"is_manual": False}),
        ({"flagged": "2.0"}, {"is_flagged": True, "flag_code": 2}),
        ({"flagged": "0.0"}, {"is_flagged": False, "flag_code": 0}),
        ({"elevation_low": "-500.0", "elevation_high": "12.5"}, {"elev_high_m": 12.5}),
        (
            {"bike": "9876543.0", "gear": "21088801"},
            {"export_bike_id": 9876543, "export_gear_id": 21088801},
        ),
        (
            {"weather_observation_time": "1714546944.0"},
            {"weather_observation_time_utc": datetime.fromtimestamp(1714546944, UTC)},
        ),
        ({"average_grade_adjusted_pace": "2.5"}, {"average_grade_adjusted_speed_mps": 2.5}),
        ({"total_work": "250000.0"}, {"total_work_j": 250000.0}),
        ({"total_steps": "12000.0"}, {"total_steps": 12000}),
        ({"with_kid": "1.0", "competition": "0.0"}, {"is_with_kid": True, "is_competition": False}),
        ({"average_speed": "0.0"}, {"average_speed_mps": 0.0}),
        ({"activity_gear": "Examplerun Tempo 3 Blue"}, {"gear_name": "Examplerun Tempo 3 Blue"}),
    ],
)
def test_cells_become_typed_fields(cells: dict[str, str], expected: dict[str, Any]) -> None:
    assert fields(**cells) == fields() | expected


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda known: known.code)
def test_every_column_is_read_in_every_language(language: Language) -> None:
    found = table({}, language=language)
    assert found.language == language.code
    assert found.columns == {name for outputs in FIELDS.values() for name, _ in outputs} | {
        *TEXTS.values(),
        "distance_m",
    }
    assert found.unknown_columns == ()
    assert found.errors == []


def test_every_column_of_the_newest_header_has_its_reader() -> None:
    assert {*columns_of()} - {*FIELDS, *TEXTS, *READ_APART} == {"type", "start_time"}


def test_the_decimal_sign_of_a_shown_distance_belongs_to_the_language() -> None:
    assert line(language=DE, activity_type="Lauf", distance="9,44").fields()["distance_m"] == 9440.0
    assert (
        line(language=NL, activity_type="Zwemmen", distance="1.500").fields()["distance_m"]
        == 1500.0
    )


def test_the_first_exports_show_metres_and_the_next_kilometres() -> None:
    row = ["7", "2014-09-12 16:54:28", "Lunch", "Ride", "", "600", "5012.3", "false", "", ""]
    first = [
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
    old = read_activities(csv_bytes([first, row]), "activities.csv")
    assert old.language == "en"
    assert old.lines[0].fields()["distance_m"] == 5012.3
    row[6] = "5.01"
    assert (
        read_activities(csv_bytes([labels(columns_of(10)), row]), "activities.csv")
        .lines[0]
        .fields()["distance_m"]
        == 5010.0
    )


def test_swapped_cadences_of_2020_are_put_in_order() -> None:
    found = line(count=72, language=NL, max_cadence="80.0", average_cadence="95.0").fields()
    assert (found["max_cadence_rpm"], found["average_cadence_rpm"]) == (95.0, 80.0)


def test_files_media_and_gear_are_at_hand_without_conversion() -> None:
    found = line(
        filename="activities/9.fit.gz",
        media="media/A.jpg| media/b.mp4|",
        activity_gear=" Gravel Nomad ",
    )
    assert found.filename == "activities/9.fit.gz"
    assert found.media == ("media/A.jpg", "media/b.mp4")
    assert found.gear_name == "Gravel Nomad"
    assert not {"filename", "media"} & found.fields().keys()


def test_no_file_is_none_and_the_literal_error_stays() -> None:
    assert line().filename is None
    assert line().media == ()
    assert line(filename="#error#").filename == "#error#"


@pytest.mark.parametrize(
    ("column", "label", "nothing"),
    [
        ("filename", "Filename", None),
        ("activity_gear", "Activity Gear", None),
        ("media", "Media", ()),
    ],
)
def test_a_cell_too_long_for_a_key_is_unreadable_kept_and_reported(
    column: str, label: str, nothing: object
) -> None:
    cell = "a.jpg|" + "x" * 1001
    found = table({column: cell}, {column: cell}, {column: "x" * 1000})
    names = {"activity_gear": "gear_name"}
    assert [getattr(entry, names.get(column, column)) for entry in found.lines[:2]] == [
        nothing,
        nothing,
    ]
    assert getattr(found.lines[2], names.get(column, column)) in ("x" * 1000, ("x" * 1000,))
    assert found.lines[0].extra() == {label: cell}
    assert ("gear_name" in found.lines[0].fields()) == (column != "activity_gear")
    (error,) = found.errors
    assert str(error).startswith(
        f"activities.csv: column '{label}': 2 rows, first row 2: cannot read 'a.jpg|xxx"
    )


def test_each_path_of_media_may_be_long_by_itself() -> None:
    assert line(media="|".join(["x" * 1000] * 3)).media == ("x" * 1000,) * 3


def test_columns_always_empty_are_kept_if_they_are_ever_filled() -> None:
    assert line(type="9").extra() == {"Type": "9"}
    assert line().extra() == {}


def test_unknown_columns_are_kept_by_label() -> None:
    rows = [
        [*labels(columns_of(10)), "Mood", "Mood", ""],
        ["7", "2024-05-01 06:00:00", *[""] * 8, "good", "better", "!", "beyond"],
    ]
    found = read_activities(csv_bytes(rows), "activities.csv")
    assert found.unknown_columns == ("Mood", "Mood", "")
    assert found.lines[0].extra() == {
        "Mood": "good",
        "Mood (12)": "better",
        "column 13": "!",
        "column 14": "beyond",
    }


def test_an_unreadable_cell_is_absent_kept_and_reported_once_per_column() -> None:
    found = table({"calories": "many"}, {"calories": "lots"}, {"calories": "3"})
    assert "calories_kcal" not in found.lines[0].fields()
    assert found.lines[0].extra() == {"Calories": "many"}
    assert [str(error) for error in found.errors] == [
        "activities.csv: column 'Calories': 2 rows, first row 2: cannot read 'many'",
    ]


def test_an_unreadable_second_occurrence_falls_back_to_the_first() -> None:
    found = table({"elapsed_time": "59", "elapsed_time_2": "?"})
    assert found.lines[0].fields()["elapsed_time_s"] == 59.0
    assert found.lines[0].extra() == {"Elapsed Time": "?"}
    assert len(found.errors) == 1


def test_an_activity_without_a_readable_date_stays() -> None:
    found = table({"activity_date": "03/04/2024, 10:00:00"}, {"activity_date": ""})
    assert [entry.fields().get("start_time_utc") for entry in found.lines] == [None, None]
    assert found.lines[0].extra() == {"Activity Date": "03/04/2024, 10:00:00"}
    assert [str(error) for error in found.errors] == [
        "activities.csv: column 'Activity Date': row 2: cannot read '03/04/2024, 10:00:00'"
        "; nothing tells which of the numbers is the day",
        "activities.csv: row 3: no start date",
    ]


@pytest.mark.parametrize("cell", ["", "#error#", "1.23E+10", "-1", str(2**53)])
def test_a_row_without_an_id_is_named_and_left_out(cell: str) -> None:
    found = table({}, {"activity_id": cell}, {})
    assert [entry.activity_id for entry in found.lines] == [1, 3]
    (error,) = found.errors
    assert isinstance(error, BadTable)
    assert str(error).startswith("activities.csv: row 3: ")


def test_of_rows_with_one_id_the_last_counts() -> None:
    found = table(
        {"activity_id": "7", "activity_name": "old"},
        {"activity_id": "8"},
        {"activity_id": "7", "activity_name": "new"},
    )
    assert [(entry.activity_id, entry.fields()["name"]) for entry in found.lines] == [
        (8, None),
        (7, "new"),
    ]
    assert [str(error) for error in found.errors] == [
        "activities.csv: activities that have several rows: 7 (row 2; row 4 is used)"
    ]


def test_a_row_cut_short_clears_nothing() -> None:
    rows = [labels(columns_of()), ["7", "2024-05-01 06:00:00", "Lunch"]]
    found = read_activities(csv_bytes(rows), "activities.csv")
    assert found.lines[0].fields() == {
        "start_time_utc": datetime(2024, 5, 1, 6, tzinfo=UTC),
        "name": "Lunch",
    }


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"Activity Date,Activity Name\n2024-05-01 06:00:00,x\n",
        b"Activity ID,Activity Date\n#error#,\n",
        b"\x1f\x8b\x08\x00",
        b"<html>not found</html>",
    ],
)
def test_a_file_without_activity_ids_is_refused_by_name(data: bytes) -> None:
    with pytest.raises(BadTable) as caught:
        read_activities(data, "e.zip/activities.csv")
    assert caught.value.origin == "e.zip/activities.csv"


def test_a_header_without_rows_is_an_athlete_without_activities() -> None:
    assert table().lines == []


def test_an_unknown_language_is_read_by_place_and_says_so() -> None:
    cells = [f"列{index}" for index in range(len(NEWEST))]
    row = {
        "activity_id": "7",
        "activity_date": "2026/06/29 20:14:15",
        "distance_2": "5012.3",
        "media": "media/a.jpg",
    }
    found = read_activities(activities_csv(row, header=cells), "activities.csv")
    assert found.language is None
    assert found.lines[0].fields()["start_time_utc"] == datetime(
        2026, 6, 29, 20, 14, 15, tzinfo=UTC
    )
    assert found.lines[0].fields()["distance_m"] == 5012.3
    assert found.lines[0].media == ("media/a.jpg",)
    assert f"{len(NEWEST)} columns are recognised by their position" in str(found.errors[0])


def test_an_unknown_language_whose_columns_moved_is_refused() -> None:
    cells = [f"列{index}" for index in range(len(NEWEST))]
    data = activities_csv(
        {"activity_date": "Ride", "activity_type": "2026/06/29 20:14:15"}, header=cells
    )
    with pytest.raises(BadTable, match="not where they should be"):
        read_activities(data, "activities.csv")


def test_a_new_word_in_a_known_place_is_reported() -> None:
    cells = labels(columns_of())
    cells[20] = "Climb"
    found = read_activities(
        activities_csv({"elevation_gain": "812.0"}, header=cells), "activities.csv"
    )
    assert found.lines[0].fields()["total_elevation_gain_m"] == 812.0
    assert "'Climb'" in str(found.errors[0])


CELLS = st.one_of(
    st.just(""),
    st.floats(allow_nan=True).map(str),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
)


@settings(deadline=None)
@given(st.lists(CELLS, min_size=102, max_size=104))
def test_no_cell_breaks_a_row_and_what_is_not_read_is_kept(cells: list[str]) -> None:
    found = read_activities(csv_bytes([labels(columns_of()), ["7", *cells]]), "activities.csv")
    (only,) = found.lines
    assert only.fields().keys() <= found.columns
    assert all(only.cells[index] in only.extra().values() for index in only.bad)


def test_a_line_keeps_less_than_four_kilobytes() -> None:
    row = {slot: f"{number}.5" for number, slot in enumerate(FIELDS)} | {
        "activity_date": "2024-05-01 06:00:00"
    }
    data = activities_csv(
        *(
            {**row, "activity_id": str(10**10 + number), "calories": f"{number}.0"}
            for number in range(2000)
        )
    )
    tracemalloc.start()
    try:
        found = read_activities(data, "activities.csv")
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(found.lines) == 2000
    assert kept < 8_000_000


UNKNOWN_HEADER = [f"列{index}" for index in range(len(NEWEST))]


def foreign(*rows: dict[str, str]) -> ActivityTable:
    return read_activities(activities_csv(*rows, header=UNKNOWN_HEADER), "activities.csv")


def test_one_day_above_12_gives_every_row_its_start() -> None:
    found = foreign(
        {"activity_date": "07/02/2025, 18:12:00"}, {"activity_date": "25/02/2025, 05:10:00"}
    )
    starts = [entry.fields()["start_time_utc"] for entry in found.lines]
    assert starts == [
        datetime(2025, 2, 7, 18, 12, tzinfo=UTC),
        datetime(2025, 2, 25, 5, 10, tzinfo=UTC),
    ]


def test_unreadable_dates_cost_no_more_than_themselves_and_the_first_three_are_shown() -> None:
    rows = [
        {"activity_date": text, "elapsed_time": "60"}
        for text in ("?1", "?1", "?2", "?3", "?4", "2025-02-25 05:10")
    ]
    found = foreign(*rows)
    assert [entry.fields().get("elapsed_time_s") for entry in found.lines] == [60.0] * 6
    assert [entry.fields().get("start_time_utc") for entry in found.lines][5] == datetime(
        2025, 2, 25, 5, 10, tzinfo=UTC
    )
    assert (
        str(found.errors[1])
        == "activities.csv: column '列1': 5 rows, first row 2: cannot read '?1', '?2', '?3'"
    )


def test_a_table_without_a_single_readable_date_stays() -> None:
    found = foreign({"activity_date": "den sjette"}, {"activity_date": "xx.yy.2025"})
    assert [entry.activity_id for entry in found.lines] == [1, 2]


def test_a_header_in_one_language_proves_nothing_of_the_dates() -> None:
    found = line(activity_date="14 Ağu 2025 07:30:00")
    assert found.fields()["start_time_utc"] == datetime(2025, 8, 14, 7, 30, tzinfo=UTC)


def test_starts_of_device_files_are_heard_where_the_order_is_open() -> None:
    data = activities_csv({"activity_date": "07/02/2025, 18:12:00"})
    assert read_activities(data, "x").dates.is_doubtful
    found = read_activities(data, "x", {1: datetime(2025, 7, 2, 18, 12, 4, tzinfo=UTC)})
    assert found.lines[0].fields()["start_time_utc"] == datetime(2025, 7, 2, 18, 12, tzinfo=UTC)


def test_each_sport_that_nobody_knows_is_one_issue_with_its_count() -> None:
    labels_seen = ["Quidditch", "Corsa", "Quidditch", "Run", "Bossaball", ""]
    found = table(*({"activity_type": label} for label in labels_seen))
    assert [str(error) for error in found.errors] == [
        "activities.csv: column 'Activity Type': 2 rows: no sport is known as 'Quidditch'",
        "activities.csv: column 'Activity Type': 1 row: no sport is known as 'Bossaball'",
    ]


def test_a_column_full_of_unknown_sports_gives_few_issues() -> None:
    found = table(*({"activity_type": f"Sport {number}x"} for number in range(100)))
    assert len(found.errors) == 21
    assert "80 rows: no sport is known as 80 other labels" in str(found.errors[-1])


def test_a_table_without_dates_is_read() -> None:
    found = read_activities(
        csv_bytes([["Activity ID", "Activity Name"], ["7", "Lunch", "beyond"]]), "activities.csv"
    )
    assert found.lines[0].fields() == {"name": "Lunch"}


def test_a_guessed_swim_shows_metres() -> None:
    assert line(activity_type="Nuoto", distance="1,250").fields()["distance_m"] == 1250.0
