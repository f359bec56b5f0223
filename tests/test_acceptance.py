"""Whole exports of every language and header version, built by the workplace's generator, against
its truth: on both engines.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from db.engine import make_engine
from db.models import Activity, ActivityObservation, Gear, ImportIssue, Media, Track, TrackPoint
from ingest.config import make_config
from ingest.reporting.progress import Progress
from ingest.reporting.report import Report
from ingest.run.pipeline import run
from ingest.transform.tables.sports import sport_type

MAKER = Path(__file__).resolve().parents[2] / "shared" / "tools" / "make_export.py"
pytestmark = pytest.mark.skipif(
    not MAKER.exists(), reason="the generator of realistic exports is not beside this checkout"
)


def build(folder: Path, *options: str, name: str = "export_900000100.zip") -> dict[str, Any]:
    folder.mkdir(parents=True, exist_ok=True)
    out = folder / name
    subprocess.run(
        [sys.executable, str(MAKER), str(out), *options], check=True, capture_output=True
    )
    truth: dict[str, Any] = json.loads(out.with_suffix(".truth.json").read_text(encoding="utf-8"))
    out.with_suffix(".truth.json").unlink()
    return truth


def imported(playground: Path, database: str, **options: Any) -> Report:
    return run(make_config({}, playground=playground, database=database, **options), Progress())


@contextmanager
def opened(database: str) -> Iterator[sa.Connection]:
    engine = make_engine(database)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def check(database: str, truth: dict[str, Any]) -> None:
    with opened(database) as connection:
        rows = {
            row.activity_id: row
            for row in connection.execute(sa.select(Activity).where(Activity.vanished_at.is_(None)))
        }
        tracks = {row.activity_id: row for row in connection.execute(sa.select(Track))}
        gear = dict(connection.execute(sa.select(Gear.gear_id, Gear.name)).all())
        issues = {row.activity_id: row.kind for row in connection.execute(sa.select(ImportIssue))}
        points = dict(
            connection.execute(
                sa.select(TrackPoint.activity_id, sa.func.count()).group_by(TrackPoint.activity_id)
            ).all()
        )
        media = connection.execute(
            sa.select(Media.activity_id, Media.filename).order_by(
                Media.activity_id, Media.media_index
            )
        ).all()
    assert rows.keys() == {int(i) for i in truth["activities"]}
    for number, told in truth["activities"].items():
        row = rows[int(number)]
        assert row.name == told["name"]
        assert row.activity_type_label == told["sport_label"]
        if (sport := sport_type(told["sport"])) is not None:
            assert (row.sport_type, row.sport_type_source) == (sport, "export")
        else:  # the label that the maker puts in on purpose: only the device file can tell
            assert row.sport_type_source == ("file" if row.sport_type else None)
        assert f"{row.start_time_utc:%Y-%m-%dT%H:%M:%SZ}" == told["start"]
        assert row.distance_m == pytest.approx(told["distance_m"], rel=1e-6, abs=0.011)
        assert row.elapsed_time_s == told["elapsed_s"]
        assert row.moving_time_s == told["moving_s"]
        assert gear.get(row.gear_id) == told["gear"]
        assert (row.description or None) == (told["description"] or None)
        assert (row.private_note or None) == (told["private_note"] or None)
        assert points.get(row.activity_id, 0) == (told["points"] or 0)
        assert row.has_track == (told["expect"] != "none")
        if told["expect"] == "partial":
            assert tracks[row.activity_id].is_partial
            assert issues[row.activity_id] == "partial"
        if told["expect"] == "none" and told["filename"]:
            assert row.activity_id in issues
        assert [name.rpartition("/")[2] for i, name in media if i == row.activity_id] == told[
            "media"
        ]


@pytest.mark.parametrize(
    ("language", "columns"),
    [
        ("de", "99"),
        ("fr", "103"),
        ("es-419", "103"),
        ("nl", "72"),
        ("en-GB", "92"),
        ("en-US", "10"),
        ("en-US", "10-2019"),
        ("en-US", "87"),
        ("nl", "99"),
    ],
)
def test_every_export_matches_its_truth(
    tmp_path: Path, database_url: str, language: str, columns: str
) -> None:
    truth = build(
        tmp_path / "Strava Export",
        "--language",
        language,
        "--columns",
        columns,
        "--activities",
        "40",
    )
    report = imported(tmp_path, database_url)
    assert len(report.new) == truth["totals"]["rows"]
    check(database_url, truth)


def test_the_same_zip_again_changes_and_reads_nothing(tmp_path: Path, database_url: str) -> None:
    build(tmp_path / "Strava Export", "--activities", "40")
    imported(tmp_path, database_url)
    before = content(database_url)
    again = imported(tmp_path, database_url)
    assert (len(again.new), len(again.changed), len(again.unchanged), again.files_read) == (
        0,
        0,
        40,
        0,
    )
    assert content(database_url) == before


def test_a_newer_export_is_a_diff_and_an_older_one_undoes_nothing(
    tmp_path: Path, database_url: str
) -> None:
    drop = tmp_path / "Strava Export"
    build(drop, "--activities", "40", "--columns", "99")
    older = imported(tmp_path, database_url)
    truth = build(drop, "--activities", "40", "--columns", "99", "--newer", "5", name="newer.zip")
    newer = imported(tmp_path, database_url)
    changes = truth["changes"]
    assert newer.new == {int(i) for i in changes["added"]}
    assert newer.changed == {int(i) for i in changes["renamed"]} | {
        int(i) for i in changes["gear_changed"]
    }
    assert newer.vanished == {int(i) for i in changes["deleted"]}
    assert len(newer.unchanged) == 40 - len(newer.changed) - len(newer.vanished)
    assert 0 < newer.files_read <= 5 < older.files_read
    check(database_url, truth)
    before = content(database_url)
    (drop / "newer.zip").unlink()
    build(drop, "--activities", "40", "--columns", "99", name="older_again.zip")
    imported(tmp_path, database_url)
    assert content(database_url) == before


def test_an_unpacked_folder_gives_what_the_zip_gives(tmp_path: Path, database_url: str) -> None:
    drop = tmp_path / "Strava Export"
    truth = build(
        drop, "--activities", "40", "--unpacked", str(drop / "mine"), "--prefix", "export_1"
    )
    (drop / "export_900000100.zip").unlink()
    imported(tmp_path, database_url)
    check(database_url, truth)


def content(database: str) -> dict[str, list[Any]]:
    """Everything but the ledger's own times and keys."""
    found: dict[str, list[Any]] = {}
    with opened(database) as connection:
        for table in (Activity, TrackPoint, Track, Gear, Media):
            key = list(table.__table__.primary_key)
            found[table.__tablename__] = [
                tuple(row) for row in connection.execute(sa.select(table.__table__).order_by(*key))
            ]
        observed = sa.select(
            ActivityObservation.activity_id, ActivityObservation.source, ActivityObservation.payload
        )
        found["observations"] = [
            tuple(row) for row in connection.execute(observed.order_by(sa.literal_column("1, 2")))
        ]
    return found
