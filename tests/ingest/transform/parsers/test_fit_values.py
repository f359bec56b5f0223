"""The fields of a few FIT messages are the same numbers as those of many."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.transform.parsers.fit_columns import Messages
from ingest.transform.parsers.fit_stream import Stream, read_stream
from ingest.transform.parsers.fit_values import FewMessages
from tests.builders import Fit, FitValue, fit_time

LAP = 19
#: Fields of a lap: start_time, total_elapsed_time (scale 1000), max_altitude (scale 5, offset 500),
#: avg_heart_rate, avg_cadence and its fraction (scale 128).
FIELDS = {
    "start_time": (2, "uint32"),
    "total_elapsed_time": (7, "uint32"),
    "max_altitude": (43, "uint16"),
    "avg_heart_rate": (15, "uint8"),
    "avg_cadence": (17, "uint8"),
    "avg_fractional_cadence": (80, "uint8"),
    "avg_temperature": (50, "sint8"),
}


def stream(fit: Fit) -> Stream:
    return read_stream(fit.build(), "a.fit")


def laps(field: tuple[int | str, ...], *values: FitValue) -> FewMessages:
    fit = Fit().define(0, LAP, field)
    for value in values:
        fit.add(0, value)
    return FewMessages(stream(fit), "lap")


def test_values_are_scaled_and_none_where_they_are_invalid() -> None:
    assert laps(FIELDS["total_elapsed_time"], 1500, None).values("total_elapsed_time") == [
        1.5,
        None,
    ]
    assert laps(FIELDS["max_altitude"], 2600).values("max_altitude") == [20.0]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), None])
def test_a_number_that_is_not_finite_is_none(value: float | None) -> None:
    assert laps((7, "float32"), value, 2000.0).values("total_elapsed_time") == [None, 2.0]


def test_a_field_that_no_definition_has_or_that_is_a_text_is_none() -> None:
    assert laps(FIELDS["avg_heart_rate"], 120, 130).values("avg_cadence") == [None, None]
    assert laps((15, "string", 4), b"abc").values("avg_heart_rate") == [None]


def test_a_fraction_is_added_where_the_whole_number_is_known() -> None:
    fit = Fit().define(0, LAP, FIELDS["avg_cadence"], FIELDS["avg_fractional_cadence"])
    fit.add(0, 80, 64).add(0, 80, None).add(0, None, 64)
    assert FewMessages(stream(fit), "lap").values("avg_cadence") == [80.5, 80.0, None]


def test_messages_of_several_definitions_are_in_file_order() -> None:
    fit = Fit().define(0, LAP, FIELDS["avg_heart_rate"]).define(1, LAP, FIELDS["avg_cadence"])
    fit.add(0, 100).add(1, 90).add(0, 101)
    few = FewMessages(stream(fit), "lap")
    assert few.count == 3
    assert few.values("avg_heart_rate") == [100.0, None, 101.0]
    assert few.first_of("avg_cadence", "avg_heart_rate") == [100.0, 90.0, 101.0]


def test_whole_numbers_that_no_integer_column_holds_are_none() -> None:
    assert laps((15, "uint32"), 2**31, 2**31 - 1).integers("avg_heart_rate") == [None, 2**31 - 1]


def test_times_that_are_no_date_are_none() -> None:
    start = datetime(2024, 5, 1, 6, tzinfo=UTC)
    few = laps(FIELDS["start_time"], fit_time(start), 90_000)
    assert few.dates("start_time") == [start, None]


def test_a_position_lacks_both_numbers_where_one_is_missing() -> None:
    fit = Fit().define(0, LAP, (3, "sint32"), (4, "sint32"))
    fit.add(0, 2**29, 2**28).add(0, 2**29, None)
    few = FewMessages(stream(fit), "lap")
    found = few.positions("start_position_lat", "start_position_long")
    assert found == ([45.0, None], [22.5, None])
    assert laps((3, "sint32"), 2**29).positions("start_position_lat", "start_position_long") == (
        [None],
        [None],
    )


@given(
    st.lists(
        st.tuples(
            st.lists(st.sampled_from(sorted(FIELDS)), min_size=1, unique=True),
            st.binary(min_size=24, max_size=24),
        ),
        max_size=6,
    ),
    st.booleans(),
)
def test_any_messages_give_the_same_numbers_as_columns(
    messages: list[tuple[list[str], bytes]], big_endian: bool
) -> None:
    fit = Fit(big_endian=big_endian)
    for names, body in messages:
        fit.define(0, LAP, *(FIELDS[name] for name in names))
        size = sum({"uint32": 4, "uint16": 2}.get(FIELDS[name][1], 1) for name in names)
        fit.raw(b"\0" + body[:size])
    found = stream(fit)
    few, many = FewMessages(found, "lap"), Messages(found, "lap")
    for name in FIELDS:
        column = many.numbers(name)
        expected = np.full(many.count, np.nan) if column is None else column
        np.testing.assert_array_equal(np.array(few.values(name), np.float64), expected)
