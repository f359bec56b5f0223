"""Real FIT files: our reader against fitparse on those that fitparse reads, against the manifest on
those that are damaged.

``STRAVA_SAMPLES`` names the folder of samples, which are not part of the project: ``manifest.json``
and ``fit/*.fit``.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ingest.errors import CorruptFile, IngestError, NoSamples
from ingest.reference import fit as reference
from ingest.reference.compare import differences
from ingest.transform.parsers import fit
from ingest.transform.parsers.fit_points import read_points
from ingest.transform.parsers.fit_stream import read_stream
from ingest.transform.records import EffortRow, Recording

SAMPLES = os.environ.get("STRAVA_SAMPLES")
pytestmark = pytest.mark.skipif(
    not SAMPLES, reason="STRAVA_SAMPLES does not name a folder of sample files"
)


@cache
def _manifest() -> dict[str, dict[str, Any]]:
    entries = json.loads((Path(SAMPLES) / "manifest.json").read_text()) if SAMPLES else []
    return {entry["file"]: entry for entry in entries if entry["file"].startswith("fit/")}


def _parse(name: str) -> tuple[bytes, Recording | None]:
    data = (Path(SAMPLES or "") / name).read_bytes()
    try:
        return data, fit.parse(data, name)
    except NoSamples:
        return data, None


@pytest.mark.parametrize("name", sorted(_manifest()))
def test_the_ten_columns_equal_those_of_fitparse(name: str) -> None:
    data, recording = _parse(name)
    try:
        expected = reference.points(data)
    except CorruptFile as err:
        pytest.skip(f"no reference: {err.reason}")
    if np.isnan(expected["time"]).all():
        assert recording is None or not recording.points
        return
    assert recording is not None
    assert list(differences(recording, expected)) == []


@pytest.mark.parametrize(
    "name", sorted(name for name, entry in _manifest().items() if entry["points"])
)
def test_every_point_that_is_whole_is_read(name: str) -> None:
    entry = _manifest()[name]
    _, recording = _parse(name)
    if "records without a timestamp" in entry["note"]:
        assert recording is None
        return
    assert recording is not None
    stored = _count(name)
    assert stored >= entry["points"]
    if not entry["damaged"]:
        assert (stored, recording.partial) == (entry["points"], None)
    if "damaged" in entry["note"]:
        assert recording.partial is not None


def _count(name: str) -> int:
    """How many records with a time were read, before they were completed by other messages."""
    data = (Path(SAMPLES or "") / name).read_bytes()
    moments, _, _ = read_points(read_stream(data, name))
    return len(moments)


_TOTALS = {
    "elapsed_time_s": ("total_elapsed_time",),
    "moving_time_s": ("total_moving_time", "total_timer_time"),
    "distance_m": ("total_distance",),
    "average_speed_mps": ("enhanced_avg_speed", "avg_speed"),
    "max_speed_mps": ("enhanced_max_speed", "max_speed"),
    "average_heartrate_bpm": ("avg_heart_rate",),
    "max_heartrate_bpm": ("max_heart_rate",),
    "average_power_w": ("avg_power",),
    "total_elevation_gain_m": ("total_ascent",),
    "elevation_loss_m": ("total_descent",),
    "calories_kcal": ("total_calories",),
    "average_temperature_c": ("avg_temperature",),
}
_CADENCE = {
    "average_cadence_rpm": ("avg_cadence", "avg_running_cadence"),
    "max_cadence_rpm": ("max_cadence", "max_running_cadence"),
}
_FRACTIONS = {
    "average_cadence_rpm": "avg_fractional_cadence",
    "max_cadence_rpm": "max_fractional_cadence",
}


@pytest.mark.parametrize("sample", sorted(_manifest()))
def test_laps_and_sessions_equal_those_of_fitparse(sample: str) -> None:
    data, recording = _parse(sample)
    try:
        messages = reference.messages(data, "lap", "session")
    except CorruptFile as err:
        pytest.skip(f"no reference: {err.reason}")
    for name, rows in (
        (("lap", recording.laps), ("session", recording.sessions)) if recording else ()
    ):
        _assert_equal([message for message in messages if message.name == name], rows)


def _assert_equal(messages: list[Any], rows: tuple[EffortRow, ...]) -> None:
    assert len(rows) == len(messages)
    for message, row in zip(messages, rows, strict=True):
        for column, names in (_TOTALS | _CADENCE).items():
            expected = _first(message, names)
            if expected is not None and column in _FRACTIONS:
                expected += _first(message, (_FRACTIONS[column],)) or 0.0
            assert getattr(row, column) == pytest.approx(expected), column
        start = message.get_value("start_time")
        assert row.start_time_utc == (
            start.replace(tzinfo=UTC) if isinstance(start, datetime) else None
        )


def _first(message: Any, names: tuple[str, ...]) -> float | None:
    found = (message.get_value(name) for name in names)
    return next((float(value) for value in found if isinstance(value, int | float)), None)


@pytest.mark.parametrize("name", sorted(_manifest())[::4])
def test_a_sample_that_is_cut_anywhere_is_read_or_refused(name: str) -> None:
    data = (Path(SAMPLES or "") / name).read_bytes()
    random = np.random.default_rng(len(data))
    for end in random.integers(0, len(data), size=12):
        _read_or_refuse(data[:end])
    for at in random.integers(12, len(data), size=12):
        _read_or_refuse(data[:at] + bytes([data[at] ^ 1 << at % 8]) + data[at + 1 :])


def _read_or_refuse(data: bytes) -> None:
    try:
        recording = fit.parse(data, "a.fit")
    except IngestError:
        return
    assert len({len(column) for column in recording.points.values()}) <= 1
