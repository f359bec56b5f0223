"""Draws the photos of the demo athlete: two hills under a sky, in other shapes for each name."""

from __future__ import annotations

import struct
import zlib
from random import Random
from typing import Final

import numpy as np

_WIDTH, _HEIGHT = 320, 240
#: Red, green and blue of the sky above and at the horizon, of the sun, and of both hills.
_SKIES: Final = (
    ((70, 130, 190), (205, 225, 235)),
    ((95, 90, 150), (245, 190, 150)),
    ((60, 160, 200), (230, 240, 225)),
)
_SUN: Final = (255, 236, 180)
_HILLS: Final = ((120, 150, 120), (70, 105, 75))


def picture(name: str) -> bytes:
    """A PNG file."""
    rng = Random(name)
    across, down = np.meshgrid(np.arange(_WIDTH), np.arange(_HEIGHT))
    top, horizon = (np.array(colour) for colour in rng.choice(_SKIES))
    pixels = top + (horizon - top) * (down / _HEIGHT)[..., None]
    x, y = rng.uniform(0.15, 0.85) * _WIDTH, rng.uniform(0.15, 0.4) * _HEIGHT
    pixels[(across - x) ** 2 + (down - y) ** 2 < 20**2] = _SUN
    for height, colour in zip((0.55, 0.72), _HILLS, strict=True):
        wave = np.sin(across / rng.uniform(28, 60) + rng.uniform(0, 6)) * rng.uniform(8, 22)
        pixels[down > height * _HEIGHT + wave] = colour
    return _png(pixels.astype(np.uint8))


def _png(pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> bytes:
    """The bytes of a PNG of 8-bit red, green and blue, without filters."""
    height, width, _ = pixels.shape
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = (b"IHDR", head), (b"IDAT", zlib.compress(rows, 6)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
