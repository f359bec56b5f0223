"""The API's JSON, whatever it holds: observations, details and streams
that every database can store.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.transform.api_json import values as json_values
from ingest.transform.api_json.activity import (
    activity_id,
    answer_digest,
    api_observation,
    has_other_streams,
    shown_columns,
)
from ingest.transform.api_json.detail import detail
from ingest.transform.api_json.streams import recording
from ingest.transform.records import as_dict

NOW = datetime(2026, 11, 1, tzinfo=UTC)
START = datetime(2026, 5, 1, 7, 12, 33, tzinfo=UTC)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def fields(**raw: Any) -> dict[str, Any]:
    seen = api_observation({"id": 1, **raw}, 7, NOW, "api_summary")
    assert seen is not None
    return dict(seen.fields)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"distance": 12}, {"distance_m": 12.0}),
        ({"max_heartrate": 162.5}, {"max_heartrate_bpm": 162.5}),
        ({"kilojoules": 812.5}, {"total_work_j": 812_500.0}),
        ({"suffer_score": 76.0}, {"relative_effort": 76.0}),
        ({"kudos_count": 3.0}, {"kudos_count": 3}),
        ({"start_date": "2026-05-01T07:12:33Z"}, {"start_time_utc": START}),
        ({"start_latlng": [52.5, 13.4]}, {"start_latitude": 52.5, "start_longitude": 13.4}),
        ({"start_latlng": []}, {}),
        ({"start_latlng": [0.0, 0.0], "end_latlng": [0, 0]}, {}),
        ({"start_latlng": [47.0, -180.5]}, {"start_latitude": 47.0, "start_longitude": 179.5}),
        ({"timezone": "(GMT+00:00) Factory", "utc_offset": 0.0}, {"api_utc_offset_s": 0}),
        ({"timezone": "(GMT+01:00) Europe/Berlin"}, {"api_timezone_name": "Europe/Berlin"}),
        ({"utc_offset": 7200.0}, {"api_utc_offset_s": 7200}),
        ({"utc_offset": 1e9}, {}),
        ({"sport_type": "UnderwaterHockey", "type": "Workout"}, {"sport_type": "UnderwaterHockey"}),
        ({"type": "Ride"}, {"sport_type": "Ride"}),
        ({"gear_id": "b12"}, {"strava_gear_id": "b12"}),
        ({"gear_id": None}, {"strava_gear_id": None}),
        ({"description": ""}, {"description": None}),
        ({"external_id": None, "device_name": None}, {}),
        (
            {"weighted_average_watts": 210, "device_watts": True},
            {"weighted_average_power_w": 210.0, "is_device_power": True},
        ),
        ({"weighted_average_watts": 210, "device_watts": False}, {"is_device_power": False}),
        ({"distance": "far", "moving_time": True, "name": ["x"], "kudos_count": 2**40}, {}),
    ],
)
def test_a_key_becomes_its_column(raw: dict[str, Any], expected: dict[str, Any]) -> None:
    assert fields(**raw) == expected


def test_the_offset_follows_from_the_two_starts_where_nothing_tells_it() -> None:
    told = fields(start_date="2026-05-01T07:12:33Z", start_date_local="2026-05-01T09:12:33Z")
    assert told["api_utc_offset_s"] == 7200


@pytest.mark.parametrize("known", [None, 0, -5, 2**53, "12.0", 1.5, True])
def test_an_activity_without_an_id_is_none(known: Any) -> None:
    assert activity_id({"id": known}) is None
    assert api_observation({"id": known}, 7, NOW, "api_summary") is None


def test_counters_make_no_difference_and_names_do() -> None:
    raw = {"id": 1, "name": "Run", "kudos_count": 1, "comment_count": 0}
    assert answer_digest(raw) == answer_digest({**raw, "kudos_count": 9, "comment_count": 3})
    assert answer_digest(raw) != answer_digest({**raw, "name": "Ride"})


@pytest.mark.parametrize(
    "name", ["distance", "moving_time", "elapsed_time", "start_date", "upload_id"]
)
def test_other_streams_are_told_by_distance_times_and_upload(name: str) -> None:
    assert has_other_streams({name: 1, "name": "a"}, {name: 2, "name": "a"})
    assert not has_other_streams({name: 1, "name": "a"}, {name: 1, "name": "b"})


@given(
    st.dictionaries(
        st.sampled_from(
            [
                "name",
                "distance",
                "start_date",
                "gear_id",
                "gear",
                "start_latlng",
                "timezone",
                "utc_offset",
                "laps",
                "splits_metric",
                "best_efforts",
                "segment_efforts",
                "photos",
                "kilojoules",
                "type",
            ]
        ),
        ANYTHING,
    )
)
def test_nothing_that_json_can_hold_stops_a_page(raw: dict[str, Any]) -> None:
    seen = api_observation({"id": 1, **raw}, 7, NOW, "api_detail")
    assert seen is not None
    rows = detail(raw)
    texts = [v for v in seen.fields.values() if isinstance(v, str)]
    texts += [v for lap in rows.laps for v in as_dict(lap).values() if isinstance(v, str)]
    for text in texts:
        assert "\0" not in text
        text.encode("utf-8")


@given(ANYTHING)
def test_no_streams_stop_an_activity(raw: Any) -> None:
    recording(raw, START)
    recording({"time": {"data": raw}, "latlng": {"data": [raw]}}, START)


def test_a_text_loses_what_postgresql_cannot_store() -> None:
    assert json_values.json_text("a\0b\ud83d") == "ab?"


def test_streams_are_columns_with_gaps() -> None:
    found = recording(
        {
            "time": {"data": [0, 1, 4]},
            "latlng": {"data": [[52.5, 13.4], None, [52.6, 13.5]]},
            "heartrate": {"data": [120, None, 130]},
            "watts": {"data": [1, 2]},
            "grade_smooth": {"data": [0, 0, 0]},
        },
        START,
    )
    assert found is not None
    assert found.start_time_utc == START
    assert found.points["elapsed_s"].tolist() == [0.0, 1.0, 4.0]
    assert found.points["latitude"][[0, 2]].tolist() == [52.5, 52.6]
    assert np.isnan(found.points["heartrate_bpm"][1])
    assert set(found.points) == {"elapsed_s", "latitude", "longitude", "heartrate_bpm"}
    assert "power_w" in (found.partial or "")


@pytest.mark.parametrize(
    "raw", [{}, [], None, {"time": {"data": []}}, {"distance": {"data": [1.0]}}]
)
def test_without_times_there_is_no_track(raw: Any) -> None:
    assert recording(raw, START) is None


def test_a_segment_effort_without_id_or_twice_is_left_out() -> None:
    effort = {"id": 2**60, "name": "Hill", "segment": {"id": 5, "climb_category": 2}}
    rows = detail({"segment_efforts": [effort, effort, {"name": "x"}]}).segment_efforts
    assert [
        (row.segment_effort_id_text, row.segment_id, row.segment_climb_category) for row in rows
    ] == [(str(2**60), 5, 2)]


def test_a_photo_is_that_of_its_largest_size() -> None:
    primary = {"unique_id": "ab", "urls": {"100": "small", "600": "large"}, "media_type": 1}
    (photo,) = detail({"photos": {"primary": primary, "count": 3}}).photos
    assert (photo.url, photo.media_type) == ("large", "photo")


def test_a_stream_s_position_of_zero_is_none_and_longitudes_are_angles() -> None:
    places = [[0, 0], [10.0, 180.25], [10.0, -179.5]]
    found = recording({"time": {"data": [0, 1, 2]}, "latlng": {"data": places}}, START)
    assert found is not None
    assert found.points["latitude"].tolist() == pytest.approx([np.nan, 10, 10], nan_ok=True)
    assert found.points["longitude"].tolist() == pytest.approx(
        [np.nan, -179.75, -179.5], nan_ok=True
    )


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ({"has_heartrate": True}, {"heartrate"}),
        ({"has_heartrate": False, "average_heartrate": 133.3}, {"heartrate"}),
        ({"has_heartrate": False, "average_heartrate": None}, set()),
        ({"device_watts": True, "average_watts": 190.0}, {"power"}),
        ({"device_watts": True, "max_watts": 700}, {"power"}),
        ({"device_watts": True}, set()),
        ({"average_watts": 190.0, "max_watts": 700}, set()),
        ({"start_latlng": [-33.9, 151.2]}, {"position"}),
        ({"start_latlng": [0, 0.0]}, set()),
        ({"start_latlng": []}, set()),
        (
            {"start_latlng": "home", "distance": "far", "average_heartrate": [], "device_watts": 1},
            set(),
        ),
        ({"distance": 1500}, {"distance"}),
        ({"distance": 0.0}, set()),
    ],
)
def test_a_summary_shows_which_columns_there_are(raw: dict[str, Any], shown: set[str]) -> None:
    assert shown_columns(raw) == shown
