"""Serves the local page until it is stopped, and opens a browser on it."""

from __future__ import annotations

import os
import socket
import tempfile
import threading
import webbrowser
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from html import escape
from pathlib import Path
from typing import Final

import uvicorn

from db.terminal import say, warn
from ingest.config import Config
from ingest.errors import UsageError
from ingest.web.app import make_app
from ingest.web.jobs import Jobs
from ingest.web.security import Door

HOST: Final = "127.0.0.1"
#: Seconds that open answers get to end when the server is stopped.
_END_S: Final = 3


def serve(config: Config, *, port: int, open_browser: bool, interrupt_on_exit: bool) -> None:
    """Serve until SIGTERM or Ctrl-C; prints the address with its launch token.

    ``interrupt_on_exit`` ends an import or export that the page has started, as Ctrl-C does; else
    it goes on.

    Raises:
        UsageError: the port is taken.
    """
    with _listening(port) as listener:
        door = Door(port=listener.getsockname()[1])
        jobs = Jobs(config, "import"), Jobs(config, "export")
        server = _Server(
            uvicorn.Config(
                make_app(config, door, *jobs),
                http="h11",
                ws="none",
                lifespan="off",
                log_level="warning",
                access_log=False,  # its lines would hold the launch token
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=_END_S,
            )
        )
        with _doorway(door.address) as doorway:
            server.when_started = lambda: _welcome(door.address, doorway if open_browser else None)
            server.when_ended = lambda: _end(doorway, jobs if interrupt_on_exit else ())
            with suppress(KeyboardInterrupt):  # uvicorn raises what has ended it once more
                server.run(sockets=[listener])


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


def _listening(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if os.name != "nt":  # there it would let two servers share a port
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError as err:
        listener.close()
        raise UsageError(
            f"port {port} of this machine cannot be used ({err.strerror}); another page may be "
            "open there. Choose another one with --port, or any free one with --port 0"
        ) from err
    return listener


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


def _welcome(address: str, doorway: Path | None) -> None:
    say(address)
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
