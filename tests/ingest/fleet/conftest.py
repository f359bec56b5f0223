"""Exports of several athletes, and the command run with little patience."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.builders import export_zip, gpx_activity

ROOT = Path(__file__).parents[3]
Export = Callable[..., Path]


@pytest.fixture
def export_of(tmp_path: Path) -> Export:
    """Makes the ZIP of an athlete's export, of three runs or of those named."""

    def make(athlete_id: int, name: str = "", ids: Sequence[int] = ()) -> Path:
        wanted = ids or range(athlete_id * 10, athlete_id * 10 + 3)
        rows = [{"activity_id": i, "filename": f"activities/{i}.gpx"} for i in wanted]
        folder = tmp_path / "exports"
        folder.mkdir(exist_ok=True)
        return export_zip(
            folder / (name or f"export_{athlete_id}.zip"),
            rows,
            files={str(row["filename"]): gpx_activity() for row in rows},
            tables={"profile.csv": [["Athlete ID", "First Name"], [athlete_id, "Jo"]]},
        )

    return make


def started(
    database: str, folder: Path, *arguments: str, **environment: str
) -> subprocess.Popen[str]:
    """The command as a process of its own, which prints JSON."""
    command = [sys.executable, "-m", "ingest", "fleet", *arguments, "--json", "--playground"]
    return subprocess.Popen(
        [*command, str(folder / "playground")],
        env={**os.environ, "DATABASE_URL": database, "PYTHONPATH": str(ROOT), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
    )


def told(process: subprocess.Popen[str]) -> tuple[int, dict[str, Any], str]:
    """Exit code, result and messages of the command when it has ended."""
    output, messages = process.communicate(timeout=600)
    assert output, messages
    found: dict[str, Any] = json.loads(output)
    return process.returncode, found, messages
