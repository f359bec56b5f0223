"""Has the workers of a fleet: processes of this machine, or those of a scheduler elsewhere.

Whoever reaches a scheduler or a worker can run any code as its user. So the processes of this
machine speak TLS with keys that only they know, although they listen on 127.0.0.1 alone.
"""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy.engine import URL

from db.interrupts import without_ctrl_c
from ingest.errors import AbortRun, UsageError
from ingest.fleet.extra import needs_fleet
from ingest.fleet.worker import DATABASE_FILE

if TYPE_CHECKING:
    from distributed import Client

#: Seconds to wait for a scheduler, and for its first worker.
_PATIENCE_S: Final = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Workers:
    """Which workers there are to be."""

    #: Processes of this machine; ``None`` for as many as it has cores.
    count: int | None = None
    #: The address of a scheduler elsewhere; then ``count`` means nothing.
    scheduler: str | None = None
    tls_ca: Path | None = None
    tls_cert: Path | None = None
    tls_key: Path | None = None
    insecure: bool = False
    #: How often a worker may die of one export.
    deaths: int = 2

    def check(self) -> None:
        """Raise ``UsageError`` for what cannot be, or would be unsafe."""
        files = {"--tls-ca": self.tls_ca, "--tls-cert": self.tls_cert, "--tls-key": self.tls_key}
        given = [name for name, file in files.items() if file is not None]
        if self.scheduler is None:
            if given or self.insecure:
                name = given[0] if given else "--insecure"
                raise UsageError(f"{name} is about a scheduler elsewhere; name it by --scheduler")
            return
        if self.count is not None:
            raise UsageError("--workers makes processes here, --scheduler uses those elsewhere")
        if self.scheduler.startswith("tls://"):
            if missing := [name for name, file in files.items() if file is None]:
                raise UsageError(f"a tls:// scheduler needs {', '.join(missing)}, too")
            for name, file in files.items():
                if file is not None and not file.is_file():
                    raise UsageError(f"{name} {file}: there is no such file")
        elif not self.scheduler.startswith("tcp://"):
            raise UsageError("--scheduler is an address like tls://host:8786")
        elif not self.insecure:
            raise UsageError(
                f"{self.scheduler} is not encrypted: whoever reaches it can run any code on its "
                "workers and read what they are sent. Use tls:// with --tls-ca, --tls-cert and "
                "--tls-key, or say --insecure where nobody else reaches it"
            )


@contextmanager
def client_of(workers: Workers, database: str | URL) -> Iterator[Client]:
    """A client of the workers, of which there is one at least.

    Raises:
        UsageError: the libraries are not installed.
        AbortRun: the scheduler cannot be reached, or no worker joins it.
    """
    with needs_fleet():
        import distributed
    with _remote(workers) if workers.scheduler else _local(workers, database) as client:
        try:
            client.wait_for_workers(1, timeout=_PATIENCE_S)
        except TimeoutError as err:
            raise AbortRun(
                f"no worker has joined the scheduler within {_PATIENCE_S} seconds; start one: "
                "dask worker --preload ingest.fleet.worker"
            ) from err
        assert isinstance(client, distributed.Client)
        yield client


@contextmanager
def _remote(workers: Workers) -> Iterator[Client]:
    from distributed import Client, Security

    security = None
    if workers.tls_ca is not None:
        security = Security(
            require_encryption=True,
            tls_ca_file=str(workers.tls_ca),
            tls_client_cert=str(workers.tls_cert),
            tls_client_key=str(workers.tls_key),
        )
    try:
        client = Client(workers.scheduler, security=security, timeout=_PATIENCE_S)
    except (OSError, ValueError, TimeoutError) as err:
        raise AbortRun(f"the scheduler {workers.scheduler} cannot be reached ({err})") from err
    with client:
        yield client


@contextmanager
def _local(workers: Workers, database: str | URL) -> Iterator[Client]:
    with needs_fleet():
        import bokeh  # noqa: F401 (the dashboard, which dask leaves out where it is missing)
        import cryptography  # noqa: F401 (makes the keys)
        import dask
        from distributed import Client, LocalCluster, Security
    settings = {
        # Daemons may not start the processes that read device files.
        "distributed.worker.daemon": False,
        "distributed.scheduler.allowed-failures": workers.deaths,
    }
    with (
        tempfile.TemporaryDirectory(prefix="strava-fleet-", ignore_cleanup_errors=True) as folder,
        dask.config.set(settings),
        _told_workers(database),
    ):
        with without_ctrl_c():  # which ends the workers in order, when it has ended this process
            cluster = LocalCluster(
                n_workers=workers.count or os.cpu_count() or 1,
                threads_per_worker=1,
                processes=True,
                host="127.0.0.1",
                dashboard_address="127.0.0.1:0",
                security=Security.temporary(),
                local_directory=folder,
                silence_logs=logging.ERROR,
            )
        with cluster, Client(cluster) as client:
            yield client


@contextmanager
def _told_workers(database: str | URL) -> Iterator[None]:
    """Have processes that start in this block inherit the database's URL."""
    before = {name: os.environ.pop(name, None) for name in ("DATABASE_URL", DATABASE_FILE)}
    shown = (
        database.render_as_string(hide_password=False) if isinstance(database, URL) else database
    )
    os.environ["DATABASE_URL"] = shown
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def dashboard_of(client: Any) -> str:
    """Where the dashboard of a client's scheduler can be seen."""
    return str(client.dashboard_link)
