"""Grants of one app: codes, access tokens that live six hours, refresh tokens that rotate."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Literal

from tests.strava.clock import Clock

SCOPES: Final = (
    "read",
    "read_all",
    "profile:read_all",
    "profile:write",
    "activity:read",
    "activity:read_all",
    "activity:write",
)
Rotation = Literal["always", "with_access_token", "never"]
_LIFE_S: Final = 21_600
#: A token that lives longer than this is given out again by a refresh.
_REUSED_S: Final = 3_600
_CODE_S: Final = 600


@dataclass(slots=True)
class Grant:
    """What the athlete allowed once. Old access tokens stay valid until they expire, the old
    refresh token does not.
    """

    scopes: tuple[str, ...]
    refresh_token: str | None
    #: Access token -> when it expires.
    access: dict[str, int] = field(default_factory=dict)

    @property
    def newest(self) -> tuple[str, int]:
        return list(self.access.items())[-1]


class Tokens:
    """The token store."""

    def __init__(self, clock: Clock, rotation: Rotation = "always") -> None:
        self._clock = clock
        self._lock = threading.RLock()
        self._made = 0
        self._codes: dict[str, tuple[tuple[str, ...], float]] = {}
        self.rotation: Rotation = rotation
        self.grants: list[Grant] = []

    def code(self, scopes: Iterable[str]) -> str:
        """A code for these scopes, good for one exchange within ten minutes."""
        with self._lock:
            code = self._secret("code")
            self._codes[code] = (tuple(scopes), self._clock.epoch() + _CODE_S)
            return code

    def exchange(self, code: str) -> Grant | None:
        """The grant that a code stands for, once."""
        with self._lock:
            scopes, until = self._codes.pop(code, ((), 0.0))
            return self.grant(scopes) if self._clock.epoch() < until else None

    def grant(self, scopes: Iterable[str]) -> Grant:
        """A new grant."""
        with self._lock:
            grant = Grant(tuple(scopes), self._secret("refresh"))
            self._new_access(grant)
            self.grants.append(grant)
            return grant

    def refresh(self, refresh_token: str) -> Grant | None:
        """The grant with tokens as a refresh leaves them; ``None`` for a token that is dead."""
        with self._lock:
            grant = next(
                (
                    one
                    for one in self.grants
                    if refresh_token and one.refresh_token == refresh_token
                ),
                None,
            )
            if grant is None:
                return None
            is_due = grant.newest[1] - self._clock.epoch() <= _REUSED_S
            if is_due:
                self._new_access(grant)
            if self.rotation == "always" or (is_due and self.rotation == "with_access_token"):
                grant.refresh_token = self._secret("refresh")
            return grant

    def scopes(self, access_token: str) -> tuple[str, ...] | None:
        """What an access token may do, ``None`` for one that is expired or unknown."""
        with self._lock:
            found = (
                one for one in self.grants if one.access.get(access_token, 0) > self._clock.epoch()
            )
            return next((grant.scopes for grant in found), None)

    def revoke(self, token: str) -> None:
        """Revoking either token of a grant revokes both; an unknown one is no error."""
        with self._lock:
            self.grants = [
                one for one in self.grants if token != one.refresh_token and token not in one.access
            ]

    def revoke_all(self) -> None:
        """The athlete withdraws all that was granted."""
        with self._lock:
            self.grants.clear()

    def expire_access(self) -> None:
        """Every access token has just expired."""
        with self._lock:
            for grant in self.grants:
                grant.access = dict.fromkeys(grant.access, int(self._clock.epoch()) - 1)

    def kill_refresh(self) -> None:
        """No refresh token is valid any more."""
        with self._lock:
            for grant in self.grants:
                grant.refresh_token = None

    def covers(self, scopes: Iterable[str]) -> bool:
        """Whether the athlete has allowed all of this before."""
        return any(set(scopes) <= set(grant.scopes) for grant in self.grants)

    def _new_access(self, grant: Grant) -> None:
        grant.access[self._secret("access")] = int(self._clock.epoch()) + _LIFE_S

    def _secret(self, kind: str) -> str:
        self._made += 1
        return hashlib.sha1(f"{kind} {self._made} {id(self)}".encode()).hexdigest()
