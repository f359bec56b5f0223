"""Whole exports, made with the truth about them, are read as they were meant. Needs the tools
beside the repository.
"""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from ingest.transform.tables import IGNORED, TABLES
from ingest.transform.tables.activities import ActivityLine, ActivityTable, read_activities
from ingest.transform.tables.sports import sport_type

MAKER = Path(__file__).parents[5] / "shared" / "tools" / "make_export.py"
EXPORTS = [
    ("en-US", "10"),
    ("en-US", "10-2019"),
    ("nl", "72"),
    ("en-US", "77"),
    ("en-GB", "78"),
    ("en-US", "84"),
    ("en-US", "87"),  # with <span>
    ("de", "87"),
    ("en-GB", "92"),
    ("de", "99"),
    ("nl", "99"),
    ("fr", "103"),
    ("es-419", "103"),
]

pytestmark = pytest.mark.skipif(
    not MAKER.exists(), reason=f"needs {MAKER.name} beside the repository"
)


@pytest.fixture(scope="module", params=EXPORTS, ids="/".join)
def export(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made export; its truth lies beside it."""
    language, columns = request.param
    path = tmp_path_factory.mktemp("export") / "export_900000100.zip"
    options = [
        "--activities",
        "30",
        "--language",
        language,
        "--columns",
        columns,
        "--formats",
        "gpx",
    ]
    subprocess.run(
        [sys.executable, str(MAKER), str(path), *options], check=True, capture_output=True
    )
    return path


@pytest.fixture
def truth(export: Path) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = json.loads(
        export.with_suffix(".truth.json").read_text(encoding="utf-8")
    )["activities"]
    return found


@pytest.fixture
def table(export: Path) -> ActivityTable:
    with zipfile.ZipFile(export) as archive:
        return read_activities(archive.read("activities.csv"), "activities.csv")


def told(line: ActivityLine) -> dict[str, Any]:
    fields = line.fields()
    return {
        "name": fields["name"],
        "sport": fields.get("sport_type"),
        "start": f"{fields['start_time_utc']:%Y-%m-%dT%H:%M:%SZ}",
        "elapsed_s": fields["elapsed_time_s"],
        "moving_s": fields.get("moving_time_s"),
        "gear": fields["gear_name"],
        "description": fields["description"],
        "private_note": fields.get("private_note"),
        "filename": line.filename,
        "media": [path.rpartition("/")[2] for path in line.media],
    }


def test_every_activity_is_as_it_was_meant(
    table: ActivityTable, truth: dict[str, dict[str, Any]]
) -> None:
    assert {str(line.activity_id) for line in table.lines} == truth.keys()
    for line in table.lines:
        meant = truth[str(line.activity_id)]
        expected = {name: meant[name] for name in told(line)} | {
            "sport": sport_type(meant["sport"])
        }
        expected |= {name: meant[name] or None for name in ("description", "private_note")}
        assert told(line) == expected


def test_every_distance_is_metres(table: ActivityTable, truth: dict[str, dict[str, Any]]) -> None:
    for line in table.lines:
        assert line.fields()["distance_m"] == pytest.approx(
            truth[str(line.activity_id)]["distance_m"], rel=1e-6, abs=0.01
        )


def test_manual_activities_are_told_from_uploads(
    table: ActivityTable, truth: dict[str, dict[str, Any]]
) -> None:
    if "is_manual" not in table.columns:
        pytest.skip("the first exports do not tell")
    for line in table.lines:
        assert line.fields()["is_manual"] == truth[str(line.activity_id)]["manual"]


def test_nothing_is_unknown_or_unreadable(table: ActivityTable) -> None:
    (unknown_sport,) = table.errors  # the maker puts one in on purpose
    assert "no sport is known as 'Underwater Hockey'" in str(unknown_sport)
    assert table.unknown_columns == ()
    assert [line.extra() for line in table.lines if line.extra()] == []


def test_every_other_file_is_read_or_ignored(export: Path) -> None:
    with zipfile.ZipFile(export) as archive:
        for name in (
            name for name in archive.namelist() if "/" not in name and name != "activities.csv"
        ):
            assert name in IGNORED or TABLES[name].read(archive.read(name), name).errors == []
