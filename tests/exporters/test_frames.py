"""exporters.dataframe and exporters.activities: the types that people count on."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TypedDict

import pandas as pd
import polars as pl
import pytest
import sqlalchemy as sa

import exporters
from db.models import Activity, Base
from exporters.errors import UsageError
from exporters.frames import Engine
from tests.exporters.conftest import ACTIVITIES, Ask, imported, made_empty

UTC_TIME = pd.DatetimeTZDtype("us", "UTC")


class Choice(TypedDict, total=False):
    """What chooses activities."""

    ids: list[int]
    sport: list[str]


def test_a_table_has_the_types_of_its_columns(database: str) -> None:
    frame = exporters.dataframe("activities", database)
    assert len(frame) == ACTIVITIES
    assert frame.dtypes["activity_id"] == pd.Int64Dtype()
    assert frame.dtypes["gear_id"] == pd.Int64Dtype()
    assert frame.dtypes["is_commute"] == pd.BooleanDtype()
    assert frame.dtypes["start_time_utc"] == UTC_TIME
    assert frame.dtypes["start_time_local"] == "datetime64[us]"
    assert frame.dtypes["distance_m"] == "float64"
    assert isinstance(frame.dtypes["name"], pd.StringDtype)


def test_polars_has_the_same_types(database: str) -> None:
    frame = exporters.dataframe("activities", database, engine="polars")
    assert frame.schema["activity_id"] == pl.Int64
    assert frame.schema["is_commute"] == pl.Boolean
    assert frame.schema["start_time_utc"] == pl.Datetime("us", "UTC")
    assert frame.schema["start_time_local"] == pl.Datetime("us")
    assert frame.schema["distance_m"] == pl.Float64


@pytest.mark.parametrize("name", sorted(Base.metadata.tables))
@pytest.mark.parametrize("engine", ["pandas", "polars"])
def test_every_table_can_be_read(database: str, ask: Ask, name: str, engine: Engine) -> None:
    frame = exporters.dataframe(name, database, engine=engine)
    assert list(frame.columns) == list(Base.metadata.tables[name].columns.keys())
    assert len(frame) == ask(f"SELECT count(*) FROM {name}")[0][0]


def test_a_text_query_gets_types_by_the_names_of_columns(database: str) -> None:
    query = (
        "SELECT sport_type, max(start_time_utc) AS start_time_utc, count(*) AS n, "
        "max(is_commute) AS is_commute FROM activities GROUP BY sport_type"
    )
    frame = exporters.dataframe(query, database)
    assert frame.dtypes["start_time_utc"] == UTC_TIME
    assert frame.dtypes["is_commute"] == pd.BooleanDtype()
    assert frame["n"].sum() == ACTIVITIES


def test_a_text_query_without_rows_has_its_columns(database: str) -> None:
    frame = exporters.dataframe(
        "SELECT activity_id, 1 + 1 AS two FROM activities WHERE 1 = 0", database
    )
    assert list(frame.columns) == ["activity_id", "two"]


def test_a_select_has_the_types_of_its_columns(database: str) -> None:
    query = sa.select(
        Activity.sport_type, sa.func.sum(Activity.distance_m).label("distance_m")
    ).group_by(Activity.sport_type)
    frame = exporters.dataframe(query, database, engine="polars")
    assert frame.schema["distance_m"] == pl.Float64


@pytest.mark.parametrize(
    ("query", "value"),
    [
        ("SELECT 3355.47 AS point_count", 3355.47),
        ("SELECT 29.5 AS month", 29.5),
        ("SELECT '2026' AS year", "2026"),
        ("SELECT '2026-05' AS start_time_utc", "2026-05"),
        ("SELECT 2 AS is_commute", 2),
        ("SELECT 7 AS name", 7),
    ],
)
def test_a_value_that_does_not_fit_the_name_of_its_column_stays_as_it_is(
    database: str, query: str, value: float | str
) -> None:
    assert exporters.dataframe(query, database).iloc[0, 0] == value


def test_a_text_query_may_hold_colons_and_percent_signs(database_url: str) -> None:
    query = "SELECT ':30' AS a WHERE 'at 7:30 h' LIKE '%:30%'"
    frame = exporters.dataframe(query, made_empty(database_url))
    assert frame["a"].tolist() == [":30"]


def test_sums_and_averages_of_a_server_are_plain_numbers(pg_url: str) -> None:
    query = "SELECT sum(n) AS s, avg(n) AS a FROM (VALUES (1::bigint), (2)) AS t (n)"
    frame = exporters.dataframe(query, made_empty(pg_url))
    assert frame.dtypes.tolist() == [pd.Int64Dtype(), "float64"]


def test_days_are_dates_of_pandas(database: str) -> None:
    assert str(exporters.dataframe("dates", database).dtypes["date"]).startswith("datetime64")


@pytest.mark.parametrize("column", [sa.func.avg(Activity.moving_time_s), sa.text("1 AS x")])
def test_a_select_of_unknown_types_has_those_of_its_values(
    database: str, column: sa.ColumnElement[float] | sa.TextClause
) -> None:
    frame = exporters.dataframe(sa.select(column).select_from(Activity), database)
    assert pd.api.types.is_numeric_dtype(frame.dtypes.iloc[0])


@pytest.mark.parametrize("options", [{"ids": []}, {"sport": []}])
def test_an_empty_list_chooses_nothing(database: str, options: Choice) -> None:
    assert len(exporters.activities(**options, database=database)) == 0


def test_one_id_and_times_of_day_are_taken(database: str, ask: Ask) -> None:
    ((activity_id, day),) = ask(
        "SELECT activity_id, substr(start_time_local, 1, 10) FROM activities LIMIT 1"
    )
    noon = datetime.fromisoformat(f"{day} 12:00")
    frame = exporters.activities(ids=activity_id, since=noon, until=noon.date(), database=database)
    assert frame["activity_id"].tolist() == [activity_id]


def test_activities_are_chosen_like_on_the_command_line(database: str, ask: Ask) -> None:
    frame = exporters.activities("run", since="2025-01-01", database=database)
    expected = ask(
        "SELECT count(*) FROM activities WHERE sport_type = 'Run' AND start_time_local >= "
        "'2025-01-01'"
    )
    assert len(frame) == expected[0][0] > 0
    assert frame["start_time_utc"].is_monotonic_increasing
    assert "gear_name" in frame.columns
    assert (
        len(
            exporters.activities(
                ["Run", "Ride"], ids=[frame["activity_id"].iloc[0]], database=database
            )
        )
        == 1
    )


def test_a_server_gives_the_same_frames(pg_url: str, made: Path, database: str) -> None:
    imported(made, pg_url)
    for name in ("activities", "track_points", "laps", "gear"):
        frames = [exporters.dataframe(name, url, engine="polars") for url in (database, pg_url)]
        keys = [column.name for column in Base.metadata.tables[name].primary_key]
        assert frames[0].sort(keys).equals(frames[1].sort(keys))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda url: exporters.dataframe("nope", url), "there is no table 'nope'"),
        (
            lambda url: exporters.dataframe("laps", url, engine="numpy"),  # type: ignore[call-overload]
            "there is no engine 'numpy'",
        ),
        (lambda url: exporters.dataframe("", url), "there is no table ''"),
        (lambda url: exporters.dataframe("-- nothing", url), "must be a SELECT"),
        (
            lambda url: exporters.dataframe("SELECT 1 AS a, 2 AS a", url),
            "several columns named 'a'",
        ),
        (
            lambda url: exporters.dataframe("SELECT 1 AS a UNION SELECT 'x'", url),
            "column 'a' of the query",
        ),
        (lambda url: exporters.activities(since="May", database=url), "'May' is not a day"),
    ],
)
def test_what_cannot_be_is_said(database: str, call: Callable[[str], object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        call(database)


def test_the_command_line_loads_no_library_that_it_does_not_need() -> None:
    code = (
        "import sys, exporters.cli; print([n for n in ('pandas', 'polars', 'pyarrow', "
        "'xlsxwriter', 'alembic', 'sqlalchemy') if n in sys.modules])"
    )
    root = Path(__file__).parents[2]
    assert (
        subprocess.run(
            [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
        ).stdout
        == "[]\n"
    )
