"""Receives the answer of Strava's consent page on a page of this machine, for one answer only."""

from __future__ import annotations

import html
import queue
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from typing import Any, Final
from urllib.parse import urlsplit

from ingest.commands.oauth_redirect import HOST, PATH, first_values, is_of
from ingest.errors import NotAuthorized, UsageError

#: Seconds that the browser waits for the exchange of the code, which has timeouts of its own.
_EXCHANGE_S: Final = 180
#: Largest number of open connections. A browser opens six to one host and never uses some.
MAX_CONNECTIONS: Final = 16
#: Seconds that a connection may be open before it sends its request.
IDLE_S: Final = 10.0

_PAGE: Final = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>{title}</title>
<style>
body {{ font: 1.1rem/1.5 system-ui, sans-serif; max-width: 34rem; margin: 15vh auto 0;
  padding: 0 1.2rem }}
</style>
</head><body><h1>{title}</h1><p>{text}</p></body></html>
"""


class Receiver(ThreadingTCPServer):
    """Waits for the browser. One thread per connection, since browsers open some
    that they never use.

    Not an HTTPServer: that one asks the network for this machine's name first, which may take long.
    """

    daemon_threads = True
    # Makes the port free again at once. On Windows the same option would share a port that
    # another program uses.
    allow_reuse_address = not hasattr(socket, "SO_EXCLUSIVEADDRUSE")

    def __init__(self, port: int, state: str) -> None:
        """Listen.

        Raises:
            UsageError: another program does.
        """
        try:
            super().__init__((HOST, port), _Handler)
        except (OSError, OverflowError) as err:
            raise UsageError(
                f"port {port} cannot be used ({err}); give another one with --port, or 0 for any "
                "free port"
            ) from err
        self.state = state
        self.arrived: queue.SimpleQueue[dict[str, str]] = queue.SimpleQueue()
        self.page = _page(
            "Not connected", "The program has ended before it could connect; see its terminal."
        )
        self.decided, self.told = threading.Event(), threading.Event()
        #: When each connection was opened; ``None`` once it has sent its request.
        self._open: dict[socket.socket, float | None] = {}
        self._lock = threading.Lock()

    @property
    def port(self) -> int:
        """The port that it listens on, also where port 0 let the system choose one."""
        return int(self.server_address[1])

    def wait(self, seconds: float) -> dict[str, str]:
        """The query of the browser's answer, which is to be told how it went.

        Raises:
            NotAuthorized: none came in time.
        """
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                # Waits in short slices, because on Windows Ctrl-C has to wait for the end of each.
                return self.arrived.get(timeout=0.5)
            except queue.Empty:
                continue
        raise NotAuthorized(
            f"no browser has come back from Strava within {seconds / 60:g} minutes; connect "
            "again, with --paste if the browser is on another machine",
            "connect",
        )

    def tell(self, title: str, text: str) -> None:
        """Show the browser how it went."""
        self.page = _page(title, text)
        self.decided.set()
        self.told.wait(5)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a connection; if there are too many, cut the one that has been silent longest."""
        with self._lock:
            self._open[request] = time.monotonic()
            if len(self._open) > MAX_CONNECTIONS:
                oldest = next(each for each, opened in self._open.items() if opened is not None)
                del self._open[oldest]
                _cut(oldest)
        super().process_request(request, client_address)

    def service_actions(self) -> None:
        """Cut connections that sent no request in time; called several times a second."""
        with self._lock:
            late = time.monotonic() - IDLE_S
            for each, opened in self._open.items():
                if opened is not None and opened < late:
                    _cut(each)

    def has_asked(self, connection: socket.socket) -> None:
        """Let a connection that sent its request wait for the exchange of the code."""
        with self._lock:
            if connection in self._open:
                self._open[connection] = None

    def shutdown_request(self, request: Any) -> None:
        """Forget a connection that has ended."""
        with self._lock:
            self._open.pop(request, None)
        super().shutdown_request(request)

    def handle_error(self, request: object, client_address: object) -> None:
        """Do nothing: a browser that went away is no error."""


@contextmanager
def receiving(port: int, state: str) -> Iterator[Receiver]:
    """A receiver that listens while the block lasts."""
    with Receiver(port, state) as receiver:
        thread = threading.Thread(
            target=receiver.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )
        thread.start()
        try:
            yield receiver
        finally:
            receiver.decided.set()
            receiver.shutdown()


class _Handler(BaseHTTPRequestHandler):
    server: Receiver
    timeout = IDLE_S

    def do_GET(self) -> None:
        self.server.has_asked(self.connection)
        address = urlsplit(self.path)
        query = first_values(address.query)
        if address.path != PATH:
            self._answer(
                HTTPStatus.NOT_FOUND,
                _page("Nothing here", "Only Strava sends a browser to this page."),
            )
        elif not is_of(query, self.server.state):
            text = (
                "This answer belongs to another attempt. Open the address that the terminal "
                "shows now."
            )
            self._answer(HTTPStatus.BAD_REQUEST, _page("Not connected", text))
        else:
            self._receive(query)

    def _receive(self, query: dict[str, str]) -> None:
        self.server.arrived.put(query)
        # Answers only after the token exchange, so that the page can say whether it worked.
        self.server.decided.wait(_EXCHANGE_S)
        self._answer(HTTPStatus.OK, self.server.page)
        self.server.told.set()

    def _answer(self, status: HTTPStatus, page: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("Referrer-Policy", "no-referrer")
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing, because the address holds the secret code."""


def _cut(connection: socket.socket) -> None:
    """Shut a connection down; the thread that serves it then reads its end and closes it."""
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


def _page(title: str, text: str) -> bytes:
    return _PAGE.format(title=html.escape(title), text=html.escape(text)).encode()
