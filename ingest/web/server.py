"""Serves the local page until it is stopped, and opens a browser on it."""

from __future__ import annotations

import os
import socket
import tempfile
import threading
import webbrowser
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from html import escape
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import uvicorn

from db.terminal import say, warn
from ingest.config import Config
from ingest.errors import UsageError
from ingest.web.access.hosts import Hosts, checked_names, names_of_this_machine
from ingest.web.access.listening import address_here, is_loopback, listening
from ingest.web.access.passwords import read_password
from ingest.web.access.security import LOGIN, Door
from ingest.web.app import make_app
from ingest.web.jobs.processes import Jobs

#: Seconds that open answers get to end when the server is stopped.
_END_S: Final = 3
#: Proxies that are believed who has sent a request: those of this machine.
_PROXIES: Final = ["127.0.0.1", "::1", "::ffff:127.0.0.1"]


def serve(
    config: Config,
    *,
    host: str,
    port: int,
    password_file: Path | None,
    allowed_hosts: Collection[str],
    open_browser: bool,
    interrupt_on_exit: bool,
) -> None:
    """Serve until SIGTERM or Ctrl-C; prints the address with its launch token.

    ``allowed_hosts`` are names that a proxy serves the page under. ``interrupt_on_exit`` ends an
    import or export that the page has started, as Ctrl-C does; else it goes on.

    Raises:
        UsageError: the port is taken, or other machines could come in without a password.
    """
    names = checked_names(allowed_hosts)
    if names and password_file is None:
        raise UsageError("--allowed-host lets other machines in, so it needs --password-file FILE")
    with listening(host, port) as listener:
        door = _door(listener, host, password_file, names)
        jobs = [Jobs(config, kind) for kind in ("import", "export", "demo")]
        server = _Server(
            uvicorn.Config(
                make_app(config, door, *jobs),
                http="h11",
                ws="none",
                lifespan="off",
                log_level="warning",
                access_log=False,  # its lines would hold the launch token
                server_header=False,
                # Who has sent a request, as a proxy tells it; of others nobody believes it.
                proxy_headers=bool(names),
                forwarded_allow_ips=_PROXIES,
                timeout_graceful_shutdown=_END_S,
            )
        )
        with _doorway(door.address) as doorway:
            server.when_started = lambda: _welcome(door, doorway if open_browser else None)
            server.when_ended = lambda: _end(doorway, jobs if interrupt_on_exit else ())
            with suppress(KeyboardInterrupt):  # uvicorn raises what has ended it once more
                server.run(sockets=[listener])


def _door(
    listener: socket.socket, host: str, password_file: Path | None, names: frozenset[str]
) -> Door:
    is_open = not is_loopback(listener)
    if is_open and password_file is None:
        raise UsageError(
            f"--host {host} lets other machines in, so it needs --password-file FILE, a file whose "
            "first line is the password"
        )
    if is_open:
        names |= {host.lower(), *names_of_this_machine()}
    return Door(
        base=address_here(listener),
        hosts=Hosts(names=names, is_open=is_open),
        password=None if password_file is None else read_password(password_file),
    )


class _Server(uvicorn.Server):
    """Says when it listens, and when it has ended.

    The latter is no ``finally`` of ``serve``: SIGTERM comes again after it, and ends the process.
    """

    when_started: Callable[[], None]
    when_ended: Callable[[], None]

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.when_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        self.when_ended()


def _end(doorway: Path, jobs: Iterable[Jobs]) -> None:
    """Leave nothing behind, and none of these jobs."""
    doorway.unlink(missing_ok=True)
    for each in jobs:
        each.end(_END_S)


@contextmanager
def _doorway(address: str) -> Iterator[Path]:
    """A file that leads to the address, which only we can read.

    A browser is opened on it, since everybody on the machine can see the arguments of a command.
    """
    handle, name = tempfile.mkstemp(prefix="strava-ingest-", suffix=".html")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            target = escape(address, quote=True)
            file.write(f'<!doctype html><meta http-equiv="refresh" content="0; url={target}">')
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def _welcome(door: Door, doorway: Path | None) -> None:
    say(door.address)
    if door.hosts.is_open:
        port = urlsplit(door.base).port
        warn(
            f"Other machines reach the page at http://{socket.gethostname()}:{port}{LOGIN} with "
            "the password. What they send and see is not encrypted on the way."
        )
    if doorway is not None:
        # In a thread: some browsers return only when they are closed.
        threading.Thread(target=_open, args=(doorway,), daemon=True).start()


def _open(doorway: Path) -> None:
    try:
        is_open = webbrowser.open(doorway.as_uri())
    except (webbrowser.Error, OSError):
        is_open = False
    if not is_open:
        warn("No browser could be opened; open the address above.")
