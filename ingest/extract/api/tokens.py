"""Keeps tokens and the app's secret in a file that only its owner can read.

The file is always replaced as a whole.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from filelock import FileLock, Timeout

from ingest.errors import NotAuthorized, StravaUnavailable
from ingest.folders import sync_folder

#: Seconds to wait for another process's lock. A renewal takes a second or two; three attempts at a
#: server that does not answer take longer than anybody waits.
_PATIENCE_S: Final = 60
_OWNER_ONLY: Final = 0o600


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """One athlete's grant to one API app."""

    client_id: int
    client_secret: str = field(repr=False)
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    #: End of the access token by this machine's clock; so it does no harm if that is wrong.
    expires_at: datetime
    scopes: frozenset[str]
    athlete_id: int
    first_name: str = ""
    last_name: str = ""

    @property
    def athlete_name(self) -> str:
        """The athlete's name as people write it."""
        return (
            " ".join(filter(None, (self.first_name, self.last_name)))
            or f"athlete {self.athlete_id}"
        )


class TokenFile:
    """The file that keeps the tokens."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def load(self) -> Tokens | None:
        """The tokens; ``None`` when there is no file.

        Raises:
            NotAuthorized: there is one, but it cannot be read.
        """
        try:
            return _from_json(json.loads(self.path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
        except OSError as err:
            raise NotAuthorized(
                f"{self.path} cannot be read ({err.strerror}); make it readable, or connect again",
                "connect",
            ) from err
        except (ValueError, KeyError, TypeError, AttributeError):
            # ``from None``, because the cause's text may quote the secrets in the file.
            raise NotAuthorized(f"{self.path} is damaged; to replace it", "connect") from None

    def save(self, tokens: Tokens) -> None:
        """Replace the file in one step: on the disk it is either wholly old or wholly new.

        Raises:
            NotAuthorized: it cannot be written.
        """
        try:
            self._replace(json.dumps(_to_json(tokens), indent=1).encode())
        except OSError as err:
            raise NotAuthorized(
                f"{self.path} cannot be written ({err.strerror}); free some space or make the "
                "folder writable, then connect again",
                "connect",
            ) from err

    def remove(self) -> bool:
        """Delete the file and leftovers of interrupted writes; returns whether the file was there.

        Raises:
            NotAuthorized: it cannot be deleted.
        """
        try:
            for rest in self.path.parent.glob(f"{self.path.name}.*.tmp"):
                rest.unlink(missing_ok=True)
            self.path.unlink()
        except FileNotFoundError:
            return False
        except OSError as err:
            raise NotAuthorized(
                f"{self.path} cannot be deleted ({err.strerror}); delete it by hand"
            ) from err
        return True

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes and threads from changing the file; must not be nested.

        Raises:
            StravaUnavailable: another one has been changing it for a minute.
        """
        # The lock is on a file beside it, since this file is replaced and a lock stays with the old
        # one.
        path = self.path.with_name(f"{self.path.name}.lock")
        lock = FileLock(path, mode=_OWNER_ONLY)
        try:
            lock.acquire(timeout=_PATIENCE_S)
            # The lock file is empty, but a user who can open it could hold its lock and stop
            # renewals. An older version may have left it open to all.
            with suppress(PermissionError):
                os.chmod(path, _OWNER_ONLY)
        except Timeout as err:
            raise StravaUnavailable(
                f"another process has held {path}, the lock of the connection to Strava, for "
                f"{_PATIENCE_S} s; end that process, or try again later"
            ) from err
        except OSError as err:
            raise NotAuthorized(
                f"the lock file {path} cannot be used ({err.strerror or err}); make the folder "
                "writable"
            ) from err
        try:
            yield
        finally:
            lock.release()

    def _replace(self, content: bytes) -> None:
        # mkstemp's files belong to their owner alone (0600) from the moment they exist.
        handle, name = tempfile.mkstemp(
            prefix=f"{self.path.name}.", suffix=".tmp", dir=self.path.parent
        )
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, self.path)
        except BaseException:
            with suppress(OSError):
                os.unlink(name)
            raise
        sync_folder(self.path.parent)


def _to_json(tokens: Tokens) -> dict[str, Any]:
    return asdict(tokens) | {
        "expires_at": tokens.expires_at.astimezone(UTC).isoformat(),
        "scopes": sorted(tokens.scopes),
    }


def _from_json(stored: dict[str, Any]) -> Tokens:
    texts = {
        name: stored[name]
        for name in ("client_secret", "access_token", "refresh_token", "first_name", "last_name")
    }
    if not all(isinstance(text, str) for text in (*texts.values(), *stored["scopes"])):
        raise TypeError
    return Tokens(
        client_id=int(stored["client_id"]),
        expires_at=datetime.fromisoformat(stored["expires_at"]).astimezone(UTC),
        scopes=frozenset(stored["scopes"]),
        athlete_id=int(stored["athlete_id"]),
        **texts,
    )
