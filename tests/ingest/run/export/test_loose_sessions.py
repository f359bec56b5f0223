"""A loose file of several sessions is an activity per session; each meets Strava's row that starts
with it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from db.models import Activity, ActivityAlias, LooseRecording, Track
from tests.builders import Fit, export_zip, fit_activity, fit_time, semicircles
from tests.loose_places import Place, same

START = datetime(2024, 5, 1, 6, tzinfo=UTC)
#: FIT's sport, second of the start, seconds: swim, transition, bike, transition, run.
LEGS = ((5, 0, 300), (3, 300, 60), (2, 360, 600), (3, 960, 40), (1, 1000, 200))
STARTS = (0, 360, 1000)


def triathlon() -> bytes:
    """A multisport file with transitions."""
    began = fit_time(START)
    fit = Fit().define(0, 0, (0, "enum"), (1, "uint16"), (3, "uint32z"), (4, "uint32"))
    fit.add(0, 4, 1, 4711, began)
    fit.define(1, 20, (253, "uint32"), (0, "sint32"), (1, "sint32"), (5, "uint32"))
    for second in range(1200):
        latitude = semicircles(47 + second * 2.7e-5)
        fit.add(1, began + second, latitude, semicircles(8.0), second * 300)
    session = ((253, "uint32"), (2, "uint32"), (7, "uint32"), (8, "uint32"), (9, "uint32"))
    fit.define(2, 18, *session, (5, "enum"))
    for sport, start, lasting in LEGS:
        at = began + start
        fit.add(2, at + lasting, at, lasting * 1000, lasting * 1000, lasting * 300, sport)
    return fit.build()


@pytest.fixture(autouse=True)
def _nobody_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.extract.copy_check.APART_S", 0)


@pytest.fixture
def place(tmp_path: Path, database_url: str) -> Place:
    return Place(tmp_path / "Playground", database_url)


def account(place: Place, data: bytes, *starts: int, files_each: bool = False) -> None:
    """An export whose rows, one for each start, all name one file, or each a copy of its own."""
    rows, files = [], {}
    for number, start in enumerate(starts, 1):
        moment = START + timedelta(seconds=start)
        rows.append(
            {
                "activity_id": number,
                "activity_date": f"May 1, 2024, {moment.hour}:{moment:%M:%S} AM",
                "filename": (name := f"activities/{number if files_each else 1}.fit"),
            }
        )
        files[name] = data
    tables = {"profile.csv": [["Athlete ID"], [77]]}
    export_zip(place.config.drop / "export_77.zip", rows, files, tables=tables)


def seconds(place: Place) -> list[tuple[int, str, bool]]:
    """Start in seconds, sport and whether Strava knows it, of each activity."""
    columns = (Activity.start_time_utc, Activity.sport_type, Activity.activity_id)
    return sorted(
        (int((start - START).total_seconds()), sport, number > 0)
        for start, sport, number in place.rows(*columns)
    )


def test_each_session_is_an_activity_and_a_transition_is_none(place: Place) -> None:
    place.put("race.fit", triathlon())
    place.run()
    assert [row[:2] for row in seconds(place)] == [(0, "Swim"), (360, "Ride"), (1000, "Run")]
    assert sorted(place.rows(LooseRecording.session_index)) == [(0,), (1,), (2,)]
    before = place.content()
    assert place.run().files_read == 0
    same(place.content(), before)


@pytest.mark.parametrize("is_file_first", [True, False])
@pytest.mark.parametrize("starts", [STARTS, STARTS[:2]], ids=len)
def test_each_session_meets_the_row_that_starts_with_it(
    place: Place, starts: tuple[int, ...], is_file_first: bool
) -> None:
    if is_file_first:
        place.put("race.fit", triathlon())
        place.run()
    account(place, triathlon(), *starts)
    place.run()
    if not is_file_first:
        place.put("race.fit", triathlon())
        place.run()
    known = {start: start in starts for start in STARTS}
    assert {start: is_known for start, _, is_known in seconds(place)} == known
    assert len(place.rows(Activity.activity_id)) == len(STARTS)
    sessions = dict(place.rows(LooseRecording.provisional_id, LooseRecording.session_index))
    aliases = place.rows(ActivityAlias.provisional_id, ActivityAlias.activity_id)
    assert sorted((STARTS[sessions[i]], number) for i, number in aliases) == [
        (start, number) for number, start in enumerate(starts, 1)
    ]
    own = place.rows(Track.activity_id, Track.source)
    assert all((source == "file") == (number > 0) for number, source in own)


@pytest.mark.parametrize("is_file_first", [True, False])
def test_a_row_that_alone_names_a_file_is_all_its_sessions(
    place: Place, is_file_first: bool
) -> None:
    if is_file_first:
        place.put("race.fit", triathlon())
        place.run()
    account(place, triathlon(), 360)
    place.run()
    if not is_file_first:
        place.put("race.fit", triathlon())
        place.run()
    assert place.rows(Track.activity_id, Track.source, Track.point_count) == [(1, "file", 1200)]
    assert place.rows(Activity.activity_id) == [(1,)]
    aliases = place.rows(ActivityAlias.provisional_id, ActivityAlias.activity_id)
    assert [number for _, number in aliases] == [1, 1, 1]


def test_rows_with_copies_of_a_file_each_have_it_whole(place: Place) -> None:
    place.put("race.fit", triathlon())
    account(place, triathlon(), 0, 0, files_each=True)
    place.run()
    assert place.rows(Activity.activity_id) == [(1,), (2,)]
    assert place.rows(Track.point_count) == [(1200,), (1200,)]
    assert len(place.rows(ActivityAlias.provisional_id, ActivityAlias.activity_id)) == 6


def test_two_rows_that_name_equal_bytes_both_meet_them(place: Place) -> None:
    ride = fit_activity(60, start=START)
    place.put("ride.fit", ride)
    place.run()
    account(place, ride, 0, 0, files_each=True)
    place.run()
    assert place.rows(Activity.activity_id) == [(1,), (2,)]
    aliases = place.rows(ActivityAlias.provisional_id, ActivityAlias.activity_id)
    assert len({i for i, _ in aliases}) == 1
    assert [number for _, number in aliases] == [1, 2]


def test_what_an_older_parser_took_for_a_session_goes(
    place: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    place.put("tri.fit", triathlon())
    with monkeypatch.context() as older:
        older.setattr("ingest.run.export.loose_reader.recordings_of", lambda whole: [whole])
        older.setattr("ingest.run.export.file_reader.parser_version", lambda _: 1)
        place.run()
    assert place.rows(Track.point_count) == [(1200,)]
    place.run()
    fresh = Place(tmp_path / "fresh", f"sqlite:///{(tmp_path / 'fresh.db').as_posix()}")
    fresh.put("tri.fit", triathlon())
    fresh.run()
    wanted = fresh.content()
    same(
        place.content(), {name: rows for name, rows in wanted.items() if name != "data_dictionary"}
    )
