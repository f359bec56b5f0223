"""Decides under which Host headers browsers may reach the page.

Another web page can have its own name lead to this machine (DNS rebinding), and would then be of
the same origin as ours. An address cannot be made to lead elsewhere; names must be known.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

from ingest.errors import UsageError

#: The whole header must be one: parts of it could else be taken for another path.
_HEADER: Final = re.compile(r"(\[[0-9a-f:.]{2,45}\]|[a-z0-9._-]{1,253})(:\d{1,5})?", re.IGNORECASE)
_NAME: Final = re.compile(r"[a-z0-9._-]{1,253}", re.IGNORECASE)
_LOCAL: Final = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hosts:
    """The hosts of the page."""

    #: In lower case, beside those of this machine alone.
    names: frozenset[str] = frozenset()
    #: Whether the page listens on addresses that other machines can reach.
    is_open: bool = False

    @property
    def are_only_local(self) -> bool:
        """Whether no browser of another machine can come in."""
        return not (self.is_open or self.names)

    def has(self, header: str) -> bool:
        """Whether a Host header is one of ours."""
        host = host_in(header)
        if host in _LOCAL or host in self.names:
            return True
        return self.is_open and _address(host) is not None


def host_in(header: str) -> str:
    """The host of a Host header, in lower case; empty if the header is none."""
    found = _HEADER.fullmatch(header)
    return "" if found is None else found[1].strip("[]").lower()


def checked_names(names: Iterable[str]) -> frozenset[str]:
    """Names that a user has allowed.

    Raises:
        UsageError: one is no name of a host.
    """
    for name in names:
        if not _NAME.fullmatch(name):
            raise UsageError(
                f"--allowed-host {name!r} is no name of a host; give it without http:// and port, "
                "such as strava.example.org"
            )
    return frozenset(name.lower() for name in names)


def names_of_this_machine() -> frozenset[str]:
    """What this machine is called in its network."""
    name = socket.gethostname().lower()
    return frozenset({name, f"{name.partition('.')[0]}.local"}) if name else frozenset()


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None
