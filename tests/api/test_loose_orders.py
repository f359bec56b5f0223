"""A loose device file, exports and the API are witnesses of one activity: in whatever order they
come, the database ends the same, and streams are asked for only where the file lacks something.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import permutations
from random import Random
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa

from benchmarks.databases import fresh_database
from db.models import (
    Activity,
    ActivityAlias,
    Base,
    Gear,
    Lap,
    LooseRecording,
    Track,
    TrackPoint,
)
from ingest.transform.derived.polyline import encoded
from tests.api.connected import Connected
from tests.builders import export_zip, fit_activity, gpx_file, gpx_point, xml_time
from tests.strava import Account, Clock
from tests.strava import Activity as Shown

Connect = Callable[..., Connected]
START = datetime(2025, 8, 3, 16, tzinfo=UTC)
JANUARY, FEBRUARY, MARCH = (datetime(2026, month, 10, tzinfo=UTC) for month in (1, 2, 3))
COUNT = 900
#: The ledger, and what depends on when something was said.
LEFT_OUT = {"import_runs", "import_files", "sync_state", "sync_queue", "data_dictionary"}
KEYS = {"run_id", "issue_id", "found_at", "observed_at"}
#: Some of the 24 orders, of each case on each engine.
_ORDERS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One activity as a loose file and as the API have it, and whose points stay."""

    file: bytes
    name: str = "ride.fit"
    streams: tuple[str, ...]
    shown: Mapping[str, Any] = field(default_factory=dict)
    stays: str
    #: Whether streams are asked for when the file came first.
    is_asked: bool


def gpx_with(*, beats: int) -> bytes:
    """A GPX whose first points have a heart rate."""
    beat = "<extensions><hr>131</hr></extensions>"
    points = [
        gpx_point(46 + s * 4e-5, 9, xml_time(START, s), beat if s < beats else "")
        for s in range(COUNT)
    ]
    return gpx_file(points)


def streams(*names: str) -> dict[str, list[Any]]:
    every: dict[str, list[Any]] = {
        "time": list(range(COUNT)),
        "distance": [s * 4.45 for s in range(COUNT)],
        "heartrate": [118 + s % 9 for s in range(COUNT)],
        "latlng": [[46 + s * 4e-5, 9.0] for s in range(COUNT)],
    }
    return {name: every[name] for name in ("time", *names)}


#: As Strava's lists have it: simplified.
ROUTE = encoded(np.array([46.0, 46 + COUNT * 4e-5]), np.array([9.0, 9.0]))
_SEEN = {"has_heartrate": True, "average_heartrate": 122.0, "start_latlng": [46.0, 9.0]}
CASES = {
    "a file that lacks nothing": Case(
        file=gpx_with(beats=COUNT),
        name="ride.gpx",
        streams=("distance", "latlng", "heartrate"),
        shown=_SEEN,
        stays="loose_file",
        is_asked=False,
    ),
    "a file that is richer": Case(
        file=gpx_with(beats=COUNT),
        name="ride.gpx",
        streams=("distance", "latlng"),
        shown={"start_latlng": [46.0, 9.0]},
        stays="loose_file",
        is_asked=False,
    ),
    "a file that lacks the heart rate that is shown": Case(
        file=gpx_with(beats=0),
        name="ride.gpx",
        streams=("distance", "latlng", "heartrate"),
        shown=_SEEN,
        stays="api",
        is_asked=True,
    ),
    "a file that lacks it as the streams do": Case(
        file=gpx_with(beats=0),
        name="ride.gpx",
        streams=("distance", "latlng"),
        shown=_SEEN,
        stays="loose_file",
        is_asked=True,
    ),
}


def account(case: Case) -> Account:
    """The activity of the file, and one more."""
    held = Account(88, "Kim", "Example")
    body = {
        "name": "Evening",
        "type": "Run",
        "sport_type": "Run",
        "timezone": "(GMT+01:00) Europe/Zurich",
        "utc_offset": 7200.0,
        "distance": COUNT * 4.45,
        "moving_time": COUNT - 1,
        "elapsed_time": COUNT - 1,
        "manual": False,
        "start_latlng": [],
        "gear_id": None,
        "start_date": xml_time(START),
        "start_date_local": xml_time(START, 7200),
    }
    other = {"start_date": xml_time(START, 90_000), "start_date_local": xml_time(START, 97_200)}
    rest: dict[str, Any] = {"laps": [], "description": None}
    route = {"map": {"id": "a1", "summary_polyline": ROUTE}}
    held.add(
        Shown({**body, **route, "id": 1, **case.shown}, streams(*case.streams), lambda: dict(rest))
    )
    held.add(Shown({**body, "id": 2, **other}, streams("distance"), lambda: dict(rest)))
    return held


def put_file(playground: Connected, case: Case) -> None:
    path = playground.drop / "watch" / case.name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(case.file)


def put_export(playground: Connected, when: datetime) -> None:
    """An export that has the row of the activity, but not its file."""
    row = {
        "activity_date": "Aug 3, 2025, 4:00:00 PM",
        "activity_name": f"In {when:%B}",
        "elapsed_time": str(COUNT - 1),
    }
    export_zip(
        playground.drop / f"export_{when.month}.zip",
        [row],
        tables={"profile.csv": [["Athlete ID"], [88]]},
        when=when,
    )


def hear(playground: Connected, witness: str, case: Case) -> None:
    if witness == "api":
        playground.run(sweep=True, enrich=True, skip_export=True)
        return
    if witness == "file":
        put_file(playground, case)
    else:
        put_export(playground, JANUARY if witness == "older" else FEBRUARY)
    playground.run(skip_api=True)


def content(playground: Connected) -> dict[str, list[Any]]:
    """Every table but the ledger; gear by its name, since its keys are no content."""
    names = dict(playground.rows(Gear.gear_id, Gear.name_key))
    found = {}
    for table in Base.metadata.sorted_tables:
        if table.name in LEFT_OUT:
            continue
        columns = [c for c in table.columns if c.name not in KEYS]
        rows = [
            tuple(
                names.get(value, value) if column.name == "gear_id" else value
                for column, value in zip(columns, row, strict=True)
            )
            for row in playground.rows(*columns)
        ]
        found[table.name] = sorted(rows, key=repr)
    return found


def asked(playground: Connected) -> int:
    return len(playground.strava.api_requests("^/activities/1/streams$"))


@pytest.fixture(autouse=True)
def _nobody_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.extract.copy_check.APART_S", 0)


@pytest.fixture(params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest) -> Iterator[tuple[str, str]]:
    """Two fresh databases, on each engine."""
    if request.param == "sqlite":
        folder = request.getfixturevalue("tmp_path").as_posix()
        yield f"sqlite:///{folder}/one.db", f"sqlite:///{folder}/other.db"
        return
    server = request.getfixturevalue("_server")
    with ExitStack() as stack:
        one, other = (stack.enter_context(fresh_database(server, "strava_test")) for _ in range(2))
        yield one, other


_WITNESSES = ("file", "older", "newer", "api")
_SAMPLES = [
    pytest.param(name, order, id=f"{name}: {', '.join(order)}")
    for number, name in enumerate(CASES)
    for order in Random(number).sample(list(permutations(_WITNESSES)), _ORDERS)
]


@pytest.mark.parametrize(("name", "order"), _SAMPLES)
def test_the_order_of_file_exports_and_api_does_not_matter(
    connect: Connect, databases: tuple[str, str], name: str, order: tuple[str, ...]
) -> None:
    case, ends = CASES[name], []
    for database, witnesses in zip(databases, (order, _WITNESSES), strict=True):
        playground = connect(account(case), database, clock=Clock(MARCH, frozen=True))
        for path in [*playground.drop.glob("*.zip"), *playground.drop.glob("watch/*")]:
            path.unlink()
        for witness in witnesses:
            hear(playground, witness, case)
        playground.run(sweep=True, enrich=True)
        ends.append(content(playground))
    for table, rows in ends[1].items():
        assert ends[0][table] == rows, table
    assert playground.rows(Activity.activity_id) == [(1,), (2,)]
    ((alias, activity_id),) = playground.rows(
        ActivityAlias.provisional_id, ActivityAlias.activity_id
    )
    assert (alias < 0, activity_id) == (True, 1)
    source = playground.one(sa.select(Track.source).where(Track.activity_id == 1))
    assert source == (case.stays,)
    points = sa.select(sa.func.count()).where(TrackPoint.activity_id == 1)
    assert playground.one(points) == (COUNT,)


@pytest.mark.parametrize("order", ["file first", "in one run", "api later", "export first"])
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_file_spares_the_streams_unless_it_lacks_what_is_shown(
    connect: Connect, case: Case, order: str
) -> None:
    playground = connect(account(case), clock=Clock(MARCH))
    if order == "api later":  # only lists until then
        playground.run(sweep=True, limit=0)
    if order == "export first":
        hear(playground, "older", case)
    put_file(playground, case)
    if order in ("file first", "export first"):
        playground.run(skip_api=True)
    for _ in range(3):
        playground.run(sweep=True, enrich=True)
    assert asked(playground) == case.is_asked
    assert playground.queue() == []
    assert playground.one(sa.select(Track.source).where(Track.activity_id == 1)) == (case.stays,)


@pytest.mark.parametrize("is_api_first", [True, False])
def test_only_the_api_tells_of_it_and_the_file_comes_before_or_after(
    connect: Connect, database_url: str, is_api_first: bool
) -> None:
    case = Case(file=gpx_with(beats=9), name="ride.gpx", streams=(), stays="", is_asked=False)
    playground = connect(account(case), database_url, clock=Clock(MARCH))
    for witness in ("api", "file") if is_api_first else ("file", "api"):
        hear(playground, witness, case)
    facts = playground.rows(Activity.activity_id, Activity.name, Activity.known_from)
    assert facts == [(1, "Evening", "api"), (2, "Evening", "api")]
    assert playground.rows(LooseRecording.activity_id) == [(1,)]
    assert playground.one(sa.select(Track.source).where(Track.activity_id == 1)) == ("loose_file",)
    assert asked(playground) == is_api_first


@pytest.mark.parametrize("is_file_first", [True, False])
def test_a_file_that_leaves_an_activity_leaves_it_as_the_api_tells_it(
    connect: Connect, is_file_first: bool
) -> None:
    case = CASES["a file that lacks nothing"]
    held = account(case)
    lap = {"id": 9, "lap_index": 1, "name": "Lap 1", "elapsed_time": 400, "distance": 1200.0}
    held.edit(1, laps=[lap])
    playground = connect(held, clock=Clock(MARCH))
    case = replace(case, file=fit_activity(COUNT, start=START), name="ride.fit")
    route = encoded(np.array([47.0, 47 + COUNT * 2.7e-5]), np.array([8.0, 8.0]))
    held.edit(1, map={"id": "a1", "summary_polyline": route})
    if is_file_first:
        put_file(playground, case)
        playground.run(sweep=True, enrich=True)
        assert playground.rows(LooseRecording.activity_id) == [(1,)]
        assert playground.rows(Lap.activity_id, Lap.source) == [(1, "file")]
    held.edit(1, type="Ride", sport_type="Ride")
    playground.run(sweep=True, enrich=True)
    put_file(playground, case)
    for _ in range(2):
        playground.run(sweep=True, enrich=True)
    ((place,),) = playground.rows(LooseRecording.activity_id)
    assert place < 0
    tracks = {(place, "loose_file"), (1, "api"), (2, "api")}
    assert set(playground.rows(Track.activity_id, Track.source)) == tracks
    laps = {(place, "file"), (1, "api")}
    assert set(playground.rows(Lap.activity_id, Lap.source)) == laps
