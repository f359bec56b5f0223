"""Encodes positions as Google's encoded polyline."""

from __future__ import annotations

from typing import Final

import numpy as np

from ingest.transform.records import FloatArray

#: Bits to shift a value by for each letter. Differences of positions fit into 26 bits: 360 degrees
#: at precision 5, doubled for the sign. Six letters of five bits carry 30.
_LETTERS: Final = np.arange(0, 30, 5)


def encoded(latitude: FloatArray, longitude: FloatArray) -> str:
    """The line at precision 5 (about a metre), in Google's Encoded Polyline Algorithm Format.

    Strava's ``map.polyline`` has the same format: latitude first, each value as the difference from
    the one before, the sign in the lowest bit, five bits per letter, the lowest bits first.
    """
    places = np.empty((len(latitude) + 1, 2), np.int64)
    places[0] = 0
    places[1:, 0], places[1:, 1] = np.rint(latitude * 1e5), np.rint(longitude * 1e5)
    steps = (places[1:] - places[:-1]).ravel()
    values = (steps << 1) ^ (steps >> 63)
    rest = values[:, None] >> _LETTERS
    more = rest > 31
    letters = (rest & 31) + 63 + (more << 5)
    used = rest > 0
    used[:, 0] = True
    return letters[used].astype(np.uint8).tobytes().decode("ascii")


def places_of(line: str) -> tuple[FloatArray, FloatArray]:
    """Latitudes and longitudes of a line that ``encoded`` wrote, of at least one place."""
    letters = np.frombuffer(line.encode("ascii"), np.uint8).astype(np.int64) - 63
    is_last = letters < 32
    value = np.concatenate([[0], is_last.cumsum()[:-1]])
    place = np.arange(len(letters)) - np.concatenate([[0], np.flatnonzero(is_last) + 1])[value]
    values = np.bincount(value, weights=(letters & 31) << (5 * place)).astype(np.int64)
    steps = (values >> 1) ^ -(values & 1)
    places = steps.reshape(-1, 2).cumsum(axis=0) / 1e5
    return places[:, 0], places[:, 1]
