"""PostgreSQL stores neither NUL nor half of a surrogate pair: no text that is read has them,
wherever it comes from.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.extract.archive import open_archive
from ingest.extract.export_files import route_names
from ingest.transform import parsers
from ingest.transform.records import Recording
from ingest.transform.tables import TABLES
from ingest.transform.tables.activities import read_activities
from tests.builders import (
    Fit,
    export_folder,
    fit_time,
    gpx_file,
    gpx_point,
    tcx_file,
    tcx_lap,
    tcx_point,
)
from tests.ingest.transform.tables.header_rows import columns_of, labels

T = fit_time(datetime(2024, 5, 1, 6, tzinfo=UTC))
#: Half a pair in UTF-8, as Java writes it; both halves; NUL.
RAW = b"a\xed\xa0\xbd b \xed\xa0\xbd\xed\xb2\xa9 c\0d"
NUMBERED = "a&#xD83D;&#56489; b&#0; c&#x1F4A9; d&#99999999999999999999999;"


def texts(value: Any) -> list[str]:
    """All texts in nested rows."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for item in value.items() for part in item for text in texts(part)]
    if isinstance(value, list | tuple | frozenset):
        return [text for part in value for text in texts(part)]
    return []


def assert_storable(*values: Any) -> None:
    for text in texts(values):
        assert "\0" not in text
        assert text.encode("utf-8").decode("utf-8") == text


def told(recording: Recording) -> list[Any]:
    device = [getattr(recording.device, field.name) for field in fields(recording.device)]
    efforts = [(row.trigger, row.intensity) for row in recording.laps]
    return [recording.name, recording.sport, recording.partial, *device, *efforts]


def assert_table_is_storable(name: str, cells: bytes) -> None:
    rows = TABLES[name].layouts[0].encode() + b"\n" + cells
    for data in (
        rows,
        b"\xff\xfe" + rows.decode("latin-1").encode("utf-16-le") + b"\x3d\xd8,\x00\x3d\xd8",
    ):
        found = TABLES[name].read(data, name)
        assert_storable(found.rows, [str(error) for error in found.errors])


@pytest.mark.parametrize("name", TABLES)
def test_no_cell_of_a_small_table_has_what_cannot_be_stored(name: str) -> None:
    assert_table_is_storable(name, b",".join([RAW] * 12) + b"\n")


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_no_bytes_of_a_small_table_give_what_cannot_be_stored(cells: bytes) -> None:
    assert_table_is_storable("clubs.csv", cells)


def test_no_cell_or_label_of_the_activities_has_what_cannot_be_stored() -> None:
    header = ",".join([*labels(columns_of()), "New"]).encode() + RAW
    data = header + b"\n7," + b",".join([RAW] * 110) + b"\n"
    table = read_activities(data, "activities.csv")
    (line,) = table.lines
    assert len(line.extra()) > 80
    assert_storable(
        line.fields(),
        line.extra(),
        line.filename,
        line.media,
        table.unknown_columns,
        list(map(str, table.errors)),
    )


def test_no_string_of_a_fit_file_has_what_cannot_be_stored() -> None:
    file = Fit().define(0, 0, (0, "enum"), (8, "string", 40)).add(0, 4, RAW)
    recording = parsers.parse(file.define(1, 20, (253, "uint32")).add(1, T).build(), "a.fit")
    assert (
        recording.device.product == "a\ufffd\ufffd\ufffd b \ufffd\ufffd\ufffd\ufffd\ufffd\ufffd c"
    )
    assert_storable(told(recording))


def test_numbers_that_are_no_letters_cost_a_gpx_file_neither_its_name_nor_its_points() -> None:
    about = f"<name>{NUMBERED}</name><type>{NUMBERED}</type>"
    data = gpx_file([gpx_point()], about=about).replace(b"StravaGPX", NUMBERED.encode())
    recording = parsers.parse(data, "a.gpx")
    assert (recording.point_count, recording.partial) == (1, None)
    assert recording.name == recording.device.name == "a\ufffd\ufffd b\ufffd c\U0001f4a9 d\ufffd"
    assert_storable(told(recording))


def test_no_text_of_a_tcx_file_has_what_cannot_be_stored() -> None:
    creator = f"<Creator><Name>{NUMBERED}</Name><UnitId>{NUMBERED}</UnitId></Creator>"
    lap = tcx_lap(
        tcx_point(),
        totals=f"<Intensity>{NUMBERED}</Intensity><TriggerMethod>{NUMBERED}</TriggerMethod>",
    )
    data = tcx_file(lap, sport=NUMBERED, after=creator)
    recording = parsers.parse(data, "a.tcx")
    assert recording.partial is None
    assert_storable(told(recording))
    assert_storable(told(parsers.parse(data.replace(b"&#xD83D;", RAW[:4]), "a.tcx")))


@pytest.mark.parametrize("name", [RAW, NUMBERED.encode(), b"<![CDATA[" + RAW + b"]]>"])
def test_no_name_of_a_route_has_what_cannot_be_stored(tmp_path: Path, name: bytes) -> None:
    folder = export_folder(
        tmp_path / "a", files={"routes/1.gpx": b"<gpx><rte><name>" + name + b"</name></rte></gpx>"}
    )
    rows: list[dict[str, Any]] = [{"filename": "routes/1.gpx"}]
    with open_archive(folder) as archive:
        route_names(archive, rows)
    assert rows[0]["gpx_name"].startswith("a\ufffd")
    assert_storable(rows)
