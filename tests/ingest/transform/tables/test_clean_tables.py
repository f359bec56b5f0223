"""The quick look at whole columns may doubt a row, but passes none with an unreadable cell."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ingest.transform.tables.headers import match_header
from ingest.transform.tables.row_layout import row_layout

LABELS = [
    *(
        "Activity ID",
        "Activity Date",
        "Activity Name",
        "Activity Type",
        "Elapsed Time",
        "Distance",
        "Max Heart Rate",
    ),
    *(
        "Commute",
        "Activity Gear",
        "Filename",
        "Elapsed Time",
        "Distance",
        "Max Heart Rate",
        "Total Steps",
        "Media",
    ),
]
CELLS = st.sampled_from(
    [
        "",
        " ",
        "1",
        "2.5",
        "x",
        "1_0",
        "nan",
        "true",
        "Run",
        "May 1, 2024, 6:00:00 AM",
        "y" * 1100,
        "9" * 40,
    ]
)
ORDINARY = [
    "1",
    "May 1, 2024, 6:00:00 AM",
    "",
    "Run",
    "60",
    "1.00",
    "",
    "false",
    "",
    "",
    "60.0",
    "1000.0",
    "",
    "12.0",
    "",
]
ROWS = st.lists(st.lists(CELLS, min_size=len(LABELS) - 1, max_size=len(LABELS) + 1), max_size=4)


@given(ROWS)
def test_a_row_that_is_not_doubted_has_no_unreadable_cell(rows: list[list[str]]) -> None:
    plan = row_layout(match_header(tuple(LABELS)))
    doubtful = plan.doubtful(rows)
    for index, row in enumerate(rows):
        if index not in doubtful:
            fields, bad = plan.convert(row)
            assert not bad
            assert "start_time_utc" in fields


def test_only_the_row_with_an_unreadable_cell_or_without_a_date_is_doubted() -> None:
    unreadable = [*ORDINARY[:12], "many", *ORDINARY[13:]]
    undated = [ORDINARY[0], "", *ORDINARY[2:]]
    rows = [ORDINARY, unreadable, ORDINARY, undated, ORDINARY[:-1]]
    assert row_layout(match_header(tuple(LABELS))).doubtful(rows) == {1, 3, 4}


def test_no_row_of_an_ordinary_table_is_doubted() -> None:
    assert row_layout(match_header(tuple(LABELS))).doubtful([ORDINARY, ORDINARY]) == set()
