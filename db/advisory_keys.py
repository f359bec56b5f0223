"""Names PostgreSQL's advisory locks of runs, as SQL: how to take, give back and find each.

A lock has two numbers. The first keeps other programs' locks apart from ours; the second is the
hash of the schema's name and of what in it is locked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import Final

import sqlalchemy as sa

#: "strv", "stra" and "strt".
_SCHEMAS: Final = 0x73747276
_ATHLETES: Final = 0x73747261
_TURNS: Final = 0x73747274


@dataclass(frozen=True, slots=True)
class AdvisoryKey:
    """One lock of the schema that the connection writes to."""

    family: int
    #: What is locked in the schema; ours alone, so that it needs no escaping.
    what: str = ""

    @property
    def _hash(self) -> str:
        return f"hashtext(coalesce(current_schema(), '') || '{self.what}')"

    @property
    def _numbers(self) -> str:
        return f"{self.family}, {self._hash}"

    @property
    def rows(self) -> str:
        """The rows of ``pg_locks l`` that are this lock, whoever holds it."""
        return (
            "l.locktype = 'advisory' AND l.granted AND l.objsubid = 2"
            f" AND l.classid = CAST({self.family} AS oid)"
            f" AND l.objid::bigint = {self._hash}::bigint & 4294967295"
            " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )

    @property
    def is_held(self) -> str:
        """Whether this session holds it, alone or with others."""
        return f"EXISTS (SELECT FROM pg_locks l WHERE {self.rows} AND l.pid = pg_backend_pid())"

    @property
    def is_others(self) -> str:
        """Ask whether another session holds it."""
        others = f"SELECT FROM pg_locks l WHERE {self.rows} AND l.pid <> pg_backend_pid()"
        return f"SELECT EXISTS ({others})"

    @property
    def take_alone(self) -> str:
        """Wait for it."""
        return f"SELECT pg_advisory_lock({self._numbers})"

    @property
    def take_share(self) -> str:
        """Wait until nobody has it alone."""
        return f"SELECT pg_advisory_lock_shared({self._numbers})"

    @property
    def take_in_transaction(self) -> str:
        """Wait for it; the end of the transaction gives it back."""
        return f"SELECT pg_advisory_xact_lock({self._numbers})"

    @property
    def try_alone(self) -> str:
        """Take it if nobody else has it."""
        return f"SELECT pg_try_advisory_lock({self._numbers})"

    @property
    def give_back(self) -> str:
        """Give back what was taken alone."""
        return f"SELECT pg_advisory_unlock({self._numbers})"

    @property
    def give_back_share(self) -> str:
        """Give back a share."""
        return f"SELECT pg_advisory_unlock_shared({self._numbers})"


SCHEMA: Final = AdvisoryKey(_SCHEMAS)


def key_of(athlete_id: int) -> AdvisoryKey:
    """The lock of an athlete's rows."""
    return AdvisoryKey(_ATHLETES, f"/{athlete_id:d}")


def key_of_turn(what: str) -> AdvisoryKey:
    """The lock of what belongs to no athlete."""
    return AdvisoryKey(_TURNS, f"/{what}")


def holder(connection: sa.Connection, key: AdvisoryKey) -> str | None:
    """Who holds a lock, but for this session where others do."""
    row = connection.exec_driver_sql(
        "SELECT a.pid, a.client_addr, a.backend_start FROM pg_locks l JOIN pg_stat_activity a"
        f" USING (pid) WHERE {key.rows} ORDER BY l.pid = pg_backend_pid(), a.backend_start LIMIT 1"
    ).first()
    if row is None:
        return None
    since = row.backend_start.astimezone(UTC)
    return (
        f"server process {row.pid}, client {row.client_addr or 'local'}, since "
        f"{since:%Y-%m-%d %H:%M:%S} UTC"
    )
