"""Delays PostgreSQL's check that points belong to activities to the end of a large import.

This is for users who may not skip the check altogether (see ``bulk_postgres``). Checking row by row
takes twice as long as the COPY itself (190 thousand rows/s with the check, 500 thousand without),
while adding the constraint again checks 1.5 million rows in 0.2 s. A run that is killed in between
leaves the database without the constraint, but not with points that lack their activity, since both
are written in one transaction. The next run restores the constraint.

Both lock two tables against everybody who writes, one after the other. So a run does it only while
it is alone; of runs that go side by side, the last one restores the constraint.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.schema import AddConstraint, DropConstraint

from db.errors import DatabaseProblem
from db.lock import ONLY_RUN, RunLock
from db.models import Activity, PurgedActivity, TrackPoint
from db.orphans import REPAIR, orphans, told
from db.url import shown_database

log = logging.getLogger(__name__)


@contextmanager
def references_put_off(engine: sa.Engine, lock: RunLock = ONLY_RUN) -> Iterator[None]:
    """Import points without the check and check them at the end; does nothing on SQLite.

    SQLite's own check is cheap.
    """
    dropped = engine.dialect.name == "postgresql" and _drop(engine, lock)
    try:
        yield
    except BaseException:
        if dropped:
            _try_to_restore(engine, lock)
        raise
    if dropped:
        restore_references(engine, lock)


def restore_references(engine: sa.Engine, lock: RunLock = ONLY_RUN) -> None:
    """Add the constraint again if a killed run left it out; not while other runs write.

    Raises:
        DatabaseProblem: there are points of activities that do not exist.
    """
    if engine.dialect.name != "postgresql" or _is_there(engine):
        return
    with lock.alone() as is_alone:
        if is_alone:
            _restore(engine)


def _restore(engine: sa.Engine) -> None:
    try:
        _add(engine)
    except IntegrityError as err:
        _delete_purged(engine)
        with engine.connect() as connection:
            left = orphans(connection)
        if left:
            raise DatabaseProblem(f"{shown_database(engine.url)}: {told(left)}", REPAIR) from err
        _add(engine)


def _add(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.execute(AddConstraint(_constraint(), isolate_from_table=False))


def _delete_purged(engine: sa.Engine) -> None:
    """Delete points of purged activities, which stay behind while the constraint is off."""
    gone = sa.select(PurgedActivity.activity_id).where(
        ~sa.exists().where(Activity.activity_id == PurgedActivity.activity_id)
    )
    with engine.begin() as connection:
        connection.execute(sa.delete(TrackPoint).where(TrackPoint.activity_id.in_(gone)))


def _drop(engine: sa.Engine, lock: RunLock) -> bool:
    """Drop the constraint; return whether it is gone.

    Another run or an open query of somebody else can prevent it, which costs only time.
    """
    if _is_skipped_anyway(engine):
        return False
    if not _is_there(engine):
        return True
    with lock.alone() as is_alone:
        return is_alone and _dropped(engine)


def _dropped(engine: sa.Engine) -> bool:
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql("SET LOCAL lock_timeout = '2s'")
            connection.execute(DropConstraint(_constraint()))
    except DBAPIError as err:
        log.info("points are checked one by one: %s", err.orig)
        return False
    return True


def _try_to_restore(engine: sa.Engine, lock: RunLock) -> None:
    try:
        restore_references(engine, lock)
    except (DBAPIError, DatabaseProblem) as err:
        log.warning(
            "the reference of track_points to activities will be put back by the next run: %s", err
        )


def _constraint() -> sa.ForeignKeyConstraint:
    (constraint,) = cast(sa.Table, TrackPoint.__table__).foreign_key_constraints
    return constraint


def _is_there(engine: sa.Engine) -> bool:
    query = sa.text(
        "SELECT count(*) FROM pg_constraint WHERE conname = :name AND conrelid = "
        "to_regclass('track_points')"
    )
    with engine.connect() as connection:
        return bool(connection.scalar(query, {"name": _constraint().name}))


def _is_skipped_anyway(engine: sa.Engine) -> bool:
    from db.bulk_postgres import may_skip_checks

    with engine.connect() as connection:
        return may_skip_checks(cast(Any, connection.connection.driver_connection))
