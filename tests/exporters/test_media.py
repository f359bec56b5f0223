"""media: photos and videos of an export, with their captions."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.builders import export_folder, photo
from tests.exporters.conftest import command
from tests.ingest.playground import FEBRUARY, JANUARY, PROFILE, Playground

ROWS: list[dict[str, Any]] = [
    {"activity_id": 11, "media": "media/A.jpg|media/b.mp4|media/c.jpg"},
    {"activity_id": 12, "activity_type": "Ride", "activity_name": "CON: a/b", "media": "media/d"},
]
FILES = {
    "media/A.jpg": photo(),
    "media/b.mp4": b"\0\0\0\x18ftypmp42 a film",
    "media/c.jpg": photo(size=16),
    "media/d": photo("PNG"),
    "media/loose 1.webp": photo("WEBP"),
}
CAPTIONS = [
    ["Media Filename", "Media Caption"],
    ["media/c.jpg", "At the top,\nwith wind"],
    ["media/loose 1.webp", ""],
]
FIRST = "2024-05-01T06-00-00Z_Morning-Run_11"
RIDE = "2024-05-01T06-00-00Z_CON-a-b_12"


@pytest.fixture
def playground(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Playground:
    monkeypatch.setattr("ingest.extract.copy_check.APART_S", 0)
    folder = tmp_path / "Playground"
    made = Playground(folder, f"sqlite:///{(folder / 'strava.db').as_posix()}")
    made.add("export_77.zip", ROWS, files=FILES, tables={**PROFILE, "media.csv": CAPTIONS})
    made.run()
    made.engine.dispose()
    return made


def media(playground: Playground, *options: str) -> dict[str, Any]:
    """What the exporter tells; the files of its folder are ``files_of``."""
    done = command(playground.folder, "media", "--json", *options)
    told: dict[str, Any] = json.loads(done.stdout)
    assert done.exit_code == (1 if told["status"] == "failed" else 0)
    return told


def files_of(playground: Playground) -> dict[str, bytes]:
    folder = playground.folder / "Exports" / "media"
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_every_photo_and_video_is_copied_with_its_caption(playground: Playground) -> None:
    told = media(playground)
    assert files_of(playground) == {
        f"{FIRST}-01.jpg": FILES["media/A.jpg"],
        f"{FIRST}-02.mp4": FILES["media/b.mp4"],
        f"{FIRST}-03.jpg": FILES["media/c.jpg"],
        f"{FIRST}-03.txt": b"At the top,\nwith wind\n",
        f"{RIDE}-01.bin": FILES["media/d"],
        "no-activity_media-loose-1.webp": FILES["media/loose 1.webp"],
    }
    assert (told["status"], told["files"], told["missing"]) == ("done", 6, [])
    assert "show where your home is" in told["notes"][0]


def test_an_unpacked_export_gives_the_same(playground: Playground) -> None:
    media(playground)
    before = files_of(playground)
    (playground.drop / "export_77.zip").unlink()
    tables = {**PROFILE, "media.csv": CAPTIONS}
    export_folder(playground.drop / "export_77.zip", ROWS, FILES, tables)
    media(playground, "--overwrite")
    assert files_of(playground) == before


def test_chosen_activities_have_their_photos_alone(playground: Playground) -> None:
    media(playground, "--sport", "Ride")
    assert list(files_of(playground)) == [f"{RIDE}-01.bin"]


def test_locations_are_stripped_and_what_may_keep_one_is_not_written(
    playground: Playground,
) -> None:
    told = media(playground, "--strip-location", "--ids", "11")
    written = files_of(playground)
    assert set(written) == {f"{FIRST}-01.jpg", f"{FIRST}-03.jpg", f"{FIRST}-03.txt"}
    assert not Image.open(io.BytesIO(written[f"{FIRST}-01.jpg"])).getexif().get_ifd(0x8825)
    assert b"47.3769" not in b"".join(written.values())
    assert told["missing"] == [
        "media/b.mp4: it is no JPEG, PNG or WebP picture, so its position cannot be removed, and "
        "it is not written"
    ]
    assert (told["status"], told["notes"]) == ("partial", [])


def test_nothing_is_replaced_unasked(playground: Playground) -> None:
    media(playground)
    before = files_of(playground)
    refused = media(playground)
    assert "exists already; use --overwrite" in refused["error"]
    assert media(playground, "--overwrite")["files"] == 6
    assert files_of(playground) == before


def test_a_new_title_and_a_cleared_caption_leave_no_old_file(playground: Playground) -> None:
    media(playground)
    rows = [{**ROWS[0], "activity_name": "Hill"}, ROWS[1]]
    tables = {**PROFILE, "media.csv": CAPTIONS[:1]}
    playground.add("export_78.zip", rows, FEBRUARY, files=FILES, tables=tables)
    playground.run()
    media(playground, "--overwrite", "--ids", "11")
    of_run = [name for name in files_of(playground) if "_11-" in name]
    hill = FIRST.replace("Morning-Run", "Hill")
    assert sorted(of_run) == [f"{hill}-01.jpg", f"{hill}-02.mp4", f"{hill}-03.jpg"]


def test_the_newest_export_that_holds_a_photo_gives_it(playground: Playground) -> None:
    newer = photo(size=40)
    only = {"media/A.jpg": newer}
    playground.add("export_78.zip", ROWS, FEBRUARY, files=only, tables=PROFILE)
    playground.run()
    media(playground, "--ids", "11")
    written = files_of(playground)
    assert written[f"{FIRST}-01.jpg"] == newer
    assert written[f"{FIRST}-03.jpg"] == FILES["media/c.jpg"]


def test_photos_of_a_missing_export_are_listed(playground: Playground, tmp_path: Path) -> None:
    (playground.drop / "export_77.zip").rename(tmp_path / "export_77.zip")
    told = media(playground)
    assert told["status"] == "failed"
    assert len(told["missing"]) == len(FILES)
    assert told["missing"][0].startswith("media/A.jpg: export_77.zip: the export is not in ")
    assert "put it back, or give its folder with --source" in told["missing"][0]
    assert files_of(playground) == {}
    assert media(playground, "--source", str(tmp_path))["files"] == 6
    assert "no such folder" in command(playground.folder, "media", "--source", "/nowhere").stderr


def test_a_photo_that_the_export_lacks_costs_no_other(playground: Playground) -> None:
    less = {name: data for name, data in FILES.items() if name != "media/A.jpg"}
    tables = {**PROFILE, "media.csv": CAPTIONS}
    playground.add("export_77.zip", ROWS, JANUARY, files=less, tables=tables)
    told = media(playground)
    assert told["missing"] == ["media/A.jpg: export_77.zip: the file is not in the export"]
    assert told["files"] == 5


def test_photos_without_activity_have_names_that_differ_everywhere(
    playground: Playground,
) -> None:
    names = ["media/e.jpg", "media/E.mp4", "photos/e.jpg", "media/../e.jpg"]
    captions = [CAPTIONS[0], *([name, name] for name in names)]
    files = {name: name.encode() for name in names}
    tables = {**PROFILE, "media.csv": captions}
    playground.add("export_78.zip", ROWS[1:], FEBRUARY, files=files, tables=tables)
    playground.run()
    told = media(playground)
    loose = {name: data for name, data in files_of(playground).items() if "no-activity" in name}
    assert len({name.casefold() for name in loose}) == len(loose) == 6
    assert set(loose.values()) >= {names[0].encode(), names[1].encode(), names[2].encode()}
    assert [line.partition(":")[0] for line in told["missing"]] == ["media/../e.jpg"]


def test_an_export_without_photos_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.extract.copy_check.APART_S", 0)
    made = Playground(tmp_path, f"sqlite:///{(tmp_path / 'strava.db').as_posix()}")
    made.add("export_77.zip", [{}])
    made.run()
    made.engine.dispose()
    told = media(made)
    assert (told["status"], told["files"]) == ("done", 0)
    assert told["notes"] == ["no photo or video of an export is in the database"]
