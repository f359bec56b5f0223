"""systemd accepts the units of ``docs/operate``, and what they start does what they say."""

from __future__ import annotations

import configparser
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ingest.commands.run import COME_BACK
from tests.docs.conftest import ACTIVITIES
from tests.docs.operating import ROOT, installation, needed, row_counts

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="systemd is a program of Linux")

UNITS = ROOT / "docs" / "operate"
#: Where the units expect the installation, by the service and the manager that reads it.
SERVICES = {
    "strava-ingest.service": ("--system", "/srv/strava"),
    "user/strava-ingest.service": ("--user", "%h/strava"),
}
services = pytest.mark.parametrize("name", SERVICES)


class Unit(configparser.ConfigParser):
    """A unit file; names of settings keep their capitals."""

    def __init__(self, text: str) -> None:
        super().__init__(interpolation=None, delimiters=["="], comment_prefixes=["#"])
        self.read_string(text)

    def optionxform(self, optionstr: str) -> str:
        return optionstr


def moved(name: str, folder: Path) -> str:
    """A service for an installation in ``folder``."""
    text = (UNITS / name).read_text("utf-8")
    place = SERVICES[name][1]
    assert place in text
    return text.replace(place, str(folder))


def complaints(folder: Path, manager: str, service: str) -> list[str]:
    """What systemd says against a service with the timer of the repository.

    Only lines about these two: a machine's own units may have faults, too.
    """
    program = needed("systemd-analyze")
    units = folder / "units"
    units.mkdir()
    (units / "strava-ingest.service").write_text(service)
    (units / "strava-ingest.timer").write_text((UNITS / "strava-ingest.timer").read_text("utf-8"))
    ended = subprocess.run(
        [program, manager, "verify", *sorted(map(str, units.iterdir()))],
        env={**os.environ, "XDG_RUNTIME_DIR": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    return [line for line in (ended.stdout + ended.stderr).splitlines() if "strava" in line]


@services
def test_systemd_accepts_the_units(name: str, tmp_path: Path, dropped: Path) -> None:
    folder = installation(tmp_path / "strava", dropped)

    assert complaints(tmp_path, SERVICES[name][0], moved(name, folder)) == []


@services
def test_systemd_would_notice_a_wrong_name(name: str, tmp_path: Path, dropped: Path) -> None:
    folder = installation(tmp_path / "strava", dropped)
    service = moved(name, folder).replace("NoNewPrivileges", "NoNewPrivilege")

    (words,) = complaints(tmp_path, SERVICES[name][0], service)

    assert "NoNewPrivilege'" in words


@services
def test_strava_asking_to_wait_is_no_failure(name: str) -> None:
    unit = Unit((UNITS / name).read_text("utf-8"))

    assert unit["Service"]["SuccessExitStatus"] == str(COME_BACK)


@services
def test_what_a_service_starts_writes_only_to_the_playground(
    name: str, tmp_path: Path, dropped: Path
) -> None:
    folder = installation(tmp_path / "strava", dropped)
    unit = Unit(moved(name, folder))["Service"]
    before = set(tmp_path.rglob("*"))

    subprocess.run(
        unit["ExecStart"].split(), cwd=unit["WorkingDirectory"], env={}, check=True, timeout=60
    )

    playground = folder / "Playground"
    assert {file.parent for file in set(tmp_path.rglob("*")) - before} == {playground}
    assert unit.get("ReadWritePaths", str(playground)) == str(playground)
    assert row_counts(f"sqlite:///{playground / 'strava.db'}")["activities"] == ACTIVITIES


def test_the_timer_starts_what_is_missed() -> None:
    timer = Unit((UNITS / "strava-ingest.timer").read_text("utf-8"))

    assert timer["Timer"]["Persistent"] == "true"
    assert timer["Install"]["WantedBy"] == "timers.target"
