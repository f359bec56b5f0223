"""Every other CSV of an export is read, or ignored for a reason."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.transform.tables import IGNORED, TABLES
from ingest.transform.tables.csvtable import CsvTable
from tests.ingest.transform.tables.header_rows import csv_bytes

#: Every member that has been seen at the top of an export, but activities.csv.
MEMBERS = """
    applications.csv bikes.csv blocks.csv clubs.csv comments.csv components.csv connected_apps.csv
    contacts.csv email_preferences.csv events.csv favorites.csv flags.csv followers.csv
    following.csv general_preferences.csv global_challenges.csv goals.csv group_challenges.csv
    intercom_tickets.csv kudos.csv local_legend_segments.csv logins.csv media.csv memberships.csv
    messaging.json metering.csv mobile_device_identifiers.csv monthly_recap_achievements.csv
    orders.csv partner_opt_outs.csv photos.csv posts.csv privacy_zones.csv profile.csv profile.jpg
    reactions.csv routes.csv segment_feedback.csv segments.csv shoes.csv social_settings.csv
    starred_routes.csv starred_segments.csv structured_details.csv support_tickets.csv
    visibility_settings.csv categories_of_personal_information_we_collect.pdf
    information_we_disclose_for_a_business_purpose.pdf
"""
NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)


def read(filename: str, *rows: str) -> list[dict[str, Any]]:
    found = TABLES[filename].read("\n".join(rows).encode(), filename)
    assert found.errors == []
    return found.rows


def test_every_member_of_an_export_is_read_or_ignored_for_a_reason() -> None:
    assert sorted(MEMBERS.split()) == sorted([*TABLES, *IGNORED])
    assert all(IGNORED.values())


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda known: known.filename)
def test_every_layout_is_known_word_by_word(table: CsvTable) -> None:
    known = {*table.ignored, *(label for column in table.columns for label in column.labels)}
    for layout in table.layouts:
        assert set(layout.split(",")) <= known


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda known: known.filename)
def test_every_layout_is_read_without_issues_and_fills_every_column(table: CsvTable) -> None:
    cells = [
        "1" if "date" not in label.lower() else "2024-05-01 12:00:00"
        for label in table.layouts[0].split(",")
    ]
    found = table.read(csv_bytes([table.layouts[0].split(","), cells]), table.filename)
    assert found.errors == []
    (row,) = found.rows
    assert {column.name for column in table.columns} <= row.keys()
    assert None not in [row[column.name] for column in table.columns]


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda known: known.filename)
def test_an_unknown_language_is_read_by_place(table: CsvTable) -> None:
    labels = table.layouts[0].split(",")
    cells = ["1" if "date" not in label.lower() else "2024-05-01 12:00:00" for label in labels]
    foreign = [f"列{index}" for index in range(len(labels))]
    assert table.read(csv_bytes([foreign, cells]), "x") == table.read(
        csv_bytes([labels, cells]), "x"
    )


def test_the_profile_has_no_address() -> None:
    (row,) = read(
        "profile.csv",
        "Athlete ID,Email Address,First Name,Last Name,Sex,Description,Weight,City,State,Country,"
        "Health Consent Status,Date of Health Consent approval/denial",
        '900000100,jordan@example.org,Jordan,Example,Male,"Two\nlines",70.0,Sampleton,,Nowhere,'
        'Approved,"Jan 8, 2023, 9:27:04 PM"',
    )
    assert row == {
        "athlete_id": 900000100,
        "first_name": "Jordan",
        "last_name": "Example",
        "sex": "Male",
        "description": "Two\nlines",
        "weight_kg": 70.0,
        "city": "Sampleton",
        "state": None,
        "country": "Nowhere",
    }


def test_a_profile_with_other_words_has_no_address_either() -> None:
    labels = ["Prénom", "Nom", "Ville", "Adresse e-mail", "Sexe", "Nouveau"]
    found = TABLES["profile.csv"].read(
        csv_bytes([labels, ["Jo", "Ex", "V", "jo@example.org", "F", "secret"]]), "profile.csv"
    )
    assert {k: v for k, v in found.rows[0].items() if v} == {
        "first_name": "Jo",
        "last_name": "Ex",
        "city": "V",
        "sex": "F",
    }
    assert [str(error) for error in found.errors] == [
        "profile.csv: unknown columns, not imported: 'Nouveau'"
    ]


@pytest.mark.parametrize(
    ("weight", "expected"),
    [("70.0 kg", 70.0), ("100 lb", 45.359237), ("0.0 lb", None), (" kg", None)],
)
def test_preferences_have_weight_power_and_heart_rate(weight: str, expected: float | None) -> None:
    (row,) = read(
        "general_preferences.csv",
        TABLES["general_preferences.csv"].layouts[0],
        f'"Jan 1, 1990",{weight},133 W,193,Runner,Metric,mm/dd/YYYY,Week,English (US),--:--,"",All',
    )
    assert row == {
        "weight_kg": expected,
        "ftp_w": 133.0,
        "max_heartrate_bpm": 193.0,
        "athlete_type": "Runner",
        "measurement_preference": "Metric",
    }


def test_gear_is_named_as_activities_name_it() -> None:
    shoes = read(
        "shoes.csv",
        "Shoe Name,Shoe Brand,Shoe Model",
        "Blue , Examplerun,Tempo  3",
        ",Examplerun,Trail",
    )
    assert [(row["kind"], row["display_name"]) for row in shoes] == [
        ("shoe", "Examplerun Tempo 3 Blue"),
        ("shoe", "Examplerun Trail"),
    ]
    (bike,) = read(
        "bikes.csv",
        "Bike Name,Bike Brand,Bike Model,Bike Default Sport Types",
        'Gravel  Nomad,E,G1,"Gravel Ride,Ride"',
    )
    assert bike == {
        "kind": "bike",
        "name": "Gravel  Nomad",
        "brand": "E",
        "model": "G1",
        "default_sport_types": "Gravel Ride,Ride",
        "display_name": "Gravel Nomad",
    }


def test_challenges_say_which_kind_they_are() -> None:
    rows = ["Join Date,Name,Completed", '"May 1, 2024, 12:00:00 PM",May 10k,true']
    expected = {"joined_at": NOON, "name": "May 10k", "is_completed": True}
    assert read("global_challenges.csv", *rows) == [{"challenge_type": "global", **expected}]
    assert read("group_challenges.csv", *rows) == [{"challenge_type": "group", **expected}]


def test_french_words_are_known_in_any_order() -> None:
    (row,) = read(
        "global_challenges.csv",
        "Nom,Date d'inscription,Terminé",
        '10 km,"1 mai 2024, 12:00:00",false',
    )
    assert row == {
        "challenge_type": "global",
        "joined_at": NOON,
        "name": "10 km",
        "is_completed": False,
    }


def test_goals_have_the_word_of_the_api() -> None:
    (row,) = read(
        "goals.csv",
        TABLES["goals.csv"].layouts[0],
        "Distance Goal,Course à pied,30000.0,2024-05-01 12:00:00,,,Week,",
    )
    assert (row["activity_type_label"], row["sport_type"], row["target"]) == (
        "Course à pied",
        "Run",
        30000.0,
    )
    assert (row["start_time_utc"], row["end_time_utc"], row["segment_id"]) == (NOON, None, None)


def test_sets_are_numbered_inside_their_activity() -> None:
    rows = read(
        "structured_details.csv",
        TABLES["structured_details.csv"].layouts[0],
        "5,Row,8,,60,0,1,",
        "6,Dip,9,,,,,",
        "5,Row,8,,60,95000,1,8",
    )
    assert [(row["activity_id"], row["set_index"], row["start_offset_s"]) for row in rows] == [
        (5, 0, 0.0),
        (6, 0, None),
        (5, 1, 95.0),
    ]


def test_ids_beyond_two_to_the_53_are_exact() -> None:
    (row,) = read("starred_routes.csv", "Date,Route ID", "2024-05-01 12:00:00,3202723673445836344")
    assert row == {"starred_at": NOON, "route_id": 3202723673445836344}


def test_old_names_of_files_lead_to_the_same_tables() -> None:
    assert read("photos.csv", "Photo Filename,Photo Caption", "photos/a.jpg,Hi") == [
        {"filename": "photos/a.jpg", "caption": "Hi"}
    ]
    assert TABLES["photos.csv"].table == TABLES["media.csv"].table
    assert TABLES["kudos.csv"].table == TABLES["reactions.csv"].table


def test_clubs_lose_their_pictures_and_pages() -> None:
    table = TABLES["clubs.csv"]
    found = table.read(
        f"{table.layouts[1]}\nStriders,,Casual,Running,S,N,,https://example.org,fb,tw,c,p\n".encode(),
        "clubs.csv",
    )
    assert found.errors == []
    assert {k: v for k, v in found.rows[0].items() if v} == {
        "name": "Striders",
        "club_type": "Casual",
        "club_sport": "Running",
        "city": "S",
        "country": "N",
        "website": "https://example.org",
    }


def test_a_bad_cell_is_none_and_reported_once_per_column() -> None:
    data = b"Segment Name,Activity ID,Starting Latitude\nA,x,1.5\nB,y,2.5\n"
    found = TABLES["segments.csv"].read(data, "segments.csv")
    assert [(row["name"], row["activity_id"], row["start_latitude"]) for row in found.rows] == [
        ("A", None, 1.5),
        ("B", None, 2.5),
    ]
    assert [str(error) for error in found.errors] == [
        "segments.csv: column 'Activity ID': 2 rows, first row 2: cannot read 'x'"
    ]


@pytest.mark.parametrize(
    ("filename", "header", "column"),
    [
        ("bikes.csv", "Bike Name,Bike Brand,Bike Model", "name"),
        ("shoes.csv", "Shoe Name,Shoe Brand,Shoe Model", "name"),
        ("components.csv", "Bike Name,Component Type,Component Brand,Component Model", "bike_name"),
        ("media.csv", "Media Filename,Media Caption", "filename"),
    ],
)
def test_a_name_too_long_for_a_key_is_none_and_reported(
    filename: str, header: str, column: str
) -> None:
    found = TABLES[filename].read(f"{header}\n{'x' * 1001},b\n".encode(), filename)
    assert [row[column] for row in found.rows] == [None]
    assert len(found.errors) == 1


def test_shoes_whose_names_are_too_long_together_have_no_name_to_show() -> None:
    rows = read("shoes.csv", "Shoe Name,Shoe Brand,Shoe Model", ",".join(["x" * 400] * 3))
    assert rows[0]["display_name"] is None


def test_a_header_alone_is_no_rows_and_no_issue() -> None:
    assert read("comments.csv", "Comment Date,Comment") == []


@pytest.mark.parametrize("data", [b"", b"\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_an_issue_and_no_rows(data: bytes) -> None:
    found = TABLES["comments.csv"].read(data, "comments.csv")
    assert found.rows == []
    assert len(found.errors) == 1


def test_unknown_columns_are_reported_once_and_not_kept() -> None:
    found = TABLES["comments.csv"].read(
        b"Comment Date,Comment,Mood\n2024-05-01 12:00:00,Hi,good\n", "comments.csv"
    )
    assert found.rows == [{"commented_at": NOON, "comment": "Hi"}]
    assert len(found.errors) == 1


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda known: known.filename)
@settings(deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_break_a_table(table: CsvTable, data: bytes) -> None:
    header = table.layouts[0].encode()
    assert all(
        {c.name for c in table.columns} <= row.keys()
        for row in table.read(header + b"\n" + data, "x").rows
    )
