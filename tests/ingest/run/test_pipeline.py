"""Exports in every order, damaged and healed: what the database says at the end."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

import ingest.run.export.importer
from db.models import (
    Activity,
    ActivityObservation,
    Athlete,
    Gear,
    ImportFile,
    ImportIssue,
    ImportRun,
    Media,
    Track,
    WorkoutSet,
)
from ingest.errors import Interrupted
from ingest.load.writer import Writer
from ingest.transform.parsers import PARSERS
from tests.builders import export_folder, gpx_activity
from tests.ingest.playground import FEBRUARY, JANUARY, MARCH, PROFILE, Playground

GPX = gpx_activity(10)
OTHER = gpx_activity(20)


ISSUES = (ImportIssue.activity_id, ImportIssue.kind, ImportIssue.name)
TRACKS = (Track.activity_id, Track.file_name, Track.point_count)


def runs(*names: str | None) -> list[dict[str, Any]]:
    return [{"filename": name} if name else {} for name in names]


def test_one_file_of_two_rows_survives_a_kill_between_them(
    playground: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    playground.add(
        "a.zip", runs("activities/1.gpx", None, "activities/1.gpx"), files={"activities/1.gpx": GPX}
    )
    monkeypatch.setattr(ingest.run.export.importer, "_BATCH_ACTIVITIES", 1)
    real = Writer.write

    def killed(self: Any, connection: sa.Connection, batch: Any) -> None:
        if batch.activities and batch.activities[0].activity_id == 3:
            raise KeyboardInterrupt
        real(self, connection, batch)

    with monkeypatch.context() as context:
        context.setattr(Writer, "write", killed)
        with pytest.raises(Interrupted, match="imported until now is kept"):
            playground.run()
    assert playground.rows(*TRACKS) == [(1, "activities/1.gpx", 10)]
    assert [status for (status,) in playground.rows(ImportRun.status)] == ["failed"]
    playground.run()
    assert playground.rows(*TRACKS) == [(1, "activities/1.gpx", 10), (3, "activities/1.gpx", 10)]


def test_a_file_that_was_cut_off_and_whose_clock_is_wrong_has_both_reasons_and_is_read_once(
    playground: Playground,
) -> None:
    wrong = gpx_activity(30, start=datetime(2004, 9, 15, 6, 0, tzinfo=UTC))[:-200]
    playground.add("a.zip", runs("activities/1.gpx"), files={"activities/1.gpx": wrong})
    assert playground.run().files_read == 1
    assert [kind for _, kind, _ in playground.rows(*ISSUES)] == ["corrected", "partial"]
    assert playground.rows(Track.start_time_utc) == [(datetime(2024, 5, 1, 6, 0, tzinfo=UTC),)]
    assert playground.run().files_read == 0


def test_the_time_that_a_row_tells_says_which_points_are_stray(playground: Playground) -> None:
    late = gpx_activity(40, start=datetime(2024, 5, 1, 11, 0, tzinfo=UTC))
    segment = late[late.index(b"<trkseg>") : late.index(b"</trkseg>") + len(b"</trkseg>")]
    mixed = gpx_activity(20).replace(b"</trkseg>", b"</trkseg>" + segment)
    files = {"activities/1.gpx": mixed, "activities/2.gpx": mixed}
    rows = [
        {"filename": name, "elapsed_time": seconds}
        for name, seconds in zip(files, ("20", "18040"), strict=True)
    ]
    playground.add("a.zip", rows, files=files)
    playground.run()
    assert playground.rows(Track.activity_id, Track.point_count, Track.is_partial) == [
        (1, 20, True),
        (2, 60, False),
    ]


@pytest.mark.parametrize("lost", ["#error#", "activities/1.gpx"])
@pytest.mark.parametrize("order", ["ab", "ba"])
def test_a_file_that_another_export_holds_is_not_missing(
    playground: Playground, lost: str, order: str
) -> None:
    for name in order:
        if name == "a":
            playground.add(
                "a.zip", runs("activities/1.gpx"), JANUARY, files={"activities/1.gpx": GPX}
            )
        else:
            playground.add("b.zip", runs(lost), FEBRUARY)
        playground.run()
    assert playground.rows(*ISSUES) == []
    assert playground.rows(*TRACKS) == [(1, "activities/1.gpx", 10)]


def test_a_file_that_comes_later_ends_the_issue(playground: Playground) -> None:
    playground.add(
        "a.zip",
        runs("activities/1.gpx", "#error#", "activities/3.gpx"),
        files={"activities/3.gpx": b"junk"},
    )
    playground.run()
    assert [(i, kind) for i, kind, _ in playground.rows(*ISSUES)] == [
        (1, "missing"),
        (2, "lost"),
        (3, "unsupported"),
    ]
    files = {f"activities/{number}.gpx": GPX for number in (1, 2, 3)}
    playground.add("b.zip", runs(*files), FEBRUARY, files=files)
    playground.run()
    assert playground.rows(*ISSUES) == []
    assert [count for _, _, count in playground.rows(*TRACKS)] == [10, 10, 10]


def test_a_rename_keeps_what_is_known_of_a_broken_file(playground: Playground) -> None:
    broken = {"activities/1.gpx": b"junk"}
    playground.add("a.zip", runs("activities/1.gpx"), files=broken)
    playground.run()
    playground.add(
        "b.zip", [{"filename": "activities/1.gpx", "activity_name": "New"}], FEBRUARY, files=broken
    )
    report = playground.run()
    assert (report.changed, report.files_read) == ({1}, 0)
    assert playground.rows(*ISSUES) == [(1, "unsupported", "activities/1.gpx")]


def test_a_sound_copy_heals_a_damaged_zip(playground: Playground) -> None:
    path = playground.add("a.zip", runs("activities/1.gpx"), files={"activities/1.gpx": GPX})
    sound = path.read_bytes()
    at = sound.index(b"activities/1.gpx") + 60
    path.write_bytes(sound[:at] + bytes([sound[at] ^ 0xFF]) + sound[at + 1 :])
    assert playground.run().issues == 1
    path.write_bytes(sound)
    assert playground.run().issues == 0
    assert playground.rows(*TRACKS) == [(1, "activities/1.gpx", 10)]


def test_a_track_follows_its_row_from_file_to_file_and_back(playground: Playground) -> None:
    files = {"activities/1.gpx": GPX, "activities/2.gpx": OTHER}
    for name, when, file in (("a", JANUARY, 1), ("b", FEBRUARY, 2), ("c", MARCH, 1)):
        playground.add(f"{name}.zip", runs(f"activities/{file}.gpx"), when, files=files)
        playground.run()
        assert playground.rows(*TRACKS) == [(1, f"activities/{file}.gpx", 10 * file)]


def test_a_newer_parser_reads_files_again_that_only_an_older_export_holds(
    playground: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    playground.add("a.zip", runs("activities/1.gpx"), JANUARY, files={"activities/1.gpx": GPX})
    playground.add("b.zip", runs(None), FEBRUARY)
    playground.run()
    assert playground.run().files_read == 0
    newer = PARSERS["gpx"]._replace(version=9)
    monkeypatch.setitem(PARSERS, "gpx", newer)
    assert playground.run().files_read == 1
    assert playground.rows(Track.parser_version) == [(9,)]


def test_an_export_without_a_profile_belongs_to_whom_its_activities_belong(
    playground: Playground,
) -> None:
    playground.add(
        "mine.zip", runs(None, None), JANUARY, tables={"bikes.csv": [["Bike Name"], ["Blue"]]}
    )
    playground.run()
    assert playground.rows(Athlete.athlete_id) == [(0,)]
    playground.add(
        "named.zip",
        runs(None, None, None),
        FEBRUARY,
        tables={**PROFILE, "bikes.csv": [["Bike Name"], ["Blue"]]},
    )
    playground.run()
    playground.add("mine again.zip", runs(None, None, None, None), MARCH, tables={})
    playground.run()
    assert playground.rows(Athlete.athlete_id) == [(77,)]
    assert playground.rows(Gear.athlete_id, Gear.name) == [(77, "Blue")]
    assert playground.rows(Activity.athlete_id, Activity.activity_id) == [
        (77, 1),
        (77, 2),
        (77, 3),
        (77, 4),
    ]
    assert {athlete for (athlete,) in playground.rows(ActivityObservation.athlete_id)} == {77}


def test_two_athletes_share_a_database_and_nothing_else(playground: Playground) -> None:
    playground.add("a.zip", [{"activity_id": 1}, {"activity_id": 2}], JANUARY)
    other = {"profile.csv": [["Athlete ID"], [88]]}
    playground.add("b.zip", [{"activity_id": 5, "activity_gear": "Blue"}], MARCH, tables=other)
    report = playground.run()
    assert report.vanished == set()
    assert playground.rows(Activity.athlete_id, Activity.activity_id) == [(77, 1), (77, 2), (88, 5)]


def test_a_folder_that_was_copied_anew_is_as_old_as_its_contents(playground: Playground) -> None:
    old = [{"activity_name": "Old"}]
    folder = export_folder(playground.folder / "kept", old, when=JANUARY, tables=PROFILE)
    shutil.copytree(folder, playground.drop / "first")
    playground.run()
    playground.add("b.zip", [{"activity_name": "New"}], FEBRUARY)
    playground.run()
    shutil.copytree(folder, playground.drop / "second", copy_function=shutil.copyfile)
    playground.run()
    assert playground.rows(Activity.name) == [("New",)]


LATER = {"activity_id": 2, "activity_date": "Jun 1, 2024, 6:00:00 AM"}


@pytest.mark.parametrize("dry_run", [False, True])
def test_a_folder_whose_files_lost_their_times_is_older_than_what_holds_later_activities(
    playground: Playground, dry_run: bool
) -> None:
    playground.add("b.zip", [{"activity_name": "New"}, LATER], FEBRUARY)
    playground.run()
    export_folder(playground.drop / "old", [{"activity_name": "Old"}], when=MARCH, tables=PROFILE)
    report = playground.run(dry_run=dry_run)
    assert "old: its files are of 2026-03" in report.notes[0]
    assert report.vanished == set()
    assert playground.rows(Activity.name) == [("Morning Run",), ("New",)]
    if not dry_run:
        assert playground.run().notes == []


def test_a_newer_folder_stays_newer_whatever_lies_in_the_future(playground: Playground) -> None:
    future = {"activity_id": 2, "activity_date": "Jun 1, 2044, 6:00:00 AM"}
    playground.add("a.zip", [{"activity_name": "Old"}, future], JANUARY)
    playground.run()
    export_folder(playground.drop / "new", [{"activity_name": "New"}, future], when=MARCH)
    report = playground.run()
    assert report.notes == []
    assert ("New",) in playground.rows(Activity.name)


def test_a_newer_folder_stays_newer_if_it_lacks_what_has_vanished(playground: Playground) -> None:
    playground.add("a.zip", [{"activity_name": "Old"}, LATER], JANUARY)
    playground.run()
    playground.add("b.zip", [{"activity_name": "Old"}], FEBRUARY)
    assert playground.run(accept_vanished=True).vanished == {2}
    export_folder(playground.drop / "new", [{"activity_name": "New"}], when=MARCH, tables=PROFILE)
    report = playground.run()
    assert report.notes == []
    assert ("New",) in playground.rows(Activity.name)


def with_picture(number: int) -> dict[str, Any]:
    return {"activity_id": number, "media": f"media/{number}.jpg"}


def test_pictures_and_sets_of_vanished_activities_stay(playground: Playground) -> None:
    sets = {"structured_details.csv": [["Activity ID", "Exercise Name"], [1, "Squat"], [2, "Row"]]}
    playground.add("a.zip", [with_picture(1), with_picture(2)], JANUARY, tables={**PROFILE, **sets})
    playground.add(
        "b.zip",
        [with_picture(2)],
        FEBRUARY,
        tables={**PROFILE, "structured_details.csv": sets["structured_details.csv"][:1]},
    )
    report = playground.run()
    assert (report.vanished, len(report.notes)) == (set(), 1)
    assert "--accept-vanished" in report.notes[0]
    assert playground.rows(Media.activity_id, Media.filename) == [
        (1, "media/1.jpg"),
        (2, "media/2.jpg"),
    ]
    assert playground.rows(WorkoutSet.activity_id, WorkoutSet.exercise_name) == [(1, "Squat")]
    assert playground.run(accept_vanished=True).vanished == {1}
    assert len(playground.run().unchanged) == 1


def test_vanishing_has_one_date_in_any_order(fresh: Callable[[], Playground]) -> None:
    exports = {"a": (JANUARY, 20), "b": (FEBRUARY, 19), "c": (MARCH, 19)}
    for order in ("abc", "bac", "cab", "cba"):
        one = fresh()
        for name in order:
            when, count = exports[name]
            one.add(f"{name}.zip", runs(*[None] * count), when)
            one.run()
        vanished = one.rows(Activity.vanished_at, Activity.activity_id)
        assert [(when, number) for when, number in vanished if when] == [(FEBRUARY, 20)]


def test_what_an_old_bikes_csv_knows_is_kept_in_any_order(fresh: Callable[[], Playground]) -> None:
    header = ["Bike Name", "Bike Brand", "Bike Model"]
    bikes = {
        "a": [header, ["Old", "Canyon", "1"], ["Both", "Before", "2"]],
        "b": [header, ["Both", "After", "3"]],
    }
    for order in ("ab", "ba"):
        one = fresh()
        for name in order:
            when = JANUARY if name == "a" else FEBRUARY
            one.add(
                f"{name}.zip",
                [{"activity_gear": "Old"}],
                when,
                tables={**PROFILE, "bikes.csv": bikes[name]},
            )
            one.run()
        assert one.rows(Gear.name, Gear.brand, Gear.gear_type) == [
            ("Both", "After", "bike"),
            ("Old", "Canyon", "bike"),
        ]


def test_a_renamed_bike_leaves_no_ghost_in_any_order(fresh: Callable[[], Playground]) -> None:
    names = {"a": "Old name", "b": "New name"}
    for order in ("ab", "ba", "b"):
        one = fresh()
        for name in order:
            when = JANUARY if name == "a" else FEBRUARY
            tables = {
                **PROFILE,
                "bikes.csv": [["Bike Name"], [names[name]]],
                "shoes.csv": [["Shoe Name"], ["Spare"]],
            }
            one.add(f"{name}.zip", [{"activity_gear": names[name]}], when, tables=tables)
            one.run()
        assert one.rows(Gear.name) == [("New name",), ("Spare",)]


def test_bikes_of_one_name_are_told_of(playground: Playground) -> None:
    bikes = [["Bike Name", "Bike Brand"], ["Twin", "One"], ["Twin", "Two"]]
    playground.add("a.zip", [{"activity_gear": "Twin"}], tables={**PROFILE, "bikes.csv": bikes})
    playground.run()
    assert playground.rows(Gear.name, Gear.brand) == [("Twin", "Two")]
    assert playground.rows(*ISSUES) == [(None, "table", "bikes.csv")]


def test_unknown_tables_are_reported_for_the_newest_export_only(playground: Playground) -> None:
    playground.add("a.zip", runs(None), JANUARY, tables={**PROFILE, "novelty.csv": [["x"], [1]]})
    playground.run()
    assert playground.rows(*ISSUES) == [(None, "unknown", "novelty.csv")]
    playground.add("b.zip", runs(None), FEBRUARY)
    playground.run()
    assert playground.rows(*ISSUES) == []


def test_a_home_zone_that_changes_is_applied_to_what_has_no_zone_of_its_own(
    playground: Playground,
) -> None:
    playground.add("a.zip", runs(None))
    zones = (Activity.timezone_source, Activity.timezone_name, Activity.utc_offset_s)
    playground.run()
    assert playground.rows(*zones) == [("unknown", None, None)]
    playground.run(timezone="Europe/Berlin")
    assert playground.rows(*zones) == [("home", "Europe/Berlin", 7200)]
    playground.run(timezone="Europe/Paris")
    assert playground.rows(*zones) == [("home", "Europe/Paris", 7200)]
    playground.run()
    assert playground.rows(*zones) == [("home", "Europe/Paris", 7200)]


def test_a_rehearsal_counts_what_the_run_then_does(playground: Playground) -> None:
    files = {f"activities/{number}.gpx": GPX for number in range(1, 21)}
    playground.add("a.zip", runs(*files), JANUARY, files=files)
    first = playground.run(dry_run=True).counts()
    if make_url(playground.database).get_backend_name() == "sqlite":
        assert not Path(str(make_url(playground.database).database)).read_bytes()
    done = playground.run().counts()
    assert {**first, "seconds": 0, "points_written": 200} == {**done, "seconds": 0}
    changed = [{"filename": name, "activity_name": "New"} for name in list(files)[:19]]
    playground.add("b.zip", changed, FEBRUARY, files=files)
    second = playground.run(dry_run=True).counts()
    assert {**second, "seconds": 0} == {**playground.run().counts(), "seconds": 0}
    assert (second["activities_changed"], second["activities_vanished"], second["files_read"]) == (
        19,
        1,
        0,
    )


def test_the_ledger_tells_what_was_read_and_by_whom(playground: Playground) -> None:
    playground.add("a.zip", runs("activities/1.gpx"), files={"activities/1.gpx": GPX})
    playground.run()
    rows = playground.rows(
        ImportFile.file_kind, ImportFile.origin, ImportFile.status, ImportFile.row_count
    )
    assert ("activity", "a.zip", "read", 10) in rows
    assert ("export", "a.zip", "read", 1) in rows
    assert playground.rows(ImportRun.status, ImportRun.points_written) == [("done", 10)]
