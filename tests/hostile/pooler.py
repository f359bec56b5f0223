"""A connection pooler that gives each transaction a session of the server, as pgbouncer does.

Speaks just enough of PostgreSQL's protocol: https://www.postgresql.org/docs/current/protocol.html
"""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from sqlalchemy.engine import make_url

#: What a pooler greets with: a process id and a key of its own making.
_KEY: Final = b"K" + struct.pack("!iii", 12, 4242, 4242)
_READY: Final = b"Z" + struct.pack("!i", 5) + b"I"


class Pooler:
    """Hands out sessions by the transaction; the one that was used last goes first."""

    def __init__(self, url: str) -> None:
        self._server = make_url(url)
        self._idle: list[socket.socket] = []
        self._every: list[socket.socket] = []
        self._greeting = b""
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = self._server.set(
            host="127.0.0.1", port=self._listener.getsockname()[1]
        ).render_as_string(hide_password=False)
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """End every session of the server."""
        for each in (self._listener, *self._every):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._every.append(client)
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with suppress(OSError, EOFError):
            while _untyped(client)[:4] == struct.pack("!i", 80877103):  # a request for TLS
                client.sendall(b"N")
            self._idle.append(self._session())
            client.sendall(self._greeting + _KEY + _READY)
            server = None
            while True:
                kind, message = _typed(client)
                if kind == b"X":
                    break
                server = server or self._session()
                server.sendall(message)
                if kind in b"QS" and _relay(server, client) == b"I":
                    self._idle.append(server)
                    server = None
        client.close()

    def _session(self) -> socket.socket:
        with self._lock:
            return self._idle.pop() if self._idle else self._connect()

    def _connect(self) -> socket.socket:
        url = self._server
        server = socket.create_connection((url.host, url.port or 5432))
        self._every.append(server)
        words = (
            f"user\0{url.username}\0database\0{url.database}\0client_encoding\0utf8\0\0".encode()
        )
        server.sendall(struct.pack("!ii", 8 + len(words), 196608) + words)
        said = b""
        while True:
            kind, message = _typed(server)
            if kind == b"Z":
                break
            said += message if kind in b"RS" else b""
        self._greeting = said
        return server


@contextmanager
def pooling(url: str) -> Iterator[Pooler]:
    """A pooler in front of a database while the block lasts."""
    pooler = Pooler(url)
    try:
        yield pooler
    finally:
        pooler.close()


def _relay(server: socket.socket, client: socket.socket) -> bytes:
    """Pass an answer on to its end; the state of the transaction."""
    while True:
        kind, message = _typed(server)
        client.sendall(message)
        if kind == b"Z":
            return message[-1:]


def _typed(source: socket.socket) -> tuple[bytes, bytes]:
    kind = _exactly(source, 1)
    size = _exactly(source, 4)
    return kind, kind + size + _exactly(source, struct.unpack("!i", size)[0] - 4)


def _untyped(source: socket.socket) -> bytes:
    return _exactly(source, struct.unpack("!i", _exactly(source, 4))[0] - 4)


def _exactly(source: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        piece = source.recv(size - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data
