"""Measures what it costs to show a PostgreSQL role the rows of some athletes only.

``python -m benchmarks.row_security [--athletes 100] [--activities 100] [--points 500] [--server
URL]``. It fills a fresh database with activities and points of so many athletes, and grants roles
everything, one, ten, and each of the athletes. It prints the milliseconds of each query as the
owner before and after that, and as each of the roles: the points of one activity, and a count and a
mean over all points that the role sees. At the end it prints how many rows a second the owner
writes, before and after. The best of five passes counts.
"""

from __future__ import annotations

import argparse
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Final

import psycopg
from sqlalchemy.engine import make_url

from benchmarks.databases import fresh_database
from benchmarks.timing import best_ms
from db.engine import make_engine
from db.new_schema import make_if_new
from db.readonly import grant_readonly
from db.row_security import quoted

_QUERIES: Final = {
    "points of one activity": "SELECT * FROM track_points WHERE activity_id = 1",
    "count and mean of all points": "SELECT count(*), avg(heartrate_bpm) FROM track_points",
}
#: The activities of an athlete have ids one after the other, as those of one import have.
_FILL: Final = """
INSERT INTO athletes (athlete_id) SELECT generate_series(1, {athletes});
INSERT INTO activities (activity_id, athlete_id, {needed})
  SELECT (a - 1) * {activities} + n, a, {values}
  FROM generate_series(1, {athletes}) AS a, generate_series(1, {activities}) AS n;
INSERT INTO track_points (activity_id, point_index, elapsed_s, heartrate_bpm)
  SELECT activity_id, p, p, 100 + p % 80
  FROM activities, generate_series(0, {points} - 1) AS p ORDER BY activity_id, p;
ANALYZE;
"""
_WRITE: Final = """
INSERT INTO track_points (activity_id, point_index, elapsed_s)
SELECT 1, p, p FROM generate_series(1000000, 1000000 + {points} - 1) AS p
"""
#: The owner writes so many points for each that is there.
_WRITTEN: Final = 0.04


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--athletes", type=int, default=100)
    parser.add_argument("--activities", type=int, default=100, help="of each athlete")
    parser.add_argument("--points", type=int, default=500, help="of each activity")
    parser.add_argument("--server", default="postgresql://postgres@127.0.0.1/postgres")
    options = parser.parse_args(arguments)
    with fresh_database(options.server, "strava_benchmark") as url:
        _fill(url, options.athletes, options.activities, options.points)
        count = round(options.athletes * options.activities * options.points * _WRITTEN)
        before = _written_per_second(url, count)
        _print("owner, before", url)
        with _roles(url, options.athletes) as roles:
            _print("owner, after", url)
            for what, role in roles.items():
                _print(what, make_url(url).set(username=role).render_as_string(False))
            after = _written_per_second(url, count)
            print(f"owner writes points/s: {before:,.0f} before, {after:,.0f} after")


def _fill(url: str, athletes: int, activities: int, points: int) -> None:
    engine = make_engine(url)
    make_if_new(engine)
    engine.dispose()
    with psycopg.connect(url, autocommit=True) as connection:
        needed = connection.execute(
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = "
            "'activities' AND is_nullable = 'NO' AND column_default IS NULL AND column_name NOT IN "
            "('activity_id', 'athlete_id')"
        ).fetchall()
        script = _FILL.format(
            athletes=athletes,
            activities=activities,
            points=points,
            needed=", ".join(name for name, _ in needed),
            values=", ".join(_VALUES.get(kind, "0") for _, kind in needed),
        )
        connection.execute(script.encode())


_VALUES: Final = {"boolean": "false", "character varying": "''", "text": "''"}


@contextmanager
def _roles(url: str, athletes: int) -> Iterator[dict[str, str]]:
    """Roles by what they see; dropped at the end."""
    names = {
        what: f"strava_benchmark_{uuid.uuid4().hex[:8]}"
        for what in ("sees all", "sees 1 athlete", "sees 10 athletes", f"sees {athletes} athletes")
    }
    try:
        for role, some in zip(names.values(), (0, 1, 10, athletes), strict=True):
            granted = range(1, some + 1) if some else None
            grant_readonly(url, role, granted)
        yield names
    finally:
        with psycopg.connect(url, autocommit=True) as connection:
            for role in names.values():
                connection.execute(f"DROP OWNED BY {quoted(role)}".encode())
                connection.execute(f"DROP ROLE {quoted(role)}".encode())


def _print(who: str, url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        # So that figures do not depend on how many cores are idle.
        connection.execute("SET max_parallel_workers_per_gather = 0")
        for what, query in _QUERIES.items():
            ms = best_ms(partial(_asked, connection, query))
            print(f"{who:<20} {what:<30} {ms:>8.1f} ms")


def _asked(connection: psycopg.Connection, query: str) -> object:
    return connection.execute(query.encode()).fetchall()


def _written_per_second(url: str, count: int) -> float:
    statement = _WRITE.format(points=count).encode()
    with psycopg.connect(url) as connection:

        def write() -> None:
            connection.execute(statement)
            connection.rollback()

        return count / (best_ms(write) / 1000)


if __name__ == "__main__":
    main()
