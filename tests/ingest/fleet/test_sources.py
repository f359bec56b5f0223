"""What a fleet finds at files, folders, patterns and URLs, and what it refuses."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ingest.errors import RequestFailed, TooLarge, UsageError
from ingest.fleet import staging
from ingest.fleet.sources import Source, find_sources
from tests.builders import export_folder
from tests.ingest.fleet.conftest import Export


def names(*places: object) -> list[str]:
    return [Path(one.url).name for one in find_sources(map(str, places))]


def test_files_folders_and_patterns_are_found_each_once(tmp_path: Path, export_of: Export) -> None:
    one, other = export_of(71), export_of(72)
    export_folder(one.parent / "unpacked", [{"activity_id": 5}])
    (one.parent / "notes.txt").write_text("not ours")
    (one.parent / "._export_73.zip").write_text("left by macOS")
    everything = ["export_71.zip", "export_72.zip", "unpacked"]
    assert names(one.parent) == everything
    assert names(one, one.parent, other) == everything
    assert names(one.parent / "*.zip") == ["._export_73.zip", *everything[:2]]
    assert names(one.parent / "unpacked") == ["unpacked"]


def test_a_file_is_known_by_its_size_and_time(export_of: Export) -> None:
    path = export_of(71)
    (before,) = find_sources([str(path)])
    assert (before.size, before.is_remote) == (path.stat().st_size, False)
    assert find_sources([str(path)]) == [before]
    os.utime(path, (1, 2))
    (after,) = find_sources([str(path)])
    assert after.tag != before.tag


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("nowhere/export_1.zip", "there is no such file or folder"),
        ("empty", "there is no ZIP and no unpacked export"),
        ("nothing://club/x.zip", "cannot be reached"),
        ("ftp://me:secret@host/x.zip", "has a password or other options"),
        ("https://host/x.zip?X-Amz-Signature=secret", "has a password or other options"),
    ],
)
def test_what_is_no_place_is_refused_and_secrets_are_not_shown(
    place: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match=told) as caught:
        find_sources([place])
    assert "secret" not in str(caught.value)


@pytest.fixture
def remote(export_of: Export) -> Source:
    """An export in a file system that is not this machine's: fsspec's own, in memory."""
    import fsspec

    files = fsspec.filesystem("memory")
    path = export_of(71)
    files.pipe("/club/export_71.zip", path.read_bytes())
    (source,) = find_sources(["memory://club/export_71.zip"])
    return source


def test_a_copy_keeps_its_name_and_is_removed(remote: Source, tmp_path: Path) -> None:
    with staging.staged(remote, tmp_path, 10**9) as path:
        assert path.name == "export_71.zip"
        assert path.stat().st_size == remote.size
    assert not path.exists()
    assert list(tmp_path.glob("export-*")) == []


def test_a_copy_is_refused_that_is_too_large_for_the_bound_or_the_disk(
    remote: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(TooLarge, match="STRAVA_MAX_EXPORT_GB"), staging.staged(remote, tmp_path, 9):
        pass
    monkeypatch.setattr(staging, "_LEFT_FREE", 10**18)
    with pytest.raises(TooLarge, match="GB free"), staging.staged(remote, tmp_path, 10**9):
        pass
    assert list(tmp_path.glob("export-*")) == []


def test_what_cannot_be_copied_may_be_tried_again(tmp_path: Path) -> None:
    gone = Source(url="memory://club/gone.zip", size=9, changed_at=None, tag="x")
    with (
        pytest.raises(RequestFailed, match="could not be copied"),
        staging.staged(gone, tmp_path, 10**9),
    ):
        pass
