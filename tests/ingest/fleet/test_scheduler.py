"""A scheduler and workers elsewhere, which speak TLS; made of processes of this machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
import trustme

from ingest.commands.maintenance import migrate_only
from ingest.config import make_config
from ingest.fleet.worker import DATABASE_FILE
from tests.ingest.fleet.conftest import ROOT, Export, started, told

#: Each starts several processes, which take their time on a busy machine.
pytestmark = pytest.mark.timeout(900)


@pytest.fixture
def keys(tmp_path: Path) -> dict[str, str]:
    """Files of an authority's certificate, and of one that it has given, with its key."""
    authority = trustme.CA()
    given = authority.issue_cert("localhost", "127.0.0.1")
    files = {name: str(tmp_path / f"{name}.pem") for name in ("ca", "cert", "key")}
    authority.cert_pem.write_to_path(files["ca"])
    given.cert_chain_pems[0].write_to_path(files["cert"])
    given.private_key_pem.write_to_path(files["key"])
    return files


@contextmanager
def process(
    tmp_path: Path, keys: dict[str, str], program: str, *arguments: str, **environment: str
) -> Iterator[subprocess.Popen[str]]:
    """A program of dask, in the folder that has the address of the scheduler."""
    names = {"ca": "--tls-ca-file", "cert": "--tls-cert", "key": "--tls-key"}
    files = [part for name, option in names.items() for part in (option, keys[name])]
    place = ["--scheduler-file", str(tmp_path / "scheduler.json"), "--no-dashboard"]
    own = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    begun = subprocess.Popen(
        [sys.executable, "-m", "dask", program, *place, *files, *arguments],
        env={**own, "PYTHONPATH": str(ROOT), **environment},
        stderr=subprocess.STDOUT,
        stdout=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
    )
    try:
        yield begun
    finally:
        begun.terminate()
        begun.communicate(timeout=60)


@pytest.fixture
def scheduler(tmp_path: Path, keys: dict[str, str]) -> Iterator[str]:
    """The address of a scheduler without workers."""
    where, until = tmp_path / "scheduler.json", time.monotonic() + 120
    listening = ("--host", "127.0.0.1", "--port", "0", "--protocol", "tls")
    with process(tmp_path, keys, "scheduler", *listening) as running:
        # The scheduler makes the file, and then writes it.
        while not (where.exists() and where.read_text()):
            assert running.poll() is None, running.stdout and running.stdout.read()
            assert time.monotonic() < until
            time.sleep(0.1)
        yield str(json.loads(where.read_text())["address"])


def worker(
    tmp_path: Path, keys: dict[str, str], database: str, name: str
) -> AbstractContextManager[subprocess.Popen[str]]:
    file = tmp_path / f"{name}.url"
    file.write_text(database)
    file.chmod(0o600)
    return process(
        tmp_path,
        keys,
        "worker",
        *("--nthreads", "1", "--preload", "ingest.fleet.worker", "--name", name),
        **{DATABASE_FILE: str(file)},
    )


def test_workers_elsewhere_import_over_tls_and_those_of_another_database_do_not_start(
    tmp_path: Path,
    pg_url: str,
    keys: dict[str, str],
    scheduler: str,
    export_of: Export,
) -> None:
    assert scheduler.startswith("tls://127.0.0.1:")
    options = ["--scheduler", scheduler, "--tls-ca", keys["ca"], "--tls-cert", keys["cert"]]
    options += ["--tls-key", keys["key"]]
    with worker(tmp_path, keys, pg_url, "early") as early:
        output, _ = early.communicate(timeout=120)
    assert early.returncode != 0
    assert "this worker does not start" in output
    assert "has the schema None" in output
    migrate_only(make_config({}, playground=tmp_path / "playground", database=pg_url))
    with worker(tmp_path, keys, pg_url, "good"):
        code, found, messages = told(started(pg_url, tmp_path, str(export_of(71)), *options))
    assert (code, found["error"], found["activities_new"]) == (0, None, 3), messages
    assert "for 1 workers" in messages
