"""gpx, tcx, json-files, geojson: read back, they say what the database says; and they keep to their
schemas.
"""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import gpxpy
import numpy as np
import pytest

from db.points import POINT_COLUMNS, Points
from exporters import geojson_files
from exporters.per_activity import Targets
from ingest.transform.parsers import gpx, tcx
from ingest.transform.records import FloatArray, Recording
from tests.exporters.conftest import ACTIVITIES, Ask, Change, Export, imported, job_of

GPX = "{http://www.topografix.com/GPX/1/1}"
TPX = "{http://www.garmin.com/xmlschemas/TrackPointExtension/v1}"
TCX = "{http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2}"
AX = "{http://www.garmin.com/xmlschemas/ActivityExtension/v2}"
#: What the formats round to.
PRECISION = {
    "latitude": 1e-8,
    "longitude": 1e-8,
    "altitude_m": 1e-3,
    "distance_m": 1e-3,
    "speed_mps": 1e-4,
}


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def id_of(path: Path) -> int:
    return int(path.stem.rpartition("_")[2])


def stored(ask: Ask, activity_id: int) -> dict[str, FloatArray]:
    rows = ask(
        f"SELECT {', '.join(POINT_COLUMNS)} FROM track_points WHERE activity_id = {activity_id} "
        "ORDER BY point_index"
    )
    return dict(zip(POINT_COLUMNS, np.array(rows, float).T, strict=True))


def start_of(ask: Ask, activity_id: int) -> datetime:
    ((text,),) = ask(f"SELECT start_time_utc FROM tracks WHERE activity_id = {activity_id}")
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def assert_same(
    found: Mapping[str, FloatArray],
    expected: Mapping[str, FloatArray],
    start: datetime,
    recording: Recording,
    names: Iterable[str],
) -> None:
    assert recording.start_time_utc is not None
    shift = (recording.start_time_utc - start).total_seconds()
    np.testing.assert_allclose(found["elapsed_s"] + shift, expected["elapsed_s"], atol=1e-3)
    for name in names:
        missing = np.full(len(expected["elapsed_s"]), np.nan)
        places = PRECISION.get(name, 0.5)
        np.testing.assert_allclose(
            found.get(name, missing), expected[name], rtol=0, atol=places, err_msg=name
        )


def test_gpx_reads_back_to_the_same_points(export: Export, ask: Ask, out: Path) -> None:
    summary = export("gpx")
    files = sorted(out.glob("*.gpx"))
    assert len(files) == summary["files"] > 20
    for file in files:
        expected = stored(ask, id_of(file))
        placed = np.isfinite(expected["latitude"])
        recording = gpx.parse(file.read_bytes(), file.name)
        assert recording.partial is None
        names = (
            "latitude",
            "longitude",
            "altitude_m",
            "heartrate_bpm",
            "cadence_rpm",
            "power_w",
            "temperature_c",
        )
        kept = {name: values[placed] for name, values in expected.items()}
        assert_same(recording.points, kept, start_of(ask, id_of(file)), recording, names)


def test_tcx_reads_back_to_the_same_points_and_laps(export: Export, ask: Ask, out: Path) -> None:
    summary = export("tcx")
    files = sorted(out.glob("*.tcx"))
    assert len(files) == summary["files"] > 20
    for file in files:
        expected = stored(ask, id_of(file))
        recording = tcx.parse(file.read_bytes(), file.name)
        names = [name for name in POINT_COLUMNS[1:] if name != "temperature_c"]
        assert_same(recording.points, expected, start_of(ask, id_of(file)), recording, names)
        laps = ask(
            f"SELECT elapsed_time_s, distance_m FROM laps WHERE activity_id = {id_of(file)} AND "
            "start_time_utc IS NOT NULL ORDER BY lap_index"
        )
        if laps:
            assert len(recording.laps) == len(laps)
            np.testing.assert_allclose(
                np.array([[lap.elapsed_time_s, lap.distance_m] for lap in recording.laps], float),
                np.nan_to_num(np.array(laps, float)),
                atol=1e-3,
            )


def test_gpxpy_takes_every_gpx(export: Export, out: Path) -> None:
    export("gpx", "--until", "2025-12-31")
    for file in out.glob("*.gpx"):
        parsed = gpxpy.parse(file.read_text(encoding="utf-8"))
        assert parsed.version == "1.1"
        assert parsed.tracks[0].segments[0].points[0].time is not None


def test_gpx_keeps_to_the_order_and_bounds_of_its_schema(export: Export, out: Path) -> None:
    export("gpx")
    tags = set()
    for file in out.glob("*.gpx"):
        root = ET.parse(file).getroot()
        assert (root.tag, root.get("version")) == (f"{GPX}gpx", "1.1")
        assert root.get("creator")
        assert [child.tag for child in root] == [f"{GPX}metadata", f"{GPX}trk"]
        assert in_order([c.tag for c in root[1]], [f"{GPX}name", f"{GPX}type", f"{GPX}trkseg"])
        for point in root.iter(f"{GPX}trkpt"):
            assert -90 <= float(point.attrib["lat"]) <= 90
            assert -180 <= float(point.attrib["lon"]) < 180
            assert in_order([c.tag for c in point], [f"{GPX}ele", f"{GPX}time", f"{GPX}extensions"])
            # The schema wants elements of other namespaces inside extensions, so a bare <power>
            # would break it.
            assert not any(c.tag.startswith(GPX) for e in point.iter(f"{GPX}extensions") for c in e)
            for extension in point.iter(f"{TPX}TrackPointExtension"):
                assert in_order(
                    [c.tag for c in extension], [f"{TPX}atemp", f"{TPX}hr", f"{TPX}cad"]
                )
                tags |= {c.tag for c in extension}
    assert tags == {f"{TPX}atemp", f"{TPX}hr", f"{TPX}cad"}


LAP_ORDER = [
    "TotalTimeSeconds",
    "DistanceMeters",
    "MaximumSpeed",
    "Calories",
    "AverageHeartRateBpm",
    "MaximumHeartRateBpm",
    "Intensity",
    "Cadence",
    "TriggerMethod",
    "Track",
    "Extensions",
]
POINT_ORDER = [
    "Time",
    "Position",
    "AltitudeMeters",
    "DistanceMeters",
    "HeartRateBpm",
    "Cadence",
    "Extensions",
]


def test_tcx_keeps_to_the_order_and_words_of_its_schema(export: Export, out: Path) -> None:
    export("tcx")
    for file in out.glob("*.tcx"):
        (activity,) = ET.parse(file).getroot().iter(f"{TCX}Activity")
        assert activity.get("Sport") in ("Running", "Biking", "Other")
        names = [child.tag.removeprefix(TCX) for child in activity]
        assert names[:2] == ["Id", "Lap"]
        assert in_order(list(dict.fromkeys(names)), ["Id", "Lap", "Notes"])
        for lap in activity.iter(f"{TCX}Lap"):
            assert in_order([c.tag for c in lap], [f"{TCX}{name}" for name in LAP_ORDER])
            found = {c.tag.removeprefix(TCX): c.text for c in lap}
            assert {
                "TotalTimeSeconds",
                "DistanceMeters",
                "Calories",
                "Intensity",
                "TriggerMethod",
            } <= set(found)
            assert found["Intensity"] in ("Active", "Resting")
            assert found["TriggerMethod"] in ("Manual", "Distance", "Location", "Time", "HeartRate")
        for point in activity.iter(f"{TCX}Trackpoint"):
            assert in_order([c.tag for c in point], [f"{TCX}{name}" for name in POINT_ORDER])
        for tpx in activity.iter(f"{AX}TPX"):
            assert in_order(
                [c.tag for c in tpx], [f"{AX}{name}" for name in ("Speed", "RunCadence", "Watts")]
            )


def in_order(found: list[str], allowed: list[str]) -> bool:
    """Whether these are some of the allowed ones, each once, in their order."""
    return found == [name for name in allowed if name in found]


def test_laps_keep_the_order_of_the_device_where_a_clock_was_wrong(
    export: Export, change: Change, ask: Ask, out: Path
) -> None:
    many = "(SELECT activity_id FROM laps GROUP BY activity_id HAVING count(*) > 2)"
    change(
        "UPDATE laps SET start_time_utc = '2030-01-01 00:00:00' WHERE lap_index = 0 AND "
        f"activity_id IN {many}"
    )
    (activity_id, *_) = ask(
        f"SELECT activity_id FROM tracks WHERE point_count > 0 AND activity_id IN {many}"
    )[0]
    export("tcx", "--ids", str(activity_id))
    (file,) = out.glob("*.tcx")
    metres = [
        lap
        for (lap,) in ask(
            f"SELECT distance_m FROM laps WHERE activity_id = {activity_id} ORDER BY lap_index"
        )
    ]
    found = tcx.parse(file.read_bytes(), file.name)
    assert [lap.distance_m for lap in found.laps] == pytest.approx(metres, abs=1e-3)


def test_a_lap_without_a_finite_distance_has_none_in_tcx(
    export: Export, change: Change, out: Path
) -> None:
    change("UPDATE laps SET distance_m = 9e999")
    export("tcx")
    assert not [
        file
        for file in out.iterdir()
        if "inf" in file.read_text(encoding="utf-8").split("<Track>")[0]
    ]


def test_json_files_hold_all_of_an_activity(export: Export, ask: Ask, out: Path) -> None:
    export("json-files")
    files = sorted(out.glob("*.json"))
    assert len(files) == ACTIVITIES
    for file in files:
        whole = json.loads(file.read_text(encoding="utf-8"))
        expected = stored(ask, id_of(file)) if whole["streams"] else {}
        assert whole["activity"]["activity_id"] == id_of(file)
        assert {"laps", "splits", "best_efforts", "segment_efforts", "media"} <= set(whole)
        assert "activity_observations" not in whole
        for name, values in whole["streams"].items():
            np.testing.assert_array_equal(np.array(values, float), expected[name])
        assert {name for name, values in expected.items() if np.isfinite(values).any()} == set(
            whole["streams"]
        )
        laps = ask(
            f"SELECT distance_m FROM laps WHERE activity_id = {id_of(file)} ORDER BY lap_index"
        )
        assert [(lap["distance_m"],) for lap in whole["laps"]] == laps


def test_geojson_has_a_line_per_route_and_every_activity(
    export: Export, ask: Ask, out: Path
) -> None:
    export("geojson")
    collection = json.loads((out / "activities.geojson").read_text(encoding="utf-8"))
    lines = {f["id"]: f["geometry"]["coordinates"] for f in collection["features"] if f["geometry"]}
    assert len(collection["features"]) == ACTIVITIES
    for activity_id, coordinates in lines.items():
        expected = stored(ask, activity_id)
        placed = np.isfinite(expected["latitude"])
        found = np.array(coordinates)
        np.testing.assert_allclose(found[:, 1], expected["latitude"][placed], atol=1e-6)
        np.testing.assert_allclose(found[:, 0], expected["longitude"][placed], atol=1e-6)


def of(*positions: tuple[float, float]) -> Points:
    """Points at these longitudes and latitudes."""
    columns = {name: np.full(len(positions), np.nan) for name in POINT_COLUMNS}
    columns["longitude"], columns["latitude"] = np.array(positions, float).T
    return Points(activity_id=1, columns={"point_index": np.arange(len(positions)), **columns})


@pytest.mark.parametrize(
    ("positions", "lines"),
    [
        ([(179, 10), (-179, 12)], [[[179, 10], [180, 11]], [[-180, 11], [-179, 12]]]),
        ([(-179, 12), (178, 9)], [[[-179, 12], [-180, 11]], [[180, 11], [178, 9]]]),
        ([(180, 5), (-180, 5)], [[[180, 5], [180, 5]], [[-180, 5], [-180, 5]]]),
    ],
)
def test_geojson_cuts_a_route_at_the_antimeridian(
    positions: list[tuple[float, float]], lines: list[list[list[float]]]
) -> None:
    assert geojson_files.geometry_of(of(*positions)) == {
        "type": "MultiLineString",
        "coordinates": lines,
    }


def test_geojson_leaves_out_positions_outside_of_the_earth() -> None:
    line = geojson_files.geometry_of(of((1, 2), (181, 2), (2, 91), (3, 4)))
    assert line == {"type": "LineString", "coordinates": [[1, 2], [3, 4]]}


def test_geojson_per_activity_has_one_feature_each(export: Export, out: Path) -> None:
    summary = export("geojson", "--per-activity")
    files = list(out.glob("*.geojson"))
    assert len(files) == summary["files"]
    assert {json.loads(file.read_text(encoding="utf-8"))["type"] for file in files} == {"Feature"}


@pytest.mark.parametrize("name", ["json-files", "gpx", "tcx", "geojson", "csv", "json"])
def test_a_server_gives_the_same_files_as_sqlite(
    pg_url: str, made: Path, export: Export, tmp_path: Path, name: str
) -> None:
    imported(made, pg_url)
    export(name, out=tmp_path / "sqlite")
    export(name, "--database", pg_url, out=tmp_path / "postgres")
    left_out = {
        "import_runs.csv",
        "import_files.csv",
        "import_issues.csv",
        "data_dictionary.csv",
        "sync_state.csv",
    }
    first, second = (
        {p.name: unordered(p) for p in (tmp_path / e).iterdir() if p.name not in left_out}
        for e in ("sqlite", "postgres")
    )
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []


def unordered(path: Path) -> object:
    """The text; lines of a CSV may come in another order where keys are words, which engines sort
    in their own ways.
    """
    text = path.read_text(encoding="utf-8")
    return sorted(text.splitlines()) if path.suffix == ".csv" else text


def test_odd_titles_give_files_that_read_back(export: Export, change: Change, out: Path) -> None:
    change(
        "UPDATE activities SET name = :name",
        name="<&>\x07 ]]> \U0001f3c3 Übung/..\\..\x00".replace("\x00", ""),
    )
    for name in ("gpx", "tcx", "json-files"):
        export(name, "--until", "2024-06-30")
    for file in out.glob("*.[gt][pc]x"):
        assert re.search(r"Z_Übung_\d+$", file.stem)
        ET.parse(file)


def test_a_renamed_activity_leaves_no_second_file(
    export: Export, change: Change, out: Path
) -> None:
    export("json-files")
    change("UPDATE activities SET name = 'Another name'")
    export("json-files", "--overwrite")
    assert len(list(out.iterdir())) == ACTIVITIES
    assert all("_Another-name_" in path.name for path in out.iterdir())


@pytest.mark.parametrize("begin", ["notes", "2009-05-01T07-12-33Z_my_own_notes"])
def test_only_files_of_ours_count_as_files_of_an_activity(
    database: str, tmp_path: Path, begin: str
) -> None:
    with job_of(database, tmp_path) as job:
        (tmp_path / f"{begin}_{job.activities[0].activity_id}.json").write_text("mine")
        Targets(job, ".json")
