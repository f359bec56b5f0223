"""Exports of the workplace's generator with the API after them, against the truth of the newer
export: on both engines.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from db.models import Activity, Gear, Track, TrackPoint
from ingest.transform.tables.sports import sport_type
from tests.api.connected import Connected
from tests.strava import Activity as Shown
from tests.strava import Clock, account_from_database
from tests.test_acceptance import MAKER, build, imported

Connect = Callable[..., Connected]
pytestmark = pytest.mark.skipif(
    not MAKER.exists(), reason="the generator of realistic exports is not beside this checkout"
)


@pytest.mark.parametrize(
    ("language", "columns", "seed"),
    [("de", "99", "31"), ("fr", "103", "32"), ("en-US", "10", "33")],
)
def test_an_export_and_the_api_after_it_match_the_truth_of_the_next_export(
    tmp_path: Path, connect: Connect, database_url: str, language: str, columns: str, seed: str
) -> None:
    options = ["--language", language, "--columns", columns, "--seed", seed, "--activities", "40"]
    truth = build(tmp_path / "newer" / "Strava Export", *options, "--newer", "6")
    whole = f"sqlite:///{(tmp_path / 'whole.db').as_posix()}"
    imported(tmp_path / "newer", whole)
    now = datetime.now(UTC) + timedelta(days=2)
    playground = connect(account_from_database(whole), database_url, clock=Clock(now))
    build(playground.drop, *options)
    new = {int(i) for i in truth["changes"]["added"]}
    playground.run(skip_api=True)
    lacking = {
        a.id for a in playground.strava.account.activities.values() if is_lacking(playground, a)
    }
    report = playground.run(sweep=True)  # the generator's new activities are late uploads
    assert (report.new, report.queue_left, report.api_problem) == (new, 0, None)
    # Two lists, the zones, the name of shoes that are new, too; streams where a file lacks what the
    # API shows.
    assert report.api_requests <= 4 + 2 * len(new) + len(lacking)
    playground.strava.clock.advance(8 * 86_400)
    assert playground.run().api_requests <= 2
    assert {
        i for i, gone in playground.rows(Activity.activity_id, Activity.vanished_at) if gone
    } == {int(i) for i in truth["changes"]["deleted"]}
    check(playground, truth["activities"])


def is_lacking(playground: Connected, activity: Shown) -> bool:
    """Whether the API shows heart rate, measured power, a position or a distance that half of the
    file's points lack.
    """
    body = activity.shown(detailed=False)
    shown = (
        (Track.heartrate_count, body.get("has_heartrate")),
        (Track.power_count, body.get("device_watts") and body.get("average_watts")),
        (Track.position_count, body.get("start_latlng")),
        (Track.distance_count, body.get("distance")),
    )
    lacking = [2 * count < Track.point_count for count, is_there in shown if is_there]
    query = sa.select(Track.activity_id).where(
        Track.activity_id == activity.id, sa.or_(sa.false(), *lacking)
    )
    with playground.connection() as connection:
        return connection.scalar(query) is not None


def check(playground: Connected, truth: dict[str, dict[str, object]]) -> None:
    with playground.connection() as connection:
        rows = {row.activity_id: row for row in connection.execute(sa.select(Activity.__table__))}
        gear = {row.gear_id: row.name for row in connection.execute(sa.select(Gear.__table__))}
        counts = sa.select(TrackPoint.activity_id, sa.func.count()).group_by(TrackPoint.activity_id)
        points = {row[0]: row[1] for row in connection.execute(counts)}
    for number, told in truth.items():
        row = rows[int(number)]
        assert row.name == told["name"]
        if (sport := sport_type(str(told["sport"]))) is not None:
            assert row.sport_type == sport
        # a label that nobody knows: the device's word, which the simulator says too, else what that
        # says of others
        else:
            assert row.sport_type == "Workout" or row.sport_type_source in ("api", "file")
        assert f"{row.start_time_utc:%Y-%m-%dT%H:%M:%SZ}" == told["start"]
        assert row.distance_m == pytest.approx(told["distance_m"], rel=1e-6, abs=0.011)
        assert (row.elapsed_time_s, row.moving_time_s) == (told["elapsed_s"], told["moving_s"])
        assert gear.get(row.gear_id) == told["gear"]
        assert points.get(row.activity_id, 0) == (told["points"] or 0)
