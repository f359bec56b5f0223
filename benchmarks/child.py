"""Runs a Python module as a process of its own; measures its time, CPU time and peak memory."""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

#: Option of ``prctl`` (linux/prctl.h) that makes a process the parent of orphans below it.
_CHILD_SUBREAPER: Final = 36


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One process: the JSON it printed, wall seconds from its start to its end, CPU seconds of it
    and its own processes, and the peak memory of itself alone in MB.
    """

    summary: dict[str, Any]
    seconds: float
    cpu_s: float
    peak_mb: float


def measured(module: str, arguments: Sequence[str]) -> Measured:
    """Run ``python -m module`` as a process of its own, from the project's folder.

    It must print one JSON object and succeed.
    """
    _adopt_orphans()
    began, used = time.perf_counter(), _childrens_cpu()
    command = [sys.executable, "-m", module, *arguments]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[1],
        env=users_environment(),
    )
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, _peak_mb(process.pid))
        time.sleep(0.02)  # the kernel keeps the peak, so only the last reading counts
    seconds = time.perf_counter() - began
    _wait_for_orphans()
    assert process.returncode == 0
    assert process.stdout is not None
    with process.stdout as answer:
        return Measured(
            summary=json.loads(answer.read()),
            seconds=seconds,
            cpu_s=_childrens_cpu() - used,
            peak_mb=peak,
        )


def users_environment() -> dict[str, str]:
    """The environment without the switch by which Python compiles every module in every process."""
    return {name: v for name, v in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _adopt_orphans() -> None:
    """Let processes whose parent ended be waited for by this one: only then their CPU time counts.

    The parser processes belong to a fork server, which outlives the run for a moment.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_CHILD_SUBREAPER, 1)


def _wait_for_orphans() -> None:
    if sys.platform == "linux":
        with suppress(ChildProcessError):
            while True:
                os.wait()


def _childrens_cpu() -> float:
    """CPU seconds of all processes that this one has waited for, and of those they waited for."""
    spent = os.times()
    return spent.children_user + spent.children_system


def _peak_mb(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:  # gone, or not Linux
        return 0.0
    return next(
        (int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM")),
        0.0,
    )
