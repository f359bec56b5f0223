"""The account that ``--samples`` measures holds the sample files, and rows that fit them."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from pathlib import Path

from benchmarks.sample_account import build_sample_account
from ingest.extract.archive import open_archive
from ingest.transform.parsers import parse
from ingest.transform.parsers.gunzip import gunzip
from ingest.transform.tables.activities import read_activities
from tests.builders import fit_activity


def test_an_account_of_samples_repeats_short_files_and_says_in_its_rows_what_they_say(
    tmp_path: Path,
) -> None:
    samples, export = tmp_path / "samples", tmp_path / "export.zip"
    samples.mkdir()
    for name, points in (("1.fit", 50), ("2.fit", 20), ("too long.fit", 5001)):
        (samples / name).write_bytes(fit_activity(points))
    (samples / "broken.fit").write_bytes(b"not a FIT file")
    made = build_sample_account(export, samples, activities=3, newer=1)
    assert (made.activities, made.points) == (4, 140)
    with open_archive(export) as archive:
        table = read_activities(archive.read(archive.members["activities.csv"]), "activities.csv")
        assert not table.errors
        for line in table.lines:
            data = archive.read(archive.members[line.filename or ""])
            recording = parse(gunzip(data, "a"), "a")
            elapsed = recording.points["elapsed_s"]
            assert line.fields()["elapsed_time_s"] == elapsed[-1] - elapsed[0]
        assert len({line.activity_id for line in table.lines}) == 4
        starts = [line.fields()["start_time_utc"] for line in table.lines]
        assert all(later - one > timedelta(days=1) for one, later in pairwise(starts))
