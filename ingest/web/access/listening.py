"""Opens the socket that the page listens on."""

from __future__ import annotations

import os
import socket
from ipaddress import ip_address
from typing import Any, Final

from ingest.errors import UsageError

#: Only this machine can reach it.
HOST: Final = "127.0.0.1"


def is_loopback(listener: socket.socket) -> bool:
    """Whether only this machine can reach a socket."""
    return ip_address(listener.getsockname()[0]).is_loopback


def address_here(listener: socket.socket) -> str:
    """Where a browser of this machine finds the page."""
    name, port = listener.getsockname()[:2]
    address = ip_address(name)
    if address.is_unspecified:  # it stands for all addresses
        name = HOST if address.version == 4 else "::1"
    return f"http://{f'[{name}]' if ':' in name else name}:{port}"


def listening(host: str, port: int) -> socket.socket:
    """A socket of a host, which is a name or an address of this machine.

    Raises:
        UsageError: it is none, or the port is taken.
    """
    family, address = _resolved(host, port)
    listener = socket.socket(family, socket.SOCK_STREAM)
    if os.name != "nt":  # there it would let two servers share a port
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6 and socket.has_dualstack_ipv6():  # "::" is all of IPv4, too
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    try:
        listener.bind(address)
    except OSError as err:
        listener.close()
        raise UsageError(
            f"port {port} of {host} cannot be used ({err.strerror}); another page may be open "
            "there. Choose another one with --port, or any free one with --port 0"
        ) from err
    return listener


def _resolved(host: str, port: int) -> tuple[socket.AddressFamily, Any]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as err:
        raise UsageError(
            f"--host {host}: no address is known for it; give an address of this machine, or "
            "0.0.0.0 for all of them"
        ) from err
    family, *_, address = found[0]
    return family, address
