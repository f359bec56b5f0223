"""Ctrl-C ends the program wherever it comes, and says so in a sentence."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from db.interrupts import without_ctrl_c

ROOT = Path(__file__).parents[2]

#: A program in which Ctrl-C comes while a weak reference dies.
_LOSES_IT = """
import signal, sys, time, weakref
from db.interrupts import keep_ctrl_c
signal.signal(signal.SIGINT, signal.default_int_handler)
keep_ctrl_c()
class Thing: pass
thing = Thing()
def died(_): signal.raise_signal(signal.SIGINT)
reference = weakref.ref(thing, died)
try:
    del thing
    time.sleep(20)
except KeyboardInterrupt:
    sys.exit("interrupted")
"""


def test_one_that_python_ignores_comes_again() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _LOSES_IT],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=15,
        check=False,
    )
    assert done.stderr == "interrupted\n"


def test_other_errors_that_python_ignores_are_shown(capfd: pytest.CaptureFixture[str]) -> None:
    code = _LOSES_IT.replace("signal.raise_signal(signal.SIGINT)", "1 / 0").replace("20", "0")
    subprocess.run([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert "ZeroDivisionError" in capfd.readouterr().err


@pytest.mark.skipif(os.name == "nt", reason="Windows cannot hold a signal back")
def test_one_that_is_held_back_comes_afterwards(request: pytest.FixtureRequest) -> None:
    # A shell may have started the tests so that they ignore it.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    request.addfinalizer(lambda: signal.signal(signal.SIGINT, before))
    reached = False
    with pytest.raises(KeyboardInterrupt):  # noqa: PT012
        with without_ctrl_c():
            os.kill(os.getpid(), signal.SIGINT)
            reached = True
        assert reached


@pytest.mark.skipif(os.name == "nt", reason="Windows cannot hold a signal back")
def test_a_process_that_is_started_meanwhile_does_not_get_it() -> None:
    with without_ctrl_c():
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    child.send_signal(signal.SIGINT)
    child.communicate(b"\n", timeout=20)
    assert child.returncode == 0
