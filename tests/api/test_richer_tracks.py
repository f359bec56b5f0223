"""A device file and the API's streams of one activity: the richer points stay, whichever came
first, and are asked for once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from benchmarks.databases import fresh_database
from db.models import (
    ActivityFact,
    BestEffort,
    ImportFile,
    ImportIssue,
    Lap,
    QueueItem,
    Split,
    Track,
    TrackPoint,
)
from tests.api.connected import Connected
from tests.builders import Fit, export_zip, fit_activity, fit_time, gpx_file, gpx_point, xml_time
from tests.strava import Account, Clock, Fault
from tests.strava import Activity as Shown

Connect = Callable[..., Connected]
START = datetime(2025, 8, 3, 16, tzinfo=UTC)
EXPORTED, ASKED = datetime(2026, 1, 10, tzinfo=UTC), datetime(2026, 2, 11, tzinfo=UTC)
ATHLETE = {"profile.csv": [["Athlete ID"], [88]]}
LEFT_OUT = ("import_files.file_id", "import_issues.issue_id", "import_issues.found_at", "gear")
COUNT = 1_200


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One activity as a device file and as the API have it, and whose points stay."""

    file: bytes
    name: str = "9.fit"
    streams: Mapping[str, list[Any]]
    shown: Mapping[str, Any] = field(default_factory=dict)
    stays: str
    #: Whether streams are asked for when the file came first.
    is_asked: bool = True


def cadence_only(count: int = COUNT) -> bytes:
    """A file of so many seconds of which nothing but the cadence is known, with one lap."""
    began = fit_time(START)
    fit = (
        Fit()
        .define(0, 0, (0, "enum"), (4, "uint32"))
        .add(0, 4, began)
        .define(1, 20, (253, "uint32"), (4, "uint8"))
    )
    for second in range(count):
        fit.add(1, began + second, 28)
    totals = ((253, "uint32"), (2, "uint32"), (7, "uint32"), (8, "uint32"))
    return (
        fit.define(2, 19, *totals).add(2, began + count, began, count * 1000, count * 1000).build()
    )


def seldom_heart_rate(count: int = COUNT) -> bytes:
    """A GPX whose strap lost contact after a quarter of the way."""
    beat = "<extensions><hr>131</hr></extensions>"
    points = (
        gpx_point(
            46 + second * 4e-5, 9, xml_time(START, second), beat if second < count // 4 else ""
        )
        for second in range(count)
    )
    return gpx_file(list(points))


def streams(*names: str, count: int = COUNT) -> dict[str, list[Any]]:
    every: dict[str, list[Any]] = {
        "time": list(range(count)),
        "distance": [second * 4.1 for second in range(count)],
        "heartrate": [118 + second % 9 for second in range(count)],
        "watts": [188 + second % 30 for second in range(count)],
        "latlng": [[46 + second * 4e-5, 9.0] for second in range(count)],
    }
    return {name: every[name] for name in ("time", *names)}


RUN = fit_activity(COUNT, start=START)
CASES = {
    "a file without heart rate and distance": Case(
        file=cadence_only(),
        streams=streams("heartrate", "distance"),
        shown={"has_heartrate": True, "average_heartrate": 121.4},
        stays="api",
    ),
    "a file without distance": Case(file=cadence_only(), streams=streams("distance"), stays="api"),
    "streams without a position": Case(
        file=RUN,
        streams=streams("heartrate", "distance"),
        shown={"has_heartrate": True},
        stays="file",
        is_asked=False,
    ),
    "a file with heart rate in a quarter of its points": Case(
        file=seldom_heart_rate(),
        name="9.gpx",
        streams=streams("heartrate", "distance", "latlng"),
        shown={"average_heartrate": 122.0, "start_latlng": [46.0, 9.0]},
        stays="api",
    ),
    "measured power in place of a position": Case(
        file=RUN,
        streams=streams("heartrate", "distance", "watts"),
        shown={"device_watts": True, "average_watts": 201.5},
        stays="file",
    ),
    "power that Strava guessed": Case(
        file=RUN,
        streams=streams("heartrate", "distance", "latlng"),
        shown={"device_watts": False, "average_watts": 201.5},
        stays="file",
        is_asked=False,
    ),
    "a start at 0/0": Case(
        file=cadence_only(),
        streams=streams(),
        shown={"start_latlng": [0.0, 0.0]},
        stays="file",
        is_asked=False,
    ),
    "a file without points": Case(
        file=fit_activity(0, start=START),
        streams=streams("heartrate"),
        shown={"average_heartrate": 122.0},
        stays="api",
    ),
}


def account(case: Case) -> Account:
    body = {
        "id": 1,
        "name": "Evening",
        "type": "Run",
        "sport_type": "Run",
        "start_date": xml_time(START),
        "start_date_local": xml_time(START, 7200),
        "timezone": "(GMT+01:00) Europe/Zurich",
        "utc_offset": 7200.0,
        "distance": 4_920.0 if "distance" in case.streams else 0.0,
        "moving_time": COUNT,
        "elapsed_time": COUNT,
        "manual": False,
        "start_latlng": [],
        "gear_id": None,
    }
    held = Account(88, "Kim", "Example")
    held.add(
        Shown({**body, **case.shown}, dict(case.streams), lambda: {"laps": [], "description": None})
    )
    return held


def put(playground: Connected, case: Case, when: datetime = EXPORTED) -> None:
    row = {"activity_date": "Aug 3, 2025, 4:00:00 PM", "filename": f"activities/{case.name}"}
    export_zip(
        playground.drop / "export_88.zip",
        [row],
        {f"activities/{case.name}": case.file},
        tables=ATHLETE,
        when=when,
    )


def asked(playground: Connected) -> int:
    return len(playground.strava.api_requests("^/activities/1/streams$"))


@pytest.fixture(params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest) -> Iterator[tuple[str, str]]:
    """Two fresh databases, on each engine."""
    if request.param == "sqlite":
        folder = request.getfixturevalue("tmp_path").as_posix()
        yield f"sqlite:///{folder}/one.db", f"sqlite:///{folder}/other.db"
        return
    server = request.getfixturevalue("_server")
    with ExitStack() as stack:
        yield tuple(stack.enter_context(fresh_database(server, "strava_test")) for _ in range(2))  # type: ignore[misc]


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_both_orders_end_equal(connect: Connect, databases: tuple[str, str], case: Case) -> None:
    ends = []
    for database, order in zip(databases, ("file first", "api first"), strict=True):
        playground = connect(account(case), database, clock=Clock(ASKED, frozen=True))
        (playground.drop / "export_88.zip").unlink(missing_ok=True)
        if order == "api first":
            playground.run(sweep=True)
        put(playground, case)
        playground.run(skip_api=True)
        playground.run(sweep=True, enrich=True)
        ends.append(
            playground.content(*LEFT_OUT, "import_files.name")
        )  # an export's holds the time of its ZIP
    for table, rows in ends[0].items():
        assert rows == ends[1][table], table
    assert {row[0] for row in playground.rows(Track.source)} == {case.stays}
    (points,) = playground.one(sa.select(sa.func.count(TrackPoint.elapsed_s)))
    assert points == playground.one(sa.select(Track.point_count))[0] > 0


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_streams_are_asked_for_once_and_only_where_the_file_lacks_what_is_shown(
    connect: Connect, case: Case
) -> None:
    playground = connect(account(case), clock=Clock(ASKED))
    put(playground, case)
    playground.run(skip_api=True)
    rehearsed = playground.run(sweep=True, dry_run=True)
    first = playground.run(sweep=True)
    assert asked(playground) == case.is_asked
    assert f"would take {int(case.is_asked)} requests" in " ".join(rehearsed.notes)
    assert first.queue_left == 0
    playground.run(sweep=True)
    assert asked(playground) == case.is_asked
    assert "would take 0 requests" in " ".join(playground.run(sweep=True, dry_run=True).notes)


SWIM = CASES["a file without heart rate and distance"]


def test_figures_and_splits_of_the_richer_streams_are_there(
    connect: Connect, database_url: str
) -> None:
    playground = connect(account(SWIM), database_url, clock=Clock(ASKED))
    playground.run(sweep=True)
    before = playground.rows(Split.__table__), playground.rows(BestEffort.__table__)
    put(playground, SWIM)
    playground.run()
    beats = playground.one(
        sa.select(sa.func.count(TrackPoint.heartrate_bpm), sa.func.max(TrackPoint.distance_m))
    )
    assert beats == (COUNT, pytest.approx((COUNT - 1) * 4.1))
    assert (playground.rows(Split.__table__), playground.rows(BestEffort.__table__)) == before
    assert before[0]
    assert playground.rows(Lap.source, Lap.elapsed_time_s) == [("file", float(COUNT))]
    track = playground.one(
        sa.select(Track.source, Track.file_name, Track.file_format, Track.heartrate_count)
    )
    assert track == ("api", "activities/9.fit", "fit", COUNT)
    assert playground.one(sa.select(ActivityFact.has_track)) == (True,)


def test_a_file_is_not_read_again_because_streams_took_its_place(connect: Connect) -> None:
    playground = connect(account(SWIM), clock=Clock(ASKED))
    put(playground, SWIM)
    playground.run(sweep=True)
    put(playground, SWIM, EXPORTED + timedelta(days=3))
    assert playground.run(sweep=True).files_read == 0


def test_a_file_of_which_only_a_part_could_be_read_gives_way_to_whole_streams(
    connect: Connect, database_url: str
) -> None:
    cut = Case(file=RUN[: len(RUN) * 2 // 3], streams=streams("heartrate"), stays="api")
    playground = connect(account(cut), database_url, clock=Clock(ASKED))
    playground.run(sweep=True)
    put(playground, cut)
    playground.run()
    assert playground.one(sa.select(Track.source, Track.is_partial, Track.partial_reason)) == (
        "api",
        False,
        None,
    )
    assert playground.rows(ImportIssue.kind) == [("partial",)]


def test_enriching_asks_for_the_rest_of_a_file_that_was_cut_short(connect: Connect) -> None:
    cut = Case(file=RUN[: len(RUN) * 2 // 3], streams=streams("heartrate"), stays="api")
    playground = connect(account(cut), clock=Clock(ASKED))
    put(playground, cut)
    playground.run(sweep=True)
    assert asked(playground) == 0
    playground.run(enrich=True)
    assert playground.one(sa.select(Track.source, Track.point_count)) == ("api", COUNT)


def test_a_better_reading_of_the_file_takes_the_points_back(connect: Connect) -> None:
    playground = connect(account(SWIM), clock=Clock(ASKED))
    put(playground, SWIM)
    playground.run(sweep=True)
    put(playground, Case(file=RUN, streams={}, stays="file"), EXPORTED + timedelta(days=3))
    playground.run(skip_api=True)
    assert playground.one(sa.select(Track.source, Track.position_count)) == ("file", COUNT)


def test_streams_that_strava_does_not_have_are_not_asked_for_again(connect: Connect) -> None:
    playground = connect(account(SWIM), clock=Clock(ASKED))
    playground.strava.account.activities[1].streams = {}
    put(playground, SWIM)
    for _ in range(3):
        playground.run(sweep=True)
    assert asked(playground) == 1
    assert playground.one(sa.select(Track.source, Track.point_count)) == ("file", COUNT)


def test_a_database_of_before_is_asked_about_with_the_next_list(connect: Connect) -> None:
    playground = connect(account(SWIM), clock=Clock(ASKED))
    held, playground.strava.account.activities[1].streams = (
        playground.strava.account.activities[1].streams,
        {},
    )
    put(playground, SWIM)
    playground.run(sweep=True)
    playground.strava.account.activities[1].streams = held
    with playground.connection() as connection:
        connection.execute(sa.update(Track).values(fetched_at=None))
    playground.run(sweep=True)
    assert (asked(playground), playground.rows(Track.source)) == (2, [("api",)])


def test_streams_that_fail_are_given_up_like_any_others(connect: Connect) -> None:
    playground = connect(account(SWIM), clock=Clock(ASKED))
    playground.strava.faults.add(Fault("500", path="/streams"))
    put(playground, SWIM)
    for _ in range(7):
        playground.run(sweep=True)
        playground.strava.clock.advance(86_400)
    assert playground.rows(QueueItem.item, QueueItem.failed_days, QueueItem.is_parked) == [
        ("streams", 5, True)
    ]


def test_another_column_that_the_api_shows_is_asked_for(connect: Connect) -> None:
    case = CASES["streams without a position"]
    playground = connect(account(case), clock=Clock(ASKED))
    put(playground, case)
    playground.run(sweep=True)
    assert asked(playground) == 0
    playground.strava.account.activities[1].streams = streams(
        "heartrate", "distance", "watts", "latlng"
    )
    playground.strava.account.edit(1, device_watts=True, max_watts=260)
    playground.run(sweep=True)
    assert (asked(playground), playground.rows(Track.source)) == (1, [("api",)])


def test_a_request_that_waited_is_needless_once_a_rich_file_is_there(connect: Connect) -> None:
    case = CASES["streams without a position"]
    playground = connect(account(case), clock=Clock(ASKED))
    playground.run(sweep=True, limit=0)
    put(playground, case)
    playground.run()
    assert (asked(playground), playground.queue()) == (0, [])


def test_an_activity_entered_by_hand_is_never_asked_for(connect: Connect) -> None:
    case = Case(
        file=cadence_only(),
        streams=streams(),
        shown={"manual": True, "average_heartrate": 99.0},
        stays="file",
    )
    playground = connect(account(case), clock=Clock(ASKED))
    put(playground, case)
    playground.run(sweep=True)
    assert asked(playground) == 0


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_purge_brings_the_points_of_the_file_back(
    connect: Connect, database_url: str, case: Case
) -> None:
    playground = connect(account(case), database_url, clock=Clock(ASKED))
    put(playground, case)
    playground.run(skip_api=True)
    before = playground.content(*LEFT_OUT, "sync_queue", "purged_activities")
    playground.run(sweep=True, enrich=True)
    playground.purge()
    assert playground.content(*LEFT_OUT, "sync_queue", "purged_activities") == before


def test_a_purge_finds_the_file_in_another_export(connect: Connect) -> None:
    playground = connect(account(SWIM), clock=Clock(ASKED))
    put(playground, SWIM)
    playground.run(sweep=True)
    (playground.drop / "export_88.zip").rename(playground.drop / "mine.zip")
    playground.purge()
    assert playground.one(sa.select(Track.source, Track.point_count)) == ("file", COUNT)


def test_where_the_file_is_gone_the_track_goes_and_an_issue_tells(
    connect: Connect, database_url: str
) -> None:
    playground = connect(account(SWIM), database_url, clock=Clock(ASKED))
    put(playground, SWIM)
    before = playground.run(skip_api=True) and playground.content(
        *LEFT_OUT, "purged_activities", "import_files"
    )
    playground.run(sweep=True)
    away = (playground.drop / "export_88.zip").rename(playground.folder / "away.zip")
    code, out, _ = playground.cli("purge", "--source", "api")
    assert (code, "Without track points now: 1" in out) == (0, True)
    assert playground.rows(Track.activity_id) == playground.rows(TrackPoint.activity_id) == []
    assert playground.rows(ImportIssue.activity_id, ImportIssue.kind, ImportIssue.name) == [
        (1, "missing-track", "activities/9.fit")
    ]
    away.rename(playground.drop / "export_88.zip")
    assert playground.run(skip_api=True).files_read == 1
    assert playground.content(*LEFT_OUT, "purged_activities", "import_files") == before
    assert ("activity", "read") in playground.rows(ImportFile.file_kind, ImportFile.status)


def test_what_a_purge_by_age_took_is_not_asked_for_by_itself(connect: Connect) -> None:
    playground = connect(account(SWIM), clock=Clock(ASKED))
    put(playground, SWIM)
    playground.run(sweep=True)
    playground.strava.clock.advance(9 * 86_400)
    playground.run(sweep=True)
    playground.purge(timedelta(days=5))
    playground.run(sweep=True)
    assert (asked(playground), playground.rows(Track.source)) == (1, [("file",)])
