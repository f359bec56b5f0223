"""What remains of a picture without its position, as Pillow reads it."""

from __future__ import annotations

import io
import struct
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms, TiffImagePlugin

from exporters.exif import without_position
from exporters.picture_positions import PositionStays, stripped
from tests.builders import photo, photo_exif

KINDS = ("JPEG", "PNG", "WEBP")
#: How the place is written in ``photo``; rationals of the GPS directory are looked for apart.
PLACES = (b"47.3769", b"47,22.6140N", b"GPS")
ORIENTATION, EXPOSURE, GPS = 0x0112, 0x8769, 0x8825


def opened(data: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("little_endian", [True, False])
def test_no_position_is_left_and_the_pixels_are_the_same(kind: str, little_endian: bool) -> None:
    before = photo(kind, exif=photo_exif(little_endian=little_endian))
    assert opened(before).getexif().get_ifd(GPS)
    assert all(place in before for place in PLACES)
    after = stripped(before)
    assert not opened(after).getexif().get_ifd(GPS)
    assert [place for place in PLACES if place in after] == []
    assert opened(after).tobytes() == opened(before).tobytes()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("little_endian", [True, False])
def test_orientation_camera_and_times_are_kept(kind: str, little_endian: bool) -> None:
    exif = opened(stripped(photo(kind, exif=photo_exif(little_endian=little_endian)))).getexif()
    assert dict(exif) == {
        0x010F: "Maker",
        0x0110: "Camera 1",
        ORIENTATION: 6,
        EXPOSURE: exif[EXPOSURE],
    }
    assert exif.get_ifd(EXPOSURE) == {
        0x9003: "2024:05:01 07:31:00",
        0x9011: "+02:00",
        0x829A: TiffImagePlugin.IFDRational(1, 250),
    }


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_without_position_stays_as_it_is(kind: str) -> None:
    once = stripped(photo(kind))
    assert stripped(once) == once


@pytest.mark.parametrize("kind", KINDS)
def test_colours_stay_as_the_picture_defines_them(kind: str) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    kept = opened(stripped(photo(kind, icc_profile=profile)))
    assert kept.info["icc_profile"] == profile


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("JPEG", {"progressive": True, "size": 600}),
        ("JPEG", {"restart_marker_blocks": 1, "size": 64}),
        ("WEBP", {"lossless": True}),
    ],
)
def test_pictures_of_several_scans_are_read_to_their_end(kind: str, options: Any) -> None:
    before = photo(kind, **options)
    assert opened(stripped(before)).tobytes() == opened(before).tobytes()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_what_lies_behind_the_picture_is_cut_off(kind: str) -> None:
    before = photo(kind)
    assert stripped(before + photo("JPEG")) == stripped(before)


def test_fill_bytes_before_a_marker_are_no_damage() -> None:
    before = photo()
    assert stripped(before[:2] + b"\xff\xff" + before[2:]) == stripped(before)


def test_moving_pictures_keep_their_frames() -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    for kind in ("PNG", "WEBP"):
        out = io.BytesIO()
        frames[0].save(out, kind, save_all=True, append_images=frames[1:], exif=photo_exif())
        kept: Any = Image.open(io.BytesIO(stripped(out.getvalue())))
        assert kept.n_frames == 2
        assert not kept.getexif().get_ifd(GPS)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a",
        b"\0\0\0\x18ftypmp42",
        b"\0\0\0\x18ftypheic",
        b"\xff\xd8",
        photo()[:-2],
        photo()[:100],
        photo("PNG")[:-12],
        photo("WEBP")[:-9],
    ],
)
def test_what_is_not_surely_free_of_positions_is_refused(data: bytes) -> None:
    with pytest.raises(PositionStays):
        stripped(data)


@given(st.sampled_from(KINDS), st.integers(0, 900), st.binary(min_size=1, max_size=8))
def test_damage_is_refused_or_stripped_and_never_another_error(
    kind: str, at: int, damage: bytes
) -> None:
    data = photo(kind)
    with suppress(PositionStays):
        stripped(data[:at] + damage + data[at + len(damage) :])


@pytest.mark.parametrize(
    "tiff",
    [
        b"",
        b"no TIFF",
        b"II*\0" + struct.pack("<I", 4_000_000_000),
        b"II*\0" + struct.pack("<IH", 8, 65_535),
        b"II*\0" + struct.pack("<IHHHII", 8, 1, ORIENTATION, 4, 2, 4_000_000_000),
        b"II*\0" + struct.pack("<IHHHIII", 8, 1, EXPOSURE, 4, 1, 4_000_000_000, 0),
        b"II*\0" + struct.pack("<IHHHIII", 8, 1, EXPOSURE, 3, 1, 8, 0),
    ],
)
def test_exif_data_that_cannot_be_read_is_dropped(tiff: bytes) -> None:
    assert without_position(tiff) == b""
