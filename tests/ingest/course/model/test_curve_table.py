"""The curve of a prediction is kept in pace_model, on both engines, if nobody else writes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from db.engine import make_engine
from db.lock import run_lock
from db.marts import refresh
from db.migrate import upgrade
from db.models import Athlete, GradePace
from ingest.config import Config
from ingest.course.model.curve_table import keep_curve
from ingest.course.model.pace_model import fit
from tests.ingest.course.runners import flat, history, run

MODEL = fit(history(run(0, flat(5000.0), 1500.0)))


@pytest.fixture
def config(database_url: str, tmp_path: Path) -> Config:
    engine = make_engine(database_url)
    upgrade(engine, None)
    with engine.begin() as connection:
        connection.execute(sa.insert(Athlete), [{"athlete_id": 1}, {"athlete_id": 2}])
    engine.dispose()
    return Config(playground=tmp_path, database=database_url)


def rows(
    config: Config, *columns: sa.orm.InstrumentedAttribute[object]
) -> list[tuple[object, ...]]:
    """Columns of ``pace_model``, in order of its key."""
    engine = make_engine(config.database)
    key = (GradePace.athlete_id, GradePace.sport_type, GradePace.grade_pct)
    with engine.connect() as connection:
        found = connection.execute(sa.select(*columns).order_by(*key)).all()
    engine.dispose()
    return [tuple(row) for row in found]


def test_a_curve_is_kept_by_grade(config: Config) -> None:
    assert keep_curve(config, 1, MODEL)
    found = rows(config, GradePace.grade_pct, GradePace.factor, GradePace.prior_factor)
    assert [grade for grade, *_ in found] == list(range(-30, 31))
    assert found[40][2] == pytest.approx(1.5226, abs=1e-4)  # at 10 %
    assert [factor for _, factor, _ in found] == [prior for *_, prior in found]
    support = rows(config, GradePace.support_km, GradePace.as_of)
    assert support[30] == (5.0, date(2026, 1, 1))
    assert {kilometres for kilometres, _ in [*support[:30], *support[31:]]} == {0.0}


def test_a_later_prediction_replaces_only_its_own_curve(config: Config) -> None:
    trails = replace(MODEL, sport="TrailRun")
    for athlete_id, model in ((1, MODEL), (1, trails), (2, MODEL)):
        keep_curve(config, athlete_id, model)
    keep_curve(config, 1, replace(MODEL, as_of=date(2026, 2, 2)))
    kinds = (GradePace.athlete_id, GradePace.sport_type, GradePace.as_of)
    old, new = date(2026, 1, 1), date(2026, 2, 2)
    found = rows(config, *kinds)
    assert len(found) == 3 * 61
    assert set(found) == {(1, "Run", new), (1, "TrailRun", old), (2, "Run", old)}


def test_marts_are_refilled_without_it(config: Config) -> None:
    keep_curve(config, 1, MODEL)
    engine = make_engine(config.database)
    with engine.begin() as connection:
        refresh(connection)
    engine.dispose()
    assert len(rows(config, GradePace.factor)) == 61


def test_while_a_run_writes_it_is_left_as_it_is(config: Config) -> None:
    engine = make_engine(config.database)
    with run_lock(engine) as lock, lock.athletes(1):
        assert not keep_curve(config, 1, MODEL)
    engine.dispose()
    assert not rows(config, GradePace.factor)
