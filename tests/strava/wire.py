"""HTTP/1.1 over sockets: requests read, answers written, also in all the ways in which connections
fail.
"""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import sys
import threading
from datetime import timedelta
from email.utils import format_datetime
from hashlib import md5
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.strava.messages import Answer, Kind, Request

if TYPE_CHECKING:
    from tests.strava.server import Simulator

_BASE: Final = "/api/v3"
_DRIPS: Final = 20
_JOIN_S: Final = 5.0


class Server(ThreadingHTTPServer):
    """A server on the loopback that can be stopped while clients hang on it."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, simulator: Simulator) -> None:
        self.simulator = simulator
        self.stopping = threading.Event()
        self._open: dict[socket.socket, threading.Thread] = {}
        self._lock = threading.Lock()
        self._thread = threading.Thread(
            target=self.serve_forever, args=(0.02,), daemon=True, name="simulated Strava"
        )
        super().__init__(("127.0.0.1", port), Handler)

    def server_bind(self) -> None:
        # Not HTTPServer's: it asks a name server for the name of this machine.
        socket.socket.bind(self.socket, self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = "localhost", int(self.server_address[1])

    def start(self) -> None:
        """Serve in a thread."""
        self._thread.start()

    def stop(self) -> None:
        """Cut all connections, wait for their threads, close the socket."""
        self.stopping.set()
        if self._thread.is_alive():
            self.shutdown()
            self._thread.join(_JOIN_S)
        with self._lock:
            left = list(self._open.items())
        for connection, _ in left:
            _shut(connection)
        for _, thread in left:
            if thread is not threading.current_thread():
                thread.join(_JOIN_S)
        self.server_close()

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open[request] = threading.current_thread()
        try:
            if self.stopping.is_set():
                _shut(request)
            super().process_request_thread(request, client_address)
        finally:
            with self._lock:
                self._open.pop(request, None)

    def handle_error(self, request: Any, client_address: Any) -> None:
        error = sys.exc_info()[1]
        # A client that went away is no error of ours.
        if error is not None and not isinstance(error, OSError):
            self.simulator.errors.append(error)


class Handler(BaseHTTPRequestHandler):
    """One connection, kept alive from request to request."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def _serve(self) -> None:
        request = self._request()
        if request is None:
            return
        simulator = self.server.simulator
        try:
            answer = simulator.answer(request)
        except Exception as error:  # noqa: BLE001  # a hook's failure belongs to the test, not to this thread
            simulator.errors.append(error)
            answer = Answer(
                status=500, body={"message": "the simulator failed", "errors": [repr(error)]}
            )
        request.status = 0 if answer.delivery in ("reset", "close", "stall") else answer.status
        try:
            self._send(request, answer)
        except OSError:
            self.close_connection = True
        try:
            simulator.answered(request)
        except Exception as error:  # noqa: BLE001
            simulator.errors.append(error)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _serve  # noqa: N815  # http.server asks for these names

    def _request(self) -> Request | None:
        """What came in; the body is read in any case, or the next request would begin within it."""
        if "Transfer-Encoding" in self.headers:
            self.close_connection = True
            self._write(self._head(411, {"Content-Length": "0", "Connection": "close"}))
            return None
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = urlsplit(self.path)
        path, kind = _routed(unquote(parts.path))
        is_form = "form-urlencoded" in self.headers.get("Content-Type", "")
        return Request(
            method=self.command,
            path=path,
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            at=self.server.simulator.clock.now(),
            kind=kind,
            target=self.path,
            headers=self.headers,  # type: ignore[arg-type]  # a Message looks keys up without regard to case
            form=dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
            if is_form
            else {},
        )

    def _send(self, request: Request, answer: Answer) -> None:
        if answer.delivery == "reset":
            self._reset()
        elif answer.delivery == "close":
            self.close_connection = True
        elif answer.delivery == "stall":
            self.server.stopping.wait(answer.seconds)
            self.close_connection = True
        else:
            self._send_body(answer)

    def _send_body(self, answer: Answer) -> None:
        body = answer.payload()
        head = self._head(answer.status, self._headers(answer, body))
        if self.command == "HEAD":
            body = b""
        if answer.delivery == "whole":
            self._write(head + body)
        elif answer.delivery == "drip":
            self._write(head)
            self._drip(body, answer.seconds)
        elif answer.delivery == "drip_head":
            self._drip(head + body, answer.seconds)
        else:
            self._write(head + body[: len(body) // 2])
            if answer.delivery == "stall_body":
                self.server.stopping.wait(answer.seconds)
            self.close_connection = True

    def _headers(self, answer: Answer, body: bytes) -> dict[str, str]:
        headers = {} if answer.status == 204 else {"Content-Length": str(len(body))}
        if answer.date_skew is not None:
            moment = self.server.simulator.clock.now() + timedelta(seconds=answer.date_skew)
            headers["Date"] = format_datetime(moment.replace(microsecond=0), usegmt=True)
        if body:
            headers["Content-Type"] = answer.content_type
            headers["ETag"] = f'W/"{md5(body, usedforsecurity=False).hexdigest()}"'
        return headers | answer.headers

    def _head(self, status: int, headers: dict[str, str]) -> bytes:
        lines = [
            f"HTTP/1.1 {status} {HTTPStatus(status).phrase}",
            *(f"{name}: {value}" for name, value in headers.items()),
        ]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def _drip(self, body: bytes, seconds: float) -> None:
        size = max(1, -(-len(body) // _DRIPS))
        for start in range(0, len(body), size):
            if self.server.stopping.wait(seconds):
                self.close_connection = True
                return
            self._write(body[start : start + size])

    def _reset(self) -> None:
        """Close at once and without goodbye: the client sees a reset."""
        self.close_connection = True
        linger = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.rfile.close()
        self.connection.close()

    def _write(self, data: bytes) -> None:
        self.connection.sendall(data)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def _routed(path: str) -> tuple[str, Kind]:
    """The path without its base, and what it belongs to."""
    path = path.removeprefix(_BASE) if path.startswith(f"{_BASE}/") else path
    if path.startswith("/_sim/") or path == "/_sim":
        return path, "sim"
    return path, "oauth" if path.startswith("/oauth/") else "api"


def _shut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):  # it may be closed already
        connection.shutdown(socket.SHUT_RDWR)
