"""A small athlete for the page about operating, made once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ingest.config import make_config
from ingest.demo import EXPORT_NAME, build_export
from ingest.reporting.progress import Progress
from ingest.run.pipeline import run

ACTIVITIES = 12


@pytest.fixture(scope="session")
def dropped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A playground with an export that no run has read yet; nobody changes it."""
    playground = tmp_path_factory.mktemp("dropped")
    drop = playground / "Strava Export"
    drop.mkdir()
    build_export(drop / EXPORT_NAME, activities=ACTIVITIES)
    return playground


@pytest.fixture(scope="session")
def imported(dropped: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same after a run, with its database; nobody changes it."""
    playground = tmp_path_factory.mktemp("imported") / "Playground"
    shutil.copytree(dropped, playground)
    run(make_config({}, playground=playground, skip_api=True, jobs=0), Progress())
    return playground
