"""Every exporter on every engine with every case: what the registry names is tested by its line."""

from __future__ import annotations

import re

import pytest

from tests.conformance.cases import REFUSED
from tests.conformance.conftest import Run, files_in
from tests.conformance.contents import Contents
from tests.exporters.test_json import CHECK

_ALL = "SELECT activity_id FROM activities"
_DATED = (
    f"{_ALL} JOIN tracks t USING (activity_id) JOIN track_points p USING (activity_id) WHERE "
    "coalesce(t.start_time_utc, activities.start_time_utc) IS NOT NULL"
)
_PLACED = "latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180"
_WITH_MEDIA = "SELECT activity_id FROM media WHERE source = 'export'"
#: Exporter and its flag -> the activities that it must write; others may write any.
EXPECTED = {
    ("csv",): _ALL,
    ("csv", "--activities-only"): _ALL,
    ("csv", "--spreadsheet-safe"): _ALL,
    ("json",): _ALL,
    ("json-files",): _ALL,
    ("parquet",): _ALL,
    ("delta",): _ALL,
    ("xlsx",): _ALL,
    ("sqlite",): _ALL,
    ("geojson",): _ALL,
    ("geojson", "--per-activity"): f"SELECT activity_id FROM track_points WHERE {_PLACED} "
    "GROUP BY activity_id HAVING count(*) > 1",
    ("gpx",): f"{_DATED} AND {_PLACED}",
    ("tcx",): _DATED,
    ("media",): _WITH_MEDIA,
    ("media", "--strip-location"): _WITH_MEDIA,
}
_OURS = re.compile(
    r"(?:undated|\d+-\d\d-\d\dT\d\d-\d\d-\d\dZ)_.+_(-?\d+)(?:-\d\d)?(?:\.\w+)+", re.DOTALL
)


def test_it_ends_well_or_says_why_not(ran: Run) -> None:
    refused = REFUSED.get((ran.source.case, ran.exporter))
    missing = ran.told["missing"]
    if refused is None:
        assert (ran.exit_code, missing) == (0, []), ran.stderr
    else:
        assert refused in " ".join([ran.stderr, *missing])
        assert ran.exit_code == 1
        assert "Traceback" not in ran.stderr
        assert len(ran.stderr.splitlines()) <= 1


def test_it_tells_how_it_ended_in_the_published_shape(ran: Run) -> None:
    CHECK.validate(ran.told)


def test_it_writes_the_files_that_it_counts(ran: Run) -> None:
    assert len(ran.files) == (ran.told["files"] or 0)
    assert all(ran.out in file.parents for file in ran.files)


def test_nothing_unfinished_is_left(ran: Run) -> None:
    found = [path.name for path in ran.out.parent.rglob("*")]
    assert [name for name in found if name.startswith(".") or "-journal" in name] == []


def test_every_file_is_well_formed(ran: Run) -> None:
    assert list(ran.contents) == ran.files


def test_it_writes_each_activity_that_it_should(ran: Run) -> None:
    found = set().union(*(ids_of(file.name, found) for file, found in ran.contents.items()))
    assert found <= set(ran.source.ask(_ALL))
    if ran.exit_code == 0 and ran.arguments in EXPECTED:
        assert found == set(ran.source.ask(EXPECTED[ran.arguments]))


def ids_of(name: str, contents: Contents) -> set[int]:
    """The activities in a file: those it lists, which must be the one that its name tells."""
    match = _OURS.fullmatch(name)
    named = {int(match[1])} if match else set()
    assert not named or not contents.ids or named == contents.ids
    return named | contents.ids


def test_it_counts_the_rows_that_it_writes(ran: Run) -> None:
    counts = [contents.rows for contents in ran.contents.values()]
    if not ran.told["rows"] or None in counts:
        pytest.skip("it counts no rows, or its format has none")
    assert sum(filter(None, counts)) == ran.told["rows"]


def test_it_refuses_to_replace_what_it_wrote(ran: Run) -> None:
    before = {file: file.read_bytes() for file in ran.files}
    again = ran.source.export(ran.out, *ran.arguments)
    if ran.exporter in ("report", "delta"):  # brought up to date, which changes nothing here
        assert again.exit_code == 0
    elif ran.files:
        assert again.exit_code == 1
        assert "exists already; use --overwrite" in again.stderr
    assert {file: file.read_bytes() for file in files_in(ran.out.parent)} == before
