"""Forgetting a loose device file, or what it had met: the database is as one that never saw it."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable, Collection
from datetime import timedelta
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any

import pytest

from db.models import Activity, Athlete, ImportFile, ImportIssue, LooseRecording, Track
from ingest.commands.forget import forget_athlete, forget_export
from ingest.commands.forget_file import forget_loose_file
from ingest.commands.forget_result import Forgotten, lines
from ingest.errors import AbortRun
from ingest.load.loose_recordings import FORGOTTEN_LOOSE
from ingest.reporting.progress import Progress
from tests.builders import gpx_activity
from tests.killed import counted_moments, killed_at, wait_for_lock
from tests.loose_places import Place, day, export, same

#: What a witness puts into the drop folder: two exports, and files that some of it meets.
_WITNESSES: dict[str, Callable[[Place], None]] = {
    "export_1.zip": lambda place: export(place, 1, {1: gpx_activity(60, start=day(1)), 2: None}),
    "export_2.zip": lambda place: export(
        place, 2, {1: gpx_activity(60, start=day(1)), 2: None, 3: gpx_activity(70, start=day(3))}
    ),
    "77/equal.gpx.gz": lambda place: place.put(
        "77/equal.gpx.gz", gzip.compress(gpx_activity(60, start=day(1)))
    ),
    "77/other.gpx": lambda place: place.put(
        "77/other.gpx", gpx_activity(68, start=day(3) + timedelta(seconds=2))
    ),
    "77/own.gpx": lambda place: place.put("77/own.gpx", gpx_activity(50, start=day(9))),
    "77/twice.gpx": lambda place: place.put("77/twice.gpx", gpx_activity(52, start=day(9))),
    # Whose it is no place tells: while nothing else does, it is nobody's.
    "watch/run.gpx": lambda place: place.put(
        "watch/run.gpx", gpx_activity(45, start=day(9) + timedelta(seconds=1))
    ),
}
_FILES = [name for name in _WITNESSES if name.endswith((".gpx", ".gz"))]
_EXPORTS = [name for name in _WITNESSES if name.endswith(".zip")]


@pytest.fixture(autouse=True)
def _nobody_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.extract.copy_check.APART_S", 0)


@pytest.fixture
def place(tmp_path: Path, database_url: str) -> Place:
    return Place(tmp_path / "Playground", database_url)


@pytest.fixture
def never(tmp_path: Path) -> Callable[[Collection[str]], dict[str, list[Any]]]:
    """What a database holds that saw only these witnesses."""

    def contents(names: Collection[str]) -> dict[str, list[Any]]:
        database = f"sqlite:///{(tmp_path / 'fresh.db').as_posix()}"
        fresh = Place(tmp_path / "fresh", database)
        for name in names:
            _WITNESSES[name](fresh)
        fresh.run()
        return fresh.content()

    return contents


def forget(place: Place, name: str, **options: Any) -> Forgotten:
    options = {"dry_run": False, "accept_loss": False} | options
    return forget_loose_file(place.config, name, Progress(), **options)


def put(place: Place, names: Collection[str]) -> None:
    for name in names:
        _WITNESSES[name](place)
        place.run()


def as_never_seen(found: dict[str, list[Any]], wanted: dict[str, list[Any]]) -> None:
    same(found, {name: rows for name, rows in wanted.items() if name != "data_dictionary"})


def mixes(gone: Collection[str], count: int) -> list[tuple[str, tuple[str, ...]]]:
    """Something to forget, and an order of it and two to four others, by chance."""
    chance = Random(17)
    sets = [m for size in (3, 4, 5) for m in combinations(_WITNESSES, size) if set(m) & set(gone)]
    return [
        (chance.choice([name for name in mix if name in gone]), tuple(chance.sample(mix, len(mix))))
        for mix in chance.sample(sets, count)
    ]


@pytest.mark.parametrize(("gone", "names"), mixes(_FILES, 5))
def test_a_forgotten_file_was_never_seen(
    place: Place,
    never: Callable[[Collection[str]], dict[str, list[Any]]],
    gone: str,
    names: tuple[str, ...],
) -> None:
    put(place, names)
    result = forget(place, gone)
    assert result.files == (f"Strava Export: {gone}",)
    wanted = never([name for name in names if name != gone])
    as_never_seen(place.content(), wanted)
    assert place.run().new == set()
    as_never_seen(place.content(), wanted)


@pytest.mark.parametrize(("gone", "names"), mixes(_EXPORTS, 5))
def test_a_forgotten_export_leaves_what_files_told(
    place: Place,
    never: Callable[[Collection[str]], dict[str, list[Any]]],
    gone: str,
    names: tuple[str, ...],
) -> None:
    put(place, names)
    forget_export(place.config, gone, Progress(), dry_run=False, accept_loss=False)
    as_never_seen(place.content(), never([name for name in names if name != gone]))


def test_the_last_file_takes_the_athlete_along_and_comes_back_only_if_it_is_named(
    place: Place,
) -> None:
    place.put("watch/run.gpx", gpx_activity(60))
    place.run()
    before = place.content()
    assert not forget(place, "run.gpx", dry_run=True).is_done
    as_never_seen(place.content(), before)
    result = forget(place, "watch/run.gpx")
    assert (result.activities_before, result.activities_after) == (1, 0)
    for copy in ("watch/run.gpx", "again.gpx"):
        place.put(copy, gpx_activity(60))
        os.utime(place.config.drop / copy, (1, 1))  # as after a copy
        assert place.run().new == set()
        assert place.rows(Athlete.athlete_id) == place.rows(LooseRecording.file_name) == []
    assert set(place.rows(ImportFile.file_kind)) == {(FORGOTTEN_LOOSE,)}
    assert place.run().files_read == 0
    place.run(exports=[place.config.drop / "watch" / "run.gpx"])
    as_never_seen(place.content(), before)
    assert (FORGOTTEN_LOOSE,) not in place.rows(ImportFile.file_kind)


def test_copies_are_forgotten_with_a_file_and_several_of_a_name_are_told(place: Place) -> None:
    place.put("a/run.gpx", gpx_activity(60, start=day(1)))
    place.put("b/run.gpx", gpx_activity(60, start=day(2)))
    place.put("c/copy.gpx.gz", gzip.compress(gpx_activity(60, start=day(2))))
    place.run()
    with pytest.raises(AbortRun, match=r"several files.*a/run\.gpx.*b/run\.gpx"):
        forget(place, "run.gpx")
    with pytest.raises(AbortRun, match=r"no device file of this name.*a/run\.gpx"):
        forget(place, "none.gpx")
    result = forget(place, str(place.config.drop / "b" / "run.gpx"))
    assert result.files == ("Strava Export: b/run.gpx", "Strava Export: c/copy.gpx.gz")
    assert any("same contents" in line for line in lines(result))
    assert place.rows(LooseRecording.file_name) == [("Strava Export: a/run.gpx",)]


def test_points_that_nothing_could_give_back_are_not_lost_silently(place: Place) -> None:
    put(place, ["77/own.gpx", "77/twice.gpx"])
    (place.config.drop / "77" / "own.gpx").unlink()
    before = place.content()
    (sentence,) = forget(place, "77/twice.gpx", dry_run=True).lost
    assert "77/own.gpx" in sentence
    with pytest.raises(AbortRun, match=r"not in the drop folder.*77/own\.gpx"):
        forget(place, "77/twice.gpx")
    as_never_seen(place.content(), before)
    result = forget(place, "77/twice.gpx", accept_loss=True)
    assert "77/own.gpx" in result.lost[0]
    assert len(place.rows(Activity.activity_id)) == 1
    assert place.rows(Track.activity_id) == []
    _WITNESSES["77/own.gpx"](place)
    place.run()
    assert place.rows(Track.point_count) == [(50,)]


@pytest.mark.parametrize("name", ["77/equal.gpx.gz", "77/other.gpx"])
def test_an_export_does_not_go_with_the_only_points_of_an_activity_of_a_file(
    place: Place, name: str
) -> None:
    put(place, ["export_2.zip", name])
    lies = place.config.drop / name
    lies.rename(lies.with_suffix(".aside"))
    before = place.content()
    (sentence,) = forget_the_export(place, dry_run=True).lost
    assert name in sentence
    with pytest.raises(AbortRun, match=rf"not in the drop folder.*{name}"):
        forget_the_export(place)
    as_never_seen(place.content(), before)
    lies.with_suffix(".aside").rename(lies)
    assert forget_the_export(place).lost == ()
    assert len(place.rows(Track.activity_id)) == 1


def test_an_export_with_the_same_file_gives_the_points_back(place: Place) -> None:
    put(place, ["export_1.zip", "77/equal.gpx.gz"])
    (place.config.drop / "77" / "equal.gpx.gz").unlink()
    put(place, ["export_2.zip"])
    result = forget_export(
        place.config, "export_1.zip", Progress(), dry_run=False, accept_loss=False
    )
    assert result.lost == ()
    assert place.rows(Track.activity_id) == [(1,), (3,)]


def test_what_is_lost_with_an_export_goes_only_if_that_is_accepted(place: Place) -> None:
    put(place, ["export_2.zip", "77/other.gpx"])
    (place.config.drop / "77" / "other.gpx").unlink()
    result = forget_the_export(place, accept_loss=True)
    assert "77/other.gpx" in result.lost[0]
    assert place.rows(LooseRecording.file_name) == [("Strava Export: 77/other.gpx",)]
    assert place.rows(Track.activity_id) == []


def forget_the_export(place: Place, **options: bool) -> Forgotten:
    options = {"dry_run": False, "accept_loss": False} | options
    return forget_export(place.config, "export_2.zip", Progress(), **options)


def test_a_file_that_cannot_be_read_is_forgotten_with_its_issue(place: Place) -> None:
    place.put("bad.gpx", b"<gpx><trk>")
    place.run()
    assert place.rows(ImportIssue.name) == [("Strava Export: bad.gpx",)]
    forget(place, "bad.gpx")
    assert place.rows(ImportIssue.name) == []
    place.run()
    assert place.rows(ImportIssue.name) == []


def test_forgotten_files_stay_so_when_an_export_is_forgotten(place: Place) -> None:
    put(place, ["export_1.zip", "export_2.zip", "77/own.gpx"])
    forget(place, "own.gpx")
    forget_export(place.config, "export_1.zip", Progress(), dry_run=False, accept_loss=False)
    assert place.run().new == set()
    assert [i for (i,) in place.rows(Activity.activity_id)] == [1, 2, 3]


def test_an_athlete_goes_with_files_and_those_that_lie_there_are_told(place: Place) -> None:
    put(place, ["export_1.zip", "77/own.gpx", "77/twice.gpx"])
    forget(place, "twice.gpx")
    (told,) = forget_athlete(place.config, 77, dry_run=True).files_still_there[:1]
    result = forget_athlete(place.config, 77, dry_run=False)
    assert told == "Strava Export: 77/own.gpx"
    assert result.files_still_there == (told, "Strava Export: 77/twice.gpx")
    assert any("2 device files" in line for line in lines(result))
    for column in (Activity.activity_id, LooseRecording.file_name, ImportFile.name):
        assert place.rows(column) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no kill -9")
def test_killed_at_any_moment_the_next_run_ends_an_import_and_a_removal(
    place: Place, tmp_path: Path
) -> None:
    def fill(folder: Place, gone: str | None = None) -> None:
        export(folder, 1, {i: gpx_activity(40, start=day(i)) for i in range(1, 11)})
        for i in range(1, 60):
            if f"77/{i}.gpx" != gone:
                start = day(i) + timedelta(seconds=i % 2)
                folder.put(f"77/{i}.gpx", gpx_activity(400, start=start))
        folder.put("77/twice.gpx", gpx_activity(390, start=day(50) + timedelta(seconds=3)))

    fresh = Place(tmp_path / "whole", f"sqlite:///{(tmp_path / 'whole.db').as_posix()}")
    fill(fresh)
    with counted_moments() as moments:
        fresh.run()
    where = ("--playground", str(place.config.playground), "--database", place.database)
    fill(place)
    steps = Random(1).choices(range(1, len(moments) // 3), k=6)
    assert killed_at(steps, place.database, ("run", *where)) >= 3
    wait_for_lock(place.database)
    place.run()
    as_never_seen(place.content(), fresh.content())

    with counted_moments() as moments:
        forget(fresh, "77/50.gpx")
    # Ever later: before its first commit a killed forget has changed nothing.
    some = sorted(Random(1).sample(range(1, len(moments)), 4))
    command = ("forget", "--file", "77/50.gpx", *where)
    assert killed_at(some, place.database, command, "no device file of this name") >= 1
    wait_for_lock(place.database)
    if (FORGOTTEN_LOOSE,) in place.rows(ImportFile.file_kind):
        place.run()
    else:
        forget(place, "77/50.gpx")  # killed before it had changed anything
    fresh = Place(tmp_path / "less", f"sqlite:///{(tmp_path / 'less.db').as_posix()}")
    fill(fresh, gone="77/50.gpx")
    fresh.run()
    as_never_seen(place.content(), fresh.content())
