"""Lets another thread cut the connections of requests, whatever they are waiting for."""

from __future__ import annotations

import socket
import weakref
from collections.abc import Callable
from contextlib import suppress
from typing import Any, cast

from requests.adapters import HTTPAdapter


class CuttingAdapter(HTTPAdapter):
    """Keeps track of the connections that it opens."""

    def __init__(self) -> None:
        super().__init__()
        self._opened: weakref.WeakSet[Any] = weakref.WeakSet()

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        """The pool for a request; each connection it opens is noted."""
        pool = cast(Any, super().get_connection_with_tls_context(*args, **kwargs))
        if not isinstance(pool.ConnectionCls, _Noting):
            pool.ConnectionCls = _Noting(pool.ConnectionCls, self._opened.add)
        return pool

    def cut(self) -> None:
        """End every connection; whoever reads from one gets an error or the end of the answer."""
        for connection in list(self._opened):
            if (opened := getattr(connection, "sock", None)) is not None:
                with suppress(OSError):
                    # Shuts the socket below TLS, since TLS would wait for the other side's goodbye.
                    socket.socket.shutdown(opened, socket.SHUT_RDWR)


class _Noting:
    """Opens connections of a class, and passes each to ``note``."""

    def __init__(self, made: Callable[..., Any], note: Callable[[Any], None]) -> None:
        self._made, self._note = made, note

    def __call__(self, **kwargs: Any) -> Any:
        connection = self._made(**kwargs)
        self._note(connection)
        return connection
