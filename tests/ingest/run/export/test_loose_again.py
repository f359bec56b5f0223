"""Loose files that come twice, change, are named again, or lie in folders with numbers."""

from __future__ import annotations

import os
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from db.models import Activity, ImportIssue, LooseRecording, Track
from ingest.commands.forget_file import forget_loose_file
from ingest.reporting.progress import Progress
from tests.builders import fit_activity, gpx_activity, tcx_activity
from tests.loose_places import Place, same

START = datetime(2024, 5, 1, 6, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _nobody_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.extract.copy_check.APART_S", 0)


@pytest.fixture
def place(tmp_path: Path, database_url: str) -> Place:
    return Place(tmp_path / "Playground", database_url)


@pytest.mark.parametrize("data", [fit_activity(60), tcx_activity(60), gpx_activity(60)])
def test_copies_of_a_file_are_one_activity(place: Place, data: bytes) -> None:
    place.put("a/x.fit", data)
    place.put("a/x (1).fit", data)
    place.run()
    assert len(place.rows(Activity.activity_id)) == 1
    assert place.rows(Track.point_count) == [(60,)]
    before = place.content()
    assert place.run().files_read == 0
    same(place.content(), before)


@pytest.mark.parametrize("points", [40, 60, 90])
def test_of_a_file_that_was_changed_the_new_contents_count(place: Place, points: int) -> None:
    place.put("a/x.gpx", gpx_activity(60, sport="running"))
    place.run()
    place.put("a/x.gpx", gpx_activity(points, sport="walking"))
    # Not within the second of the first one, since its size may be the same.
    os.utime(place.config.drop / "a/x.gpx", (2e9, 2e9))
    place.run()
    assert place.rows(Track.point_count) == [(points,)]
    assert place.rows(Activity.sport_type) == [("Walk",)]


def test_a_file_that_lasts_longer_than_time_costs_nothing_else(place: Place) -> None:
    told = b"<TotalTimeSeconds>"
    data = tcx_activity(60)
    begin, _, rest = data.partition(told)
    place.put("bad.tcx", begin + told + b"3e11" + rest[rest.index(b"<") :])
    place.put("good.gpx", gpx_activity(60, start=datetime(2024, 6, 1, 6, tzinfo=UTC)))
    place.run()
    assert (60,) in place.rows(Track.point_count)
    assert b"3e11" in (place.config.drop / "bad.tcx").read_bytes()


def test_a_folder_of_a_year_is_no_athlete(place: Place) -> None:
    place.put("2024/05/x.fit", fit_activity(60))
    place.run()
    assert place.rows(LooseRecording.athlete_id) == [(0,)]


def test_a_zip_that_is_named_brings_back_what_was_forgotten_of_it(place: Place) -> None:
    path = place.config.drop / "w.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.fit", fit_activity(60))
        archive.writestr("y.fit", fit_activity(60, start=datetime(2024, 6, 1, 6, tzinfo=UTC)))
    place.run()
    before = place.content()
    forget_loose_file(place.config, "x.fit", Progress(), dry_run=False, accept_loss=False)
    place.run()
    assert len(place.rows(Activity.activity_id)) == 1
    place.run(exports=[path])
    same(place.content(), before)


@pytest.mark.parametrize("name", ["bad.gpx", "watch/bad.gpx", "watch.zip"])
def test_what_is_wrong_with_a_file_is_told_as_long_as_it_lies_there(
    place: Place, name: str
) -> None:
    bad = b"<gpx><trk>"
    place.put("watch/good.gpx", gpx_activity(60))
    if name.endswith(".zip"):
        with zipfile.ZipFile(place.config.drop / name, "w") as archive:
            archive.writestr("bad.gpx", bad)
    else:
        place.put(name, bad)
    for _ in range(2):
        place.run()
        assert len(place.rows(ImportIssue.name)) == 1
    (place.config.drop / name).unlink()
    place.run(exports=[place.config.drop / "watch" / "good.gpx"])
    assert len(place.rows(ImportIssue.name)) == 1  # nobody looked for it
    place.run()
    assert place.rows(ImportIssue.name) == []
    assert len(place.rows(Activity.activity_id)) == 1


def test_a_file_that_was_damaged_and_goes_leaves_what_it_had_brought(place: Place) -> None:
    place.put("a.gpx", gpx_activity(60))
    place.run()
    place.put("a.gpx", b"<gpx><trk>")
    place.run()
    (place.config.drop / "a.gpx").unlink()
    place.run()
    assert place.rows(ImportIssue.name) == []
    assert place.rows(Track.point_count) == [(60,)]
    forget_loose_file(place.config, "a.gpx", Progress(), dry_run=False, accept_loss=False)
    assert place.rows(Activity.activity_id) == []
