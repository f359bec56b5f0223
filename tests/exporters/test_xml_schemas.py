"""gpx, tcx: every file keeps to the published XML schema of its format, and its extensions to what
theirs allow.

``STRAVA_XML_SCHEMAS`` names a folder with the schemas of GPX 1.1 and TCX v2 as Debian's package
pytrainer ships them; xmllint (Debian's libxml2-utils) judges. Without them the tests are skipped;
``.ci/run`` fetches both.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.exporters.conftest import Change, Export

#: A format, and what its schemas say against a file.
Judge = tuple[str, Callable[[Path], list[str]]]
OURS = Path(__file__).parent / "schemas"
#: Format -> namespace and file of its schema, and the extensions that it allows but does not know.
GPX = ("http://www.topografix.com/GPX/1/1", "Topografix_gpx11.xsd")
TCX = (
    "http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2",
    "GarminTrainingCenterDatabase_v2.xsd",
)
FORMATS = {
    "gpx": (
        GPX,
        ("http://www.garmin.com/xmlschemas/TrackPointExtension/v1", "track_point_extension.xsd"),
        ("http://www.garmin.com/xmlschemas/PowerExtension/v1", "power_extension.xsd"),
    ),
    "tcx": (
        TCX,
        ("http://www.garmin.com/xmlschemas/ActivityExtension/v2", "activity_extension.xsd"),
    ),
}


@pytest.fixture(params=list(FORMATS))
def judge(request: pytest.FixtureRequest, tmp_path: Path) -> Judge:
    """A format, and what its schemas say against a file: nothing for a valid one."""
    folder = os.environ.get("STRAVA_XML_SCHEMAS")
    if not folder:
        pytest.skip("STRAVA_XML_SCHEMAS names no folder with the schemas of GPX and TCX")
    xmllint = shutil.which("xmllint")
    assert xmllint, "xmllint is missing: apt-get install libxml2-utils"
    (namespace, published), *extensions = FORMATS[request.param]
    schema = tmp_path / "all.xsd"
    imports = [
        (namespace, Path(folder, published)),
        *((name, OURS / file) for name, file in extensions),
    ]
    assert all(file.is_file() for _, file in imports)
    lines = "".join(
        f'<import namespace="{name}" schemaLocation="{file.as_uri()}"/>' for name, file in imports
    )
    schema.write_text(
        f'<schema xmlns="http://www.w3.org/2001/XMLSchema">{lines}</schema>', encoding="utf-8"
    )

    def complaints(file: Path) -> list[str]:
        command = [xmllint, "--nonet", "--noout", "--schema", str(schema), str(file)]
        said = subprocess.run(command, capture_output=True, text=True, check=False)
        return [] if said.returncode == 0 else said.stderr.splitlines()

    return request.param, complaints


def test_every_file_is_valid(judge: Judge, export: Export, tmp_path: Path) -> None:
    name, complaints = judge
    assert export(name)["files"] > 20
    for file in (tmp_path / "out").iterdir():
        assert complaints(file) == []


def test_odd_values_are_left_out_or_bounded(
    judge: Judge, export: Export, change: Change, tmp_path: Path
) -> None:
    """What devices really write: impossible heart rates, power of a lightning strike, the date
    line, titles with control characters.
    """
    name, complaints = judge
    change(
        "UPDATE track_points SET heartrate_bpm = 300, power_w = 70000, cadence_rpm = 255 WHERE "
        "point_index % 3 = 0"
    )
    change(
        "UPDATE track_points SET heartrate_bpm = 0, power_w = -1, cadence_rpm = -1 WHERE "
        "point_index % 3 = 1"
    )
    change(
        "UPDATE track_points SET longitude = 180, altitude_m = 1e-9 WHERE point_index = 2 AND "
        "latitude IS NOT NULL"
    )
    change(
        "UPDATE track_points SET temperature_c = -1e-12, distance_m = 1e15 WHERE point_index = 5"
    )
    change(
        "UPDATE laps SET average_heartrate_bpm = 0, calories_kcal = 1e6, max_power_w = -3, "
        "distance_m = NULL"
    )
    change("UPDATE activities SET name = :name", name="<&> ]]> \x01 \U0001f3c3 " + "x" * 300)
    export(name)
    for file in (tmp_path / "out").iterdir():
        assert complaints(file) == []


def test_a_wrong_file_is_seen(judge: Judge, export: Export, tmp_path: Path) -> None:
    """The schemas of the extensions are used, too."""
    name, complaints = judge
    export(name)
    file = next(
        f for f in (tmp_path / "out").iterdir() if "Watts>" in f.read_text(encoding="utf-8")
    )
    text = file.read_text(encoding="utf-8")
    for pattern, wrong in (
        (r"(InWatts|:Watts)>\d+", r"\1>70000"),
        (r"</trkpt>|</Trackpoint>", r"<ele>1</ele>\g<0>"),
    ):
        broken = tmp_path / f"broken.{name}"
        broken.write_text(re.sub(pattern, wrong, text, count=1), encoding="utf-8")
        assert complaints(broken) != []
