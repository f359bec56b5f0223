"""Every question of docs/questions.md has an answer in the demo account, equal on both engines."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import groupby, pairwise
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import pytest
import sqlalchemy as sa

from benchmarks.databases import fresh_database
from db.engine import make_engine
from ingest.config import make_config
from ingest.demo import EXPORT_NAME, build_export
from ingest.reporting.progress import Progress
from ingest.run.pipeline import run

ROOT: Final = Path(__file__).parents[2]
_QUESTION: Final = re.compile(
    r"^## (\d+)\. (.+?)\n.*?^```sql\n(.*?)^```$", re.DOTALL | re.MULTILINE
)
QUESTIONS: Final = {
    int(number): (title, sql)
    for number, title, sql in _QUESTION.findall(
        (ROOT / "docs" / "questions.md").read_text(encoding="utf-8")
    )
}
Rows = list[dict[str, Any]]


class Towns(ModuleType):
    """Stands for reverse-geocode, which tests do not need."""

    def search(self, positions: list[tuple[float, float]]) -> list[dict[str, Any]]:
        return [
            {"country": "Here", "state": "West" if lon < 0 else "East", "city": "Town"}
            | {"latitude": lat, "longitude": lon}
            for lat, lon in positions
        ]


class Account:
    """The demo account in a database of each engine, with limits of gear and with places."""

    def __init__(self, *databases: str) -> None:
        self.engines = [make_engine(database) for database in databases]

    def ask(self, sql: str) -> Rows:
        """The answer, which must be the same on both engines."""
        answers = []
        for engine in self.engines:
            with engine.connect() as connection:
                answers.append([_plain(row._mapping) for row in connection.execute(sa.text(sql))])
        assert answers[0] == answers[1]
        return answers[0]


def _plain(row: Any) -> dict[str, Any]:
    """Days as dates, flags as such, and numbers as floats: engines and drivers differ."""
    return {name: _value(name, value) for name, value in row.items()}


def _value(name: str, value: Any) -> Any:
    if name.startswith("is_"):
        return None if value is None else bool(value)
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return date.fromisoformat(value)
    if value is None or isinstance(value, str | date):
        return value
    return round(float(value), 6)


@pytest.fixture(scope="module")
def account(_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    playground = tmp_path_factory.mktemp("questions")
    (playground / "Strava Export").mkdir()
    build_export(playground / "Strava Export" / EXPORT_NAME, activities=80)
    limits = "gear,limit_km\nGrey Heron,400\nFjordlane Daily 5,700\n"
    (playground / "gear_limits.csv").write_text(limits)
    file = f"sqlite:///{(playground / 'strava.db').as_posix()}"
    with fresh_database(_server, "strava_questions") as url, pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "reverse_geocode", Towns("reverse_geocode"))
        patch.setattr("ingest.run.pipeline.can_look_up", lambda: True)
        for database in (file, url):
            config = make_config(
                {}, playground=playground, database=database, skip_api=True, jobs=0
            )
            run(config, Progress())
        made = Account(file, url)
        yield made
        for engine in made.engines:
            engine.dispose()


def test_there_are_22_questions() -> None:
    assert list(QUESTIONS) == list(range(1, 23))


@pytest.mark.parametrize("number", QUESTIONS)
def test_a_question_has_an_answer(account: Account, number: int) -> None:
    title, sql = QUESTIONS[number]
    assert account.ask(sql), title


def facts(account: Account, columns: str, where: str = "true") -> Rows:
    query = f"SELECT {columns} FROM activity_facts WHERE {where}"
    return account.ask(f"{query} ORDER BY start_time_utc, activity_id")


def answer(account: Account, number: int) -> Rows:
    return account.ask(QUESTIONS[number][1])


def test_years_add_up_to_all_activities(account: Account) -> None:
    every = facts(account, "distance_km", "local_date IS NOT NULL")
    years = answer(account, 1)
    assert sum(row["activity_count"] for row in years) == len(every)
    distance = sum(row["distance_km"] or 0 for row in every)
    assert sum(row["distance_km"] for row in years) == pytest.approx(
        distance, abs=0.05 * len(years)
    )


def test_weeks_have_all_hours_and_no_gap(account: Account) -> None:
    weeks = answer(account, 2)
    hours = sum(row["moving_time_h"] or 0 for row in facts(account, "moving_time_h"))
    assert sum(row["hours"] for row in weeks) == pytest.approx(hours, abs=0.05 * len(weeks))
    starts = [row["week_start"] for row in weeks]
    assert {later - one for one, later in pairwise(starts)} == {timedelta(days=7)}


def test_streaks_and_breaks_are_those_of_the_days(account: Account) -> None:
    days = sorted({row["local_date"] for row in facts(account, "local_date")})
    runs = [
        list(some) for _, some in groupby(days, key=lambda day: day - timedelta(days.index(day)))
    ]
    longest = [
        row for row in answer(account, 4) if row["is_longest"] and row["period_type"] == "day"
    ]
    assert [row["length"] for row in longest] == [max(map(len, runs))]
    gaps = [(later - one).days - 1 for one, later in pairwise(days)]
    until = answer(account, 6)[0]
    gaps.append((until["date"] - days[-1]).days)
    assert answer(account, 5)[0]["rest_days"] == max(gaps)
    assert until["rest_days"] == gaps[-1]


def test_long_runs_with_decoupling_come_first(account: Account) -> None:
    rows = answer(account, 10)
    lengths = [row["distance_km"] for row in rows]
    assert lengths == sorted(lengths, reverse=True)
    assert all(abs(row["decoupling_pct"]) < 30 for row in rows)


def test_the_best_time_on_a_route_is_the_first_in_rank(account: Account) -> None:
    best, visits = answer(account, 11)[0], answer(account, 12)
    assert best["activity_count"] == len(visits)
    assert best["best_time_s"] == min(row["moving_time_s"] for row in visits)
    assert [row["local_date"] for row in visits if row["time_rank"] == 1] == [best["best_day"]]


def test_countries_have_all_starts(account: Account) -> None:
    placed = facts(account, "latitude", "latitude IS NOT NULL AND NOT is_virtual")
    rows = answer(account, 13)
    assert sum(row["activities"] for row in rows) == len(placed)
    assert {row["country"] for row in rows} == {"Here"}


def test_gear_beyond_its_limit_is_due(account: Account) -> None:
    rows = {row["gear_name"]: row for row in answer(account, 14)}
    assert {name: row["is_due"] for name, row in rows.items()} == {
        "Grey Heron": True,
        "Fjordlane Daily 5": False,
    }
    assert rows["Fjordlane Daily 5"]["left_km"] == pytest.approx(
        700 - rows["Fjordlane Daily 5"]["distance_km"], abs=1
    )


def test_the_best_5_km_of_all_years_is_the_record(account: Account) -> None:
    best = min(row["best_time_s"] for row in answer(account, 15))
    (record,) = (row for row in answer(account, 16) if row["name"] == "5K")
    assert record["elapsed_time_s"] == best


def test_the_eddington_number_is_that_of_the_days(account: Account) -> None:
    days: dict[date, float] = {}
    for row in facts(account, "local_date, distance_km", "local_date IS NOT NULL"):
        days[row["local_date"]] = days.get(row["local_date"], 0.0) + (row["distance_km"] or 0.0)
    far = sorted(days.values(), reverse=True)
    number = sum(distance >= rank for rank, distance in enumerate(far, 1))
    (every,) = (row for row in answer(account, 17) if row["sport_group"] == "all")
    assert every["eddington_number"] == number


def test_up_is_slower_than_flat(account: Account) -> None:
    pace = {row["slope"]: row["pace_min_per_km"] for row in answer(account, 18)}
    assert pace["up"] > pace["flat"]
