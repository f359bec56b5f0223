"""Loose device files: each an activity of its own, until Strava tells of it."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import timedelta
from itertools import permutations
from pathlib import Path
from random import Random

import pytest

from db.models import (
    Activity,
    ActivityAlias,
    ActivityFact,
    ImportIssue,
    LooseRecording,
    Track,
)
from tests.builders import gpx_activity
from tests.loose_places import Place, day, export, same

#: Some of the 720 orders.
_ORDERS = 12


@pytest.fixture(autouse=True)
def _nobody_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.extract.copy_check.APART_S", 0)


@pytest.fixture
def place(tmp_path: Path, database_url: str) -> Place:
    return Place(tmp_path / "Playground", database_url)


#: What a witness puts into the drop folder.
_WITNESSES: dict[str, Callable[[Place], None]] = {
    "older": lambda place: export(place, 1, {1: gpx_activity(60, start=day(1)), 2: None}),
    "newer": lambda place: export(
        place, 2, {1: gpx_activity(60, start=day(1)), 2: None, 3: gpx_activity(70, start=day(3))}
    ),
    # The bytes of activity 1, packed; a recording of activity 3 by another device; what Strava
    # does not know; and the same by two devices.
    "equal": lambda place: place.put("a/1.gpx.gz", gzip.compress(gpx_activity(60, start=day(1)))),
    "other": lambda place: place.put(
        "a/3.gpx", gpx_activity(68, start=day(3) + timedelta(seconds=2))
    ),
    "own": lambda place: place.put("a/9.gpx", gpx_activity(50, start=day(9))),
    "twice": lambda place: place.put("b/9.gpx", gpx_activity(52, start=day(9))),
}


@pytest.mark.parametrize("order", Random(17).sample(list(permutations(_WITNESSES)), _ORDERS))
def test_the_order_of_witnesses_does_not_matter(
    tmp_path: Path, place: Place, order: tuple[str, ...]
) -> None:
    for name in order:
        _WITNESSES[name](place)
        place.run()
    fresh = Place(tmp_path / "fresh", f"sqlite:///{(tmp_path / 'fresh.db').as_posix()}")
    for put in _WITNESSES.values():
        put(fresh)
    fresh.run()
    same(place.content(), fresh.content())


def test_a_loose_file_is_an_activity_of_its_own(place: Place) -> None:
    place.put("watch/run.gpx", gpx_activity(60))
    report = place.run()
    assert len(report.new) == 1
    ((activity_id, *facts),) = place.rows(
        Activity.activity_id,
        Activity.athlete_id,
        Activity.name,
        Activity.sport_type,
        Activity.sport_type_source,
        Activity.known_from,
        Activity.distance_m,
        Activity.elapsed_time_s,
    )
    assert -(2**53) < activity_id < 0
    assert facts == [0, "Morning Run", "Run", "file", "file", pytest.approx(177, abs=1), 59]
    assert place.rows(Track.source, Track.point_count) == [("loose_file", 60)]
    assert place.rows(ActivityFact.known_from) == [("file",)]
    before = place.content()
    assert place.run().files_read == 0
    same(place.content(), before)


def test_a_file_is_whose_its_folder_says_else_whose_the_option_says(place: Place) -> None:
    place.put("run.gpx", gpx_activity(60))
    place.put("78/run.gpx", gpx_activity(60, start=day(4)))
    place.run(athlete_id=77)
    found = place.rows(Activity.athlete_id, Activity.start_time_utc)
    assert found == [(77, day(1)), (78, day(4))]
    # It is read once: another option does not hand it to somebody else.
    assert place.run(athlete_id=79).files_read == 0
    assert place.rows(Activity.athlete_id, Activity.start_time_utc) == found


def test_the_meeting_leaves_aliases_and_tells_of_duplicates(place: Place) -> None:
    for put in _WITNESSES.values():
        put(place)
    place.run()
    assert [i for (i,) in place.rows(Activity.activity_id) if i > 0] == [1, 2, 3]
    ((own,),) = [(i,) for (i,) in place.rows(Activity.activity_id) if i < 0]
    aliases = place.rows(ActivityAlias.activity_id, ActivityAlias.athlete_id)
    assert sorted(aliases) == sorted([(1, 77), (3, 77), (own, 77)])
    told = place.rows(ImportIssue.name, ImportIssue.kind, ImportIssue.activity_id)
    assert sorted(told) == [
        ("Strava Export: a/3.gpx", "duplicate", 3),
        ("Strava Export: a/9.gpx", "duplicate", own),
    ]
    # The export's own file is never replaced by a loose one; of two loose ones the richer counts.
    assert dict(place.rows(Track.activity_id, Track.point_count)) == {1: 60, 3: 70, own: 52}


def test_what_an_export_gave_already_is_not_written_again(place: Place) -> None:
    _WITNESSES["older"](place)
    place.run()
    _WITNESSES["equal"](place)
    report = place.run()
    assert (report.files_read, report.points_written, report.new, report.changed) == (
        1,
        0,
        set(),
        set(),
    )
    assert place.rows(ActivityAlias.activity_id) == [(1,)]
    assert place.rows(LooseRecording.activity_id) == [(None,)]
    assert place.rows(Track.source, Track.point_count) == [("file", 60)]
