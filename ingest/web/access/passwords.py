"""Reads the password that lets other machines in, and limits how often wrong ones can be tried."""

from __future__ import annotations

import hashlib
import hmac
import math
import os
import shlex
import stat
import time
from collections import deque
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address
from pathlib import Path
from typing import Final

from ingest.errors import UsageError

#: Characters that a password must have.
SHORTEST: Final = 12
#: Bytes of a file that are read.
_LONGEST: Final = 1_024
#: Seconds for which a wrong password counts.
WINDOW_S: Final = 300
#: Wrong passwords of one address, and of all together, until they must wait.
OF_ONE: Final = 5
OF_ALL: Final = 50


class Password:
    """A password, of which only the digest is kept."""

    def __init__(self, text: str) -> None:
        self._digest = _digest(text)

    def is_same(self, text: str) -> bool:
        """Whether a text is the password; takes equally long whatever the text is."""
        return hmac.compare_digest(_digest(text), self._digest)


@dataclass(frozen=True, slots=True)
class _Wrong:
    at_s: float
    address: str


@dataclass(slots=True)
class WrongPasswords:
    """The wrong passwords of the last minutes.

    Each address has a limit of its own, so that a stranger keeps nobody else out. All together have
    another one, which holds for whoever has many addresses; an address from which the right
    password came once is free of it.
    """

    _wrong: deque[_Wrong] = field(default_factory=deque)
    _known: set[str] = field(default_factory=set)

    def wait_s(self, client: str) -> int:
        """Seconds that an address has to wait until it may try a password."""
        address, now_s = _place(client), time.monotonic()
        while self._wrong and now_s - self._wrong[0].at_s >= WINDOW_S:
            self._wrong.popleft()
        blocking = [one for one in self._wrong if one.address == address][-OF_ONE:]
        if len(blocking) < OF_ONE:
            blocking = [] if address in self._known else list(self._wrong)[-OF_ALL:]
            if len(blocking) < OF_ALL:
                return 0
        return math.ceil(blocking[0].at_s + WINDOW_S - now_s)

    def add(self, client: str) -> None:
        """Count a wrong password."""
        self._wrong.append(_Wrong(time.monotonic(), _place(client)))

    def trust(self, client: str) -> None:
        """Remember an address from which the right password came."""
        self._known.add(_place(client))


def read_password(file: Path) -> Password:
    """The password in the first line of a file.

    Raises:
        UsageError: it cannot be read, others can read it, or it is too short.
    """
    try:
        with file.open("rb") as stream:
            if os.name != "nt" and stat.S_IMODE(os.fstat(stream.fileno()).st_mode) & 0o077:
                raise UsageError(
                    f"{file} can be read or changed by others, and holds a password; use: "
                    f"chmod 600 {shlex.quote(str(file))}"
                )
            line = stream.read(_LONGEST + 1).partition(b"\n")[0].removesuffix(b"\r")
        text = line.decode("utf-8-sig")
    except OSError as err:
        raise UsageError(
            f"--password-file {file} cannot be read ({err.strerror}); give a file whose first "
            "line is the password"
        ) from err
    except UnicodeDecodeError:
        # ``from None``, because the cause's text quotes the password.
        raise UsageError(f"--password-file {file} is no text in UTF-8; write it anew") from None
    if len(text) < SHORTEST or len(line) > _LONGEST:
        raise UsageError(
            f"the first line of {file} is the password, and must have {SHORTEST} to {_LONGEST:,} "
            "characters; write another one"
        )
    return Password(text)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()


def _place(client: str) -> str:
    """What stands for an address: of IPv6 its network, since a home has 2^64 of them."""
    try:
        address = ip_address(client.partition("%")[0])
    except ValueError:
        return client[:100]
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or address.exploded[:19])
    return str(address)
