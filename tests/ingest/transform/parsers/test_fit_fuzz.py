"""Any bytes at all: the FIT reader gives a sound recording or an ``IngestError``,
and gives it soon.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.errors import IngestError
from ingest.reference import fit as reference
from ingest.transform.parsers import fit
from ingest.transform.records import LapRow, LengthRow, Recording, SessionRow
from tests.builders import FIT_TYPES, Fit, fit_activity, fit_time

T = fit_time(datetime(2024, 5, 1, 6, 0, tzinfo=UTC))


def read(data: bytes) -> Recording | None:
    """Read, and look at what any reader of a ``Recording`` relies on."""
    try:
        recording = fit.parse(data, "a.fit")
    except IngestError:
        return None
    assert_sound(recording)
    return recording


def assert_sound(recording: Recording) -> None:
    assert {len(column) for column in recording.points.values()} <= {recording.point_count}
    for name, column in recording.points.items():
        assert column.dtype == np.float64
        assert name == "elapsed_s" or not np.isnan(column).all()
    if recording.points:
        assert not np.isnan(recording.points["elapsed_s"]).any()
        assert recording.start_time_utc is not None
    assert np.nanmax(np.abs(recording.points.get("latitude", np.zeros(1)))) <= 90
    rows: list[LapRow | SessionRow | LengthRow] = [
        *recording.laps,
        *recording.sessions,
        *recording.lengths,
    ]
    for row in rows:
        assert row.start_time_utc is None or row.start_time_utc.utcoffset() == timedelta(0)


def whole_file() -> bytes:
    """Every kind of message that the reader looks at, in both byte orders, chained."""
    file = Fit(big_endian=True).define(0, 207, (3, "uint8"), (1, "byte", 16)).add(0, 0, b"app")
    file.define(
        1,
        206,
        (0, "uint8"),
        (1, "uint8"),
        (2, "uint8"),
        (3, "string", 8),
        (14, "uint16"),
        (15, "uint8"),
    )
    file.add(1, 0, 0, 0x84, b"Power", 20, 7).define(
        2, 20, (253, "uint32"), (8, "byte", 3), developer=((0, 0, "uint16"),)
    )
    for i in range(20):
        file.add(2, T + i, (i << 12 | 300).to_bytes(3, "little"), 200 + i)
    file.define(3, 20, (3, "uint8"), (0, "sint32"), (1, "sint32"))
    for i in range(20):
        file.add(3, 99, i, i, time_offset=(T + 20 + i) % 32)
    file.define(4, 101, (2, "uint32"), (7, "enum"), (12, "enum")).add(4, T, 0, 1)
    return file.build() + fit_activity(30)


WHOLE = whole_file()


def test_the_file_to_be_damaged_is_whole() -> None:
    recording = read(WHOLE)
    assert recording is not None
    assert (recording.point_count, recording.partial) == (70, None)
    assert (len(recording.lengths), len(recording.laps)) == (1, 1)


@pytest.mark.parametrize("end", range(0, len(WHOLE), 7))
def test_a_file_cut_anywhere_gives_what_is_whole(end: int) -> None:
    recording = read(WHOLE[:end])
    assert recording is None or recording.point_count <= 70


@pytest.mark.parametrize("bit", range(8))
def test_a_flipped_bit_anywhere_is_survived(bit: int) -> None:
    for at in range(len(WHOLE)):
        read(WHOLE[:at] + bytes([WHOLE[at] ^ 1 << bit]) + WHOLE[at + 1 :])


def test_a_lost_or_doubled_byte_anywhere_is_survived() -> None:
    for at in range(len(WHOLE)):
        read(WHOLE[:at] + WHOLE[at + 1 :])
        read(WHOLE[:at] + WHOLE[at : at + 1] + WHOLE[at:])


@given(st.binary(max_size=400))
def test_any_bytes_after_a_header_are_survived(body: bytes) -> None:
    read(Fit().raw(body).build())


@given(st.lists(st.binary(max_size=60), max_size=8))
def test_any_bytes_between_records_are_survived(pieces: list[bytes]) -> None:
    file = Fit().define(0, 20, (253, "uint32"), (3, "uint8"))
    for i, piece in enumerate(pieces):
        file.add(0, T + i, 99).raw(piece)
    read(file.build())


_NUMERIC = st.sampled_from([name for name in FIT_TYPES if name not in ("string", "byte")])
#: fitparse cuts altitude and speed to the 16 bits of the profile, whatever the definition says.
_SHORT = st.sampled_from(["uint8", "uint16", "float32"])
_FIELDS = st.tuples(st.sampled_from([0, 1, 3, 4, 5, 7, 13, 53, 73, 78, 200]), _NUMERIC) | st.tuples(
    st.sampled_from([2, 6]), _SHORT
)


def fields() -> st.SearchStrategy[list[tuple[int, str]]]:
    return st.lists(_FIELDS, max_size=8, unique_by=lambda field: field[0])


@given(fields(), st.booleans(), st.integers(0, 2**32), st.integers(1, 40))
@settings(deadline=None)
def test_any_definition_gives_what_fitparse_gives(
    defined: list[tuple[int, str]], big_endian: bool, seed: int, count: int
) -> None:
    random = np.random.default_rng(seed)
    file = Fit(big_endian=big_endian).define(0, 20, (253, "uint32"), *defined)
    for i in range(count):
        file.add(
            0,
            T + i,
            *(random.bytes(_size(kind)) if random.random() < 0.8 else None for _, kind in defined),
        )
    data = file.build()
    recording = read(data)
    assert recording is not None
    expected = reference.points(data)
    for name in (
        "altitude_m",
        "distance_m",
        "speed_mps",
        "heartrate_bpm",
        "cadence_rpm",
        "power_w",
        "temperature_c",
    ):
        found = recording.points.get(name, np.full(count, np.nan))
        np.testing.assert_allclose(found, _finite(expected[name]), rtol=1e-6, err_msg=name)


def _size(kind: str) -> int:
    return np.dtype(FIT_TYPES[kind][1]).itemsize


def _finite(column: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(column), column, np.nan)


@pytest.mark.parametrize(
    "body",
    [
        b"\0" * 300_000,
        b"\x40\x00\x00" * 100_000,
        b"\x40\0\0\x14\0\1\xfd\x04\x86" + b"\0" * 300_000,
        (b"\x40\0\0\x14\0\1\xfd\x04\x86\0" + T.to_bytes(4, "little") + b"\x0f") * 20_000,
        np.random.default_rng(1).bytes(300_000),
    ],
    ids=["zeros", "half definitions", "one run", "damage everywhere", "noise"],
)
def test_rubbish_is_refused_soon(body: bytes) -> None:
    began = time.process_time()
    read(Fit().raw(body).build())
    assert time.process_time() - began < 10
