"""Whose a loose device file is: by its folder, by the option, as the only athlete's, or by the
activities that it meets.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import permutations
from pathlib import Path

import pytest

from db.models import Activity, ActivityAlias, Athlete, ImportIssue, LooseRecording, Track
from ingest.reporting.progress import Progress
from ingest.run.pipeline import run
from tests.builders import export_zip, fit_activity
from tests.loose_places import Place, same

START = datetime(2024, 5, 1, 6, tzinfo=UTC)
RIDE = fit_activity(60, start=START)
#: The same ride, recorded by the partner's device: only its serial number differs.
PARTNERS = RIDE.replace((4711).to_bytes(4, "little"), (4712).to_bytes(4, "little"), 1)
OTHER = fit_activity(60, start=START.replace(day=20))


@pytest.fixture(autouse=True)
def _nobody_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.extract.copy_check.APART_S", 0)


@pytest.fixture
def place(tmp_path: Path, database_url: str) -> Place:
    return Place(tmp_path / "Playground", database_url)


def account(place: Place, athlete_id: int, data: bytes = RIDE) -> None:
    """An export of an athlete with one activity, whose id is the athlete's."""
    export_zip(
        place.config.drop / f"export_{athlete_id}.zip",
        [{"activity_id": athlete_id, "filename": "activities/1.fit"}],
        {"activities/1.fit": data},
        tables={"profile.csv": [["Athlete ID"], [athlete_id]]},
    )


def owners(place: Place) -> list[tuple[int, bool]]:
    """Whose each activity is, and whether Strava knows it."""
    return [
        (athlete, number > 0)
        for number, athlete in place.rows(Activity.activity_id, Activity.athlete_id)
    ]


def test_a_file_of_nobody_is_of_an_unknown_athlete_until_there_is_one(place: Place) -> None:
    place.put("watch/other.fit", OTHER)
    place.run()
    assert owners(place) == [(0, False)]
    account(place, 77)
    place.run()
    assert sorted(owners(place)) == [(77, False), (77, True)]
    assert place.rows(Athlete.athlete_id) == [(77,)]


def test_the_only_athlete_has_them_in_whatever_order(place: Place, tmp_path: Path) -> None:
    account(place, 77)
    place.run()
    place.put("watch/other.fit", OTHER)
    place.run()
    assert sorted(owners(place)) == [(77, False), (77, True)]
    fresh = Place(tmp_path / "fresh", f"sqlite:///{(tmp_path / 'fresh.db').as_posix()}")
    fresh.put("watch/other.fit", OTHER)
    fresh.run()
    account(fresh, 77)
    fresh.run()
    same(fresh.content(), place.content())


def test_of_two_athletes_the_one_that_meets_the_file_has_it(place: Place) -> None:
    account(place, 77, OTHER)
    account(place, 78, RIDE)
    place.run()
    place.put("watch/ride.fit", RIDE)
    place.run()
    place.run()
    assert owners(place) == [(77, True), (78, True)]
    assert place.rows(ActivityAlias.activity_id, ActivityAlias.athlete_id) == [(78, 78)]
    assert place.rows(LooseRecording.athlete_id) == [(78,)]


def test_of_two_athletes_nobody_has_what_meets_neither(place: Place) -> None:
    account(place, 77)
    account(place, 78)
    place.put("watch/other.fit", OTHER)
    place.run()
    assert sorted(owners(place)) == [(0, False), (77, True), (78, True)]


@pytest.mark.parametrize("is_folder", [True, False])
def test_a_folder_or_an_option_names_the_athlete(place: Place, is_folder: bool) -> None:
    account(place, 77)
    account(place, 78)
    place.run()
    place.put("78/watch/other.fit" if is_folder else "watch/other.fit", OTHER)
    run(replace(place.config, athlete_id=None if is_folder else 78), Progress())
    assert sorted(owners(place)) == [(77, True), (78, False), (78, True)]


def test_a_file_that_two_people_share_is_each_ones(place: Place) -> None:
    for folder in ("77", "78"):
        place.put(f"{folder}/other.fit", OTHER)
    place.run()
    assert owners(place) == [(77, False), (78, False)] or owners(place) == [
        (78, False),
        (77, False),
    ]
    account(place, 77)
    account(place, 78, OTHER)
    place.run()
    assert sorted(owners(place)) == [(77, False), (77, True), (78, True)]
    before = place.content()
    assert place.run().files_read == 0
    same(place.content(), before)


@pytest.mark.parametrize("is_known", [True, False], ids=["of an athlete", "of a folder"])
def test_a_partners_file_of_the_same_ride_stays_apart(place: Place, is_known: bool) -> None:
    account(place, 77)
    if is_known:
        account(place, 78, PARTNERS)
    place.put("77/mine.fit", RIDE)
    place.put("78/theirs.fit", PARTNERS)
    place.run()
    place.run()
    assert sorted(owners(place)) == [(77, True), (78, is_known)]
    assert [kind for (kind,) in place.rows(ImportIssue.kind)] == []
    assert sorted(place.rows(Track.device_serial_number)) == [("4711",), ("4712",)]


@pytest.mark.parametrize("order", list(permutations(("mine", "theirs", "file"))))
def test_a_partners_file_in_my_folder_does_not_meet_my_ride(
    place: Place, order: tuple[str, ...]
) -> None:
    for witness in order:
        if witness == "file":
            # Other bytes, of their device and second.
            place.put("77/theirs, cut.fit", PARTNERS[:-2])
        else:
            account(place, 77 if witness == "mine" else 78, RIDE if witness == "mine" else PARTNERS)
        place.run()
    assert sorted(owners(place)) == [(77, False), (77, True), (78, True)]
