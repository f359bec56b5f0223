"""An account export of Garmin: its activities are imported, all else in it is not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from db.models import Activity, ActivityAlias, ImportFile, ImportIssue
from ingest.extract import loose_files
from tests.builders import Fit, export_zip, fit_activity, fit_time, garmin_export
from tests.loose_places import Place, same

FIRST, SECOND = (fit_activity(60, start=datetime(2024, 5, day, 6, tzinfo=UTC)) for day in (1, 2))


def of_type(number: int) -> bytes:
    """A FIT file of another type, as ``file_id`` tells it."""
    began = fit_time(datetime(2024, 5, 1, tzinfo=UTC))
    return Fit().define(0, 0, (0, "enum"), (4, "uint32")).add(0, number, began).build()


#: Settings, workout, course, monitoring of days, sleep.
OTHERS: Mapping[str, bytes] = {f"other_{kind}.fit": of_type(kind) for kind in (2, 5, 6, 32, 49)}


@pytest.fixture(autouse=True)
def _nobody_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.extract.copy_check.APART_S", 0)


@pytest.fixture
def place(tmp_path: Path, database_url: str) -> Place:
    return Place(tmp_path / "Playground", database_url)


def test_its_activities_are_imported_and_the_rest_is_ignored_without_issues(place: Place) -> None:
    garmin_export(place.config.drop / "garmin.zip", {"1.fit": FIRST, **OTHERS}, {"2.fit": SECOND})
    report = place.run()
    assert len(report.new) == 2
    assert all(number < 0 for (number,) in place.rows(Activity.activity_id))
    assert place.rows(ImportIssue.name, ImportIssue.reason) == []
    status = [
        status
        for kind, status in place.rows(ImportFile.file_kind, ImportFile.status)
        if kind == "loose"
    ]
    assert sorted(status) == ["ignored"] * len(OTHERS) + ["read", "read"]


def test_the_second_run_does_not_open_it(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    garmin_export(place.config.drop / "garmin.zip", {"1.fit": FIRST, **OTHERS})
    place.run()
    before = place.content()

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("it is opened again")

    monkeypatch.setattr(loose_files, "ZipArchive", refuse)
    assert place.run().files_read == 0
    same(place.content(), before)


def test_of_a_newer_one_only_what_is_new_becomes_an_activity(place: Place) -> None:
    path = place.config.drop / "garmin.zip"
    garmin_export(path, {"1.fit": FIRST})
    place.run()
    garmin_export(path, {"1.fit": FIRST, "2.fit": SECOND})
    report = place.run()
    assert len(report.new) == 1
    assert len(place.rows(Activity.activity_id)) == 2


def test_its_activities_meet_those_of_strava(place: Place) -> None:
    garmin_export(place.config.drop / "garmin.zip", {"1.fit": FIRST, "2.fit": SECOND})
    place.run()
    row = {"filename": "activities/1.fit"}
    tables = {"profile.csv": [["Athlete ID"], [77]]}
    export_zip(
        place.config.drop / "export_77.zip", [row], {"activities/1.fit": FIRST}, tables=tables
    )
    place.run()
    assert place.rows(ActivityAlias.activity_id, ActivityAlias.athlete_id) == [(1, 77)]
    assert sorted(number > 0 for (number,) in place.rows(Activity.activity_id)) == [False, True]
