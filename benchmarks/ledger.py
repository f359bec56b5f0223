"""Measures how long a run takes to ask a club's ledger what is known, with and without its index.

``python -m benchmarks.ledger [--exports 1500] [--files 780] [--server URL]``. It fills the ledger
of a fresh PostgreSQL database with so many exports of as many athletes and the device files of
each, and two loose files and a ZIP of such. It prints how much the questions find that every run
asks about all athletes, and their milliseconds before and after the index on the kind of file is
dropped. The best of five passes counts.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence, Sized
from functools import partial
from typing import Final

import sqlalchemy as sa

from benchmarks.databases import fresh_database
from benchmarks.timing import best_ms
from db.engine import make_engine
from db.new_schema import make_if_new
from ingest.load.ledger import export_dates, known_exports
from ingest.load.loose_recordings import seen_files, seen_zips
from ingest.load.read_sources import known_sources

_VERSION: Final = 1
_QUESTIONS: Final[dict[str, Callable[[sa.Connection], Sized]]] = {
    "dates of exports": export_dates,
    "exports": partial(known_exports, version=_VERSION),
    "places of exports": partial(known_sources, version=_VERSION),
    "loose files": seen_files,
    "ZIPs of loose files": partial(seen_zips, version=_VERSION),
}
#: Of each athlete an export, the URL that it came from, its device files, and loose ones.
_FILL: Final = """
INSERT INTO athletes (athlete_id) SELECT generate_series(1, {exports});
INSERT INTO import_runs (started_at, status, version) VALUES (now(), 'done', '');
INSERT INTO import_files (athlete_id, file_kind, name, origin, exported_at, size_bytes, crc32,
    activity_ids, content_hash, file_format, parser_version, status, row_count, run_id)
  SELECT athlete, kind,
    CASE kind WHEN 'source' THEN 's3://club/exports/' || export
      WHEN 'activity' THEN 'activities/' || athlete * 100000 + file || '.fit.gz'
      WHEN 'loose' THEN athlete || '/' || file || '.fit'
      ELSE export || ' ' || md5(export) END,
    CASE kind WHEN 'source' THEN export || ' ' || md5(export) ELSE export END,
    now(), 40000, 1, CASE kind WHEN 'activity' THEN (athlete * 100000 + file)::text END,
    md5(export || file::text), CASE kind WHEN 'activity' THEN 'fit' ELSE 'zip' END, {version},
    'read', 2500, (SELECT max(run_id) FROM import_runs)
  FROM (SELECT athlete, 'export_' || athlete || '.zip' AS export
      FROM generate_series(1, {exports}) AS athlete) AS exports,
    (SELECT 'activity' AS kind, file FROM generate_series(1, {files}) AS file
      UNION ALL VALUES ('export', 0), ('source', 0), ('loose', 1), ('loose', 2), ('loose-zip', 0)
    ) AS files
  ORDER BY athlete;
ANALYZE;
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the milliseconds."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--exports", type=int, default=1500)
    parser.add_argument("--files", type=int, default=780, help="device files of each export")
    parser.add_argument("--server", default="postgresql://postgres@127.0.0.1/postgres")
    options = parser.parse_args(arguments)
    with fresh_database(options.server, "strava_benchmark") as url:
        engine = make_engine(url)
        make_if_new(engine)
        filling = _FILL.format(exports=options.exports, files=options.files, version=_VERSION)
        with engine.begin() as connection:
            connection.exec_driver_sql(filling)
        with engine.connect() as connection:
            # So that figures do not depend on how many cores are idle.
            connection.exec_driver_sql("SET max_parallel_workers_per_gather = 0")
            _print(connection)
        engine.dispose()


def _print(connection: sa.Connection) -> None:
    for what, of in (
        ("rows", "SELECT count(*) FROM import_files"),
        ("bytes a row", "SELECT pg_relation_size('import_files') / count(*) FROM import_files"),
        ("bytes of the index", "SELECT pg_relation_size('ix_import_files_file_kind')"),
    ):
        print(f"{what:<20} {connection.scalar(sa.text(of)):>12,}")
    with_index = _all_ms(connection)
    connection.exec_driver_sql("DROP INDEX ix_import_files_file_kind")
    without = _all_ms(connection)
    for question, ask in _QUESTIONS.items():
        print(
            f"{question:<20} {len(ask(connection)):>6,} found {with_index[question]:>8.1f} ms, "
            f"{without[question]:>8.1f} ms without the index"
        )


def _all_ms(connection: sa.Connection) -> dict[str, float]:
    return {question: best_ms(partial(ask, connection)) for question, ask in _QUESTIONS.items()}


if __name__ == "__main__":
    main()
