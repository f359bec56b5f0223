"""The check of references on PostgreSQL: skipped by those who may, put off by others, and always
there at the end.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import numpy as np
import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from db.bulk import write_points
from db.engine import make_engine
from db.lock import run_lock
from db.migrate import schema_differences, upgrade
from db.models import Activity, Athlete
from db.references import references_put_off, restore_references


@pytest.fixture
def plain_engine(pg_url: str) -> Iterator[sa.Engine]:
    """The engine of a user who is no superuser, with our tables."""
    role = f"plain_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(pg_url, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {role} LOGIN")
        connection.execute(f"GRANT ALL ON SCHEMA public TO {role}")
        engine = make_engine(make_url(pg_url).set(username=role))
        upgrade(engine, None)
        yield engine
        engine.dispose()
        connection.execute(f"DROP OWNED BY {role}")
        connection.execute(f"DROP ROLE {role}")


def is_checked(engine: sa.Engine) -> bool:
    return bool(sa.inspect(engine).get_foreign_keys("track_points"))


def write_one(engine: sa.Engine, activity_id: int) -> None:
    with engine.begin() as connection:
        write_points(connection, [(activity_id, {"elapsed_s": np.arange(3.0)})])


def test_the_check_is_put_off_and_made_up_for(plain_engine: sa.Engine) -> None:
    with references_put_off(plain_engine):
        assert not is_checked(plain_engine)
    assert is_checked(plain_engine)
    assert schema_differences(plain_engine) == []


def test_the_check_comes_back_after_an_error_and_after_a_kill(plain_engine: sa.Engine) -> None:
    with pytest.raises(KeyError), references_put_off(plain_engine):
        raise KeyError
    assert is_checked(plain_engine)
    with plain_engine.begin() as connection:
        connection.execute(
            sa.text("ALTER TABLE track_points DROP CONSTRAINT fk_track_points_activity_id")
        )
    restore_references(plain_engine)
    assert is_checked(plain_engine)


def test_the_check_is_neither_dropped_nor_added_while_another_run_writes(
    plain_engine: sa.Engine,
) -> None:
    other = make_engine(plain_engine.url)
    with run_lock(plain_engine) as lock, run_lock(other) as beside:
        with references_put_off(plain_engine, lock):
            assert is_checked(plain_engine)
        with other.begin() as connection:
            connection.execute(
                sa.text("ALTER TABLE track_points DROP CONSTRAINT fk_track_points_activity_id")
            )
        restore_references(other, beside)
        assert not is_checked(plain_engine)
    with run_lock(other) as lock:
        restore_references(other, lock)
    assert is_checked(plain_engine)
    other.dispose()


def test_a_plain_user_cannot_write_points_of_nothing(plain_engine: sa.Engine) -> None:
    with pytest.raises(Exception, match="violates foreign key"):
        write_one(plain_engine, 1)


def test_a_superuser_skips_the_check_for_points_only(pg_url: str) -> None:
    engine = make_engine(pg_url)
    upgrade(engine, None)
    with references_put_off(engine):
        assert is_checked(engine)
    with engine.begin() as connection:
        connection.execute(sa.insert(Athlete), {"athlete_id": 1})
        row = {"activity_id": 7, "athlete_id": 1, "timezone_source": "unknown", "has_track": True}
        connection.execute(sa.insert(Activity), row)
        write_points(connection, [(7, {"elapsed_s": np.arange(3.0)})])
        assert connection.scalar(sa.text("SHOW session_replication_role")) == "origin"
    with pytest.raises(sa.exc.IntegrityError), engine.begin() as connection:
        connection.execute(sa.delete(Activity))
    engine.dispose()
