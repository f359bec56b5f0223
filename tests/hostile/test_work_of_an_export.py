"""What one export can make this machine do is bounded: by what its files declare, and by no byte
counting twice.
"""

from __future__ import annotations

import gzip
import io
import itertools
import zipfile
from pathlib import Path

import pytest

from ingest.config import make_config
from ingest.errors import IngestError, TooSlow, UsageError
from ingest.extract.archive import Member, open_archive
from ingest.reporting.progress import Progress
from ingest.run.export.file_reader import FileRead, FileTask
from ingest.run.export.readers import within
from ingest.run.pipeline import run
from tests.builders import export_zip, fit_activity, gpx_activity

ACTIVITIES = [{"activity_id": 1, "filename": "activities/1.fit"}]


@pytest.mark.parametrize("dry_run", [False, True])
def test_an_export_of_absurd_size_is_refused_and_says_how_to_read_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dry_run: bool
) -> None:
    files = {"activities/1.fit": fit_activity(20)}
    (tmp_path / "Strava Export").mkdir()
    export_zip(tmp_path / "Strava Export" / "export_1.zip", ACTIVITIES, files=files)
    monkeypatch.setattr("ingest.config.MAX_EXPORT_BYTES", 100)
    report = run(make_config({}, playground=tmp_path, dry_run=dry_run, jobs=0), Progress())
    assert "export_1.zip: has 0 GB of device files to read, more than" in str(
        report.exports_failed[0]
    )
    assert str(report.exports_failed[0]).endswith(
        "run again with STRAVA_MAX_EXPORT_GB=1 in the environment"
    )
    again = run(
        make_config({"STRAVA_MAX_EXPORT_GB": "1"}, playground=tmp_path, dry_run=dry_run, jobs=0),
        Progress(),
    )
    assert (again.exports_failed, again.files_read) == ([], 1)


@pytest.mark.parametrize("text", ["many", "-1", "1.5", "9" * 20])
def test_a_bound_that_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="STRAVA_MAX_EXPORT_GB"):
        make_config({"STRAVA_MAX_EXPORT_GB": text})


def test_members_that_share_their_bytes_are_refused(tmp_path: Path) -> None:
    path = export_zip(
        tmp_path / "export_1.zip", ACTIVITIES, files={"activities/1.fit": fit_activity(20)}
    )
    with zipfile.ZipFile(path, "a") as archive:
        member = archive.getinfo("activities/1.fit")
        for number in range(2, 6):
            twin = zipfile.ZipInfo(f"activities/{number}.fit", member.date_time)
            twin.CRC, twin.header_offset = member.CRC, member.header_offset
            twin.compress_size = member.compress_size
            twin.file_size = member.file_size
            archive.filelist.append(twin)
        archive._didModify = True  # type: ignore[attr-defined]  # so that the directory is written
    with open_archive(path) as archive:
        assert "activities/1.fit" in archive.members
        assert "activities/2.fit" not in archive.members
        assert len(archive.refused) == 4
        assert "shares its bytes with another file of the ZIP" in str(archive.refused[0])
        assert isinstance(archive.read(archive.members["activities/1.fit"]), bytes)


def test_a_file_that_declares_less_than_it_has_is_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("activities.csv", b"0" * 1_000_000)
    data = buffer.getvalue().replace((1_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    path = tmp_path / "a.zip"
    path.write_bytes(data)
    with open_archive(path) as archive, pytest.raises(IngestError, match=r"activities\.csv"):
        archive.read(archive.members["activities.csv"])


def test_what_gzip_files_inflate_to_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    activities = [{"activity_id": i, "filename": f"activities/{i}.gpx.gz"} for i in range(1, 9)]
    files = {
        str(row["filename"]): gzip.compress(gpx_activity(3).ljust(200_000)) for row in activities
    }
    (tmp_path / "Strava Export").mkdir()
    export_zip(tmp_path / "Strava Export" / "export_1.zip", activities, files=files)
    monkeypatch.setattr("ingest.config.MAX_EXPORT_BYTES", 1_000_000)
    report = run(make_config({}, playground=tmp_path, jobs=0), Progress())
    assert "export_1.zip: its device files have more than 0 GB when unpacked" in str(
        report.exports_failed[0]
    )


def test_an_export_of_which_nothing_is_read_in_time_is_given_up() -> None:
    task = FileTask(member=Member(name="a", size=1), wanted=())
    slow = FileRead(task=task, crc32=1, error=TooSlow("a", "b"))
    reads = within(itertools.repeat(slow), 1, "export_1.zip")
    assert len(list(itertools.islice(reads, 20))) == 20
    with pytest.raises(TooSlow, match=r"export_1\.zip: more than 20 device files"):
        next(reads)
