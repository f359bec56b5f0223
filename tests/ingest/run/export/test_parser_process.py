"""What a parser process has loaded before its first file."""

from __future__ import annotations

import multiprocessing.forkserver
import sys
from concurrent.futures import ProcessPoolExecutor

import pytest

from ingest.run.export import parser_process
from ingest.transform.parsers import PARSERS

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="elsewhere no server loads modules for parser processes"
)


def test_the_server_that_was_started_ahead_has_loaded_every_parser() -> None:
    parser_process.load_ahead()
    server = multiprocessing.forkserver._forkserver._forkserver_pid  # type: ignore[attr-defined]
    with ProcessPoolExecutor(1, mp_context=parser_process._context()) as pool:
        parent, loaded = pool.submit(
            eval, "(__import__('os').getppid(), set(__import__('sys').modules))"
        ).result()
    assert parent == server
    assert {entry.module for entry in PARSERS.values()} | {"tzfpy"} <= loaded
