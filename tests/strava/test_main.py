from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no Ctrl-C to one process")
def test_in_the_foreground_it_says_where_it_is_and_ends_silently() -> None:
    command = [sys.executable, "-m", "tests.strava", "--activities", "3", "--read-limit", "7,70"]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    ) as process:
        assert process.stdout is not None
        told = dict(process.stdout.readline().strip().split("=", 1) for _ in range(4))
        answer = requests.get(f"{told['STRAVA_API_URL']}/athlete", timeout=5)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=10)
    assert (answer.headers["X-ReadRateLimit-Limit"], process.returncode, errors) == ("7,70", 0, "")
