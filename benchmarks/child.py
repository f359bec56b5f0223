"""Runs a Python module as a process of its own; measures its time and its peak memory."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One process: the JSON it printed, wall seconds from its start to its end, and the peak memory
    of itself alone in MB.
    """

    summary: dict[str, Any]
    seconds: float
    peak_mb: float


def measured(module: str, arguments: Sequence[str]) -> Measured:
    """Run ``python -m module`` as a process of its own, from the project's folder.

    It must print one JSON object and succeed.
    """
    began = time.perf_counter()
    command = [sys.executable, "-m", module, *arguments]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1]
    )
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, _peak_mb(process.pid))
        time.sleep(0.02)  # the kernel keeps the peak, so only the last reading counts
    seconds = time.perf_counter() - began
    assert process.returncode == 0
    assert process.stdout is not None
    with process.stdout as answer:
        return Measured(summary=json.loads(answer.read()), seconds=seconds, peak_mb=peak)


def _peak_mb(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:  # gone, or not Linux
        return 0.0
    return next(
        (int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM")),
        0.0,
    )
