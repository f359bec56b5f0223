"""ZIPs of device files, and ZIPs in exports of Garmin, that mean harm: each costs only itself, and
is named and bounded.
"""

from __future__ import annotations

import io
import stat
import tempfile
import zipfile
from pathlib import Path

import pytest

from ingest.errors import CorruptFile, IngestError
from ingest.extract import loose_files
from ingest.extract.drop_folder import discover
from ingest.extract.loose_files import LooseFiles, open_loose
from tests.bounds import MIB, bounded
from tests.builders import export_zip, fit_activity, garmin_export, garmin_upload, protect
from tests.hostile.test_archives import lie

FIT = fit_activity()


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The system's folder for temporary files, while nothing waits."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setattr("time.sleep", lambda _: None)
    return folder


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    made = tmp_path / "drop"
    made.mkdir()
    return made


def told(drop: Path) -> tuple[list[str], list[str]]:
    """The names of files that would be read, and what is said of others."""
    names, errors = [], []
    for source in discover(drop).loose:
        with open_loose(source) as parts:
            for part in parts:
                if isinstance(part, LooseFiles):
                    names += [part.archive.origin(member.name) for member in part.members]
                else:
                    errors.append(str(part))
    return names, errors


def hostile(path: Path) -> Path:
    """A ZIP with a sound device file, and with a link and names that lead out."""
    export_zip(path, None, {"a.fit": FIT, "../b.fit": FIT, "/etc/c.fit": FIT, "C:d.fit": FIT})
    info = zipfile.ZipInfo("e.fit")
    info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(info, "/etc/passwd")
    return path


def overlapping(path: Path) -> Path:
    """A ZIP of which two members have the same bytes."""
    export_zip(path, None, {"a.fit": FIT, "b.fit": FIT})
    with zipfile.ZipFile(path) as archive:
        first, second = (info.header_offset for info in archive.infolist())
    data = path.read_bytes()
    at = data.rindex(second.to_bytes(4, "little"), 0, data.rindex(b"b.fit"))
    path.write_bytes(data[:at] + first.to_bytes(4, "little") + data[at + 4 :])
    return path


@pytest.mark.parametrize("is_inner", [False, True])
def test_links_and_names_that_lead_out_are_refused(drop: Path, is_inner: bool) -> None:
    place = "a.zip"
    path = hostile(drop / place)
    if is_inner:
        garmin_export(drop / "garmin.zip", files={garmin_upload(1): path.read_bytes()})
        path.unlink()
        place = f"garmin.zip: {garmin_upload(1)}"
    names, errors = told(drop)
    assert names == [f"{place}: a.fit"]
    assert len(errors) == 4
    assert all(error.startswith(f"{place}: ") for error in errors)


def test_an_inner_zip_whose_name_leads_out_is_refused(drop: Path, tmp_path: Path) -> None:
    inner = export_zip(tmp_path / "inner.zip", None, {"b.fit": FIT}).read_bytes()
    folder = "DI_CONNECT/DI-Connect-Uploaded-Files"
    garmin_export(drop / "garmin.zip", {"a.fit": FIT}, files={f"../{folder}/x.zip": inner})
    names, errors = told(drop)
    assert names == [f"garmin.zip: {garmin_upload(1)}: a.fit"]
    assert len(errors) == 1
    assert "leads out" in errors[0]


def test_members_that_share_their_bytes_are_refused(drop: Path) -> None:
    overlapping(drop / "a.zip")
    names, errors = told(drop)
    assert names == ["a.zip: a.fit"]
    assert errors == [
        "a.zip: b.fit: shares its bytes with another file of the ZIP, so it is not read"
    ]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"flags": 1}, "is encrypted"),
        ({"method": 12}, "is compressed with method 12 (BZIP2), which is not supported"),
        ({"crc": 1}, "Bad CRC-32"),
        ({"size": 4_000_000}, "but the ZIP says 4,000,000: the ZIP is damaged"),
        ({"size": 100}, "cannot be read out of the ZIP, which may be damaged"),
    ],
)
def test_an_inner_zip_that_cannot_be_unpacked_costs_only_itself(
    drop: Path, temporary: Path, fields: dict[str, int], reason: str
) -> None:
    path = garmin_export(drop / "garmin.zip", {"a.fit": FIT}, {"b.fit": FIT})
    source = discover(drop).loose[0]
    lie(path, garmin_upload(1), **fields)
    with open_loose(source) as parts:
        error, part = parts
    assert isinstance(error, IngestError)
    assert reason in error.reason
    assert error.origin == f"garmin.zip: {garmin_upload(1)}"
    assert isinstance(part, LooseFiles)
    assert list(temporary.iterdir()) == []


def test_an_inner_zip_with_a_password_names_its_files(drop: Path, tmp_path: Path) -> None:
    inner = protect(export_zip(tmp_path / "inner.zip", None, {"a.fit": FIT})).read_bytes()
    garmin_export(drop / "garmin.zip", files={garmin_upload(1): inner})
    with open_loose(discover(drop).loose[0]) as parts:
        part = next(parts)
        assert isinstance(part, LooseFiles)
        with pytest.raises(CorruptFile, match=r"a\.fit: cannot be read .* is encrypted"):
            part.archive.read(part.members[0])


def test_a_bomb_of_an_inner_zip_is_unpacked_no_further_than_its_limit(
    drop: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loose_files, "MAX_INNER_ZIP", MIB)
    garmin_export(drop / "garmin.zip", files={garmin_upload(1): bytes(200 * MIB)})
    source = discover(drop).loose[0]
    with bounded(8), open_loose(source) as parts:
        (error,) = parts
    assert "more than the limit of 1,048,576" in str(error)
    assert list(temporary.iterdir()) == []


def test_copying_an_inner_zip_takes_little_memory(drop: Path) -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as inner:
        inner.writestr("a.fit", FIT)
        inner.writestr("large.bin", bytes(100 * MIB))
    garmin_export(drop / "garmin.zip", files={garmin_upload(1): data.getvalue()})
    source = discover(drop).loose[0]
    with bounded(8), open_loose(source) as parts:
        assert sum(isinstance(part, LooseFiles) for part in parts) == 1


def test_very_many_inner_zips_are_refused(drop: Path) -> None:
    garmin_export(drop / "garmin.zip", files={garmin_upload(n): b"x" for n in range(1_001)})
    names, errors = told(drop)
    assert (names, errors) == ([], ["garmin.zip: holds more than the limit of 1,000 ZIPs"])


def test_very_many_zips_in_a_zip_are_told_once(drop: Path) -> None:
    files = {"a.fit": FIT, **{f"{n}.zip": b"x" for n in range(2_000)}}
    export_zip(drop / "a.zip", None, files)
    names, errors = told(drop)
    assert names == ["a.zip: a.fit"]
    assert errors == [
        "a.zip: 0.zip: is a ZIP in a ZIP (as are 1,999 more), which is not read; take it out, and "
        "use it by itself"
    ]
