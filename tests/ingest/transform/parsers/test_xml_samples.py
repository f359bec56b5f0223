"""Real GPX and TCX files: every one that the reference library reads gives the same values, point
by point.

``STRAVA_SAMPLES`` names the folder of samples, which is no part of this repository; without it
these tests are skipped.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from ingest.errors import CorruptFile, IngestError, NoSamples
from ingest.reference import gpx as gpx_reference
from ingest.reference import tcx as tcx_reference
from ingest.reference.compare import differences
from ingest.transform import parsers
from ingest.transform.parsers import gpx, tcx
from ingest.transform.parsers.regular_xml import read_regular
from ingest.transform.parsers.tcx_reader import TcxReader
from ingest.transform.parsers.xml_points import read_tolerant
from ingest.transform.parsers.xml_text import as_utf8
from ingest.transform.records import Recording

SAMPLES = os.environ.get("STRAVA_SAMPLES")
MODULES: dict[str, tuple[ModuleType, ModuleType, type]] = {
    "gpx": (gpx, gpx_reference, gpx.GpxReader),
    "tcx": (tcx, tcx_reference, TcxReader),
}
#: Notes of the manifest that tell a file whose points are not all kept.
NOT_ALL_KEPT = ("no times", "without time")


def _entries() -> list[dict[str, object]]:
    if SAMPLES is None:
        return []
    entries = json.loads((Path(SAMPLES) / "manifest.json").read_text())
    return [entry for entry in entries if entry["file"].startswith(("gpx/", "tcx/"))]


pytestmark = pytest.mark.skipif(
    SAMPLES is None, reason="STRAVA_SAMPLES does not name the folder of samples"
)
samples = pytest.mark.parametrize("entry", _entries(), ids=lambda entry: entry["file"])


def _read(entry: dict[str, object]) -> tuple[str, bytes, Recording | None]:
    name = str(entry["file"])
    data = (Path(str(SAMPLES)) / name).read_bytes()
    try:
        return name[:3], data, parsers.parse(data, name)
    except NoSamples:
        return name[:3], data, None


@samples
def test_a_sample_has_the_points_that_the_manifest_says(entry: dict[str, object]) -> None:
    _, _, recording = _read(entry)
    count = 0 if recording is None else recording.point_count
    if any(note in str(entry["note"]) for note in NOT_ALL_KEPT):
        assert count < int(str(entry["points"]))
    else:
        assert count == entry["points"]
        assert recording is None or recording.partial is None


@samples
def test_the_reference_reads_the_same_values(entry: dict[str, object]) -> None:
    fmt, data, recording = _read(entry)
    try:
        theirs = MODULES[fmt][1].points(data)
    except CorruptFile as err:
        pytest.skip(err.reason)
    if recording is None:
        assert np.isnan(theirs["time"]).all()
        return
    assert list(differences(recording, theirs)) == []


@samples
def test_both_paths_read_the_same_values(entry: dict[str, object]) -> None:
    fmt, data, recording = _read(entry)
    module, _, reader_type = MODULES[fmt]
    if recording is None or read_regular(as_utf8(data), reader_type, "a") is None:
        pytest.skip("not regular, or no samples")
    reader = reader_type()
    tolerant = module.build(read_tolerant(as_utf8(data), reader, "a"), reader, "a")
    assert list(tolerant.points) == list(recording.points)
    for name, column in tolerant.points.items():
        np.testing.assert_array_equal(column, recording.points[name])
    assert (tolerant.laps, tolerant.partial, tolerant.name) == (
        recording.laps,
        recording.partial,
        recording.name,
    )


@samples
def test_a_sample_cut_in_the_middle_keeps_what_is_before(entry: dict[str, object]) -> None:
    _, data, recording = _read(entry)
    try:
        half = parsers.parse(data[: len(data) // 2], "a")
    except IngestError:
        return
    assert recording is not None
    assert half.partial is not None
    for name, column in half.points.items():
        shared = min(len(column), recording.point_count)
        if name in ("latitude", "longitude") and recording.point_count:
            np.testing.assert_array_equal(column[:shared], recording.points[name][:shared])
