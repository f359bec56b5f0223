"""Lets roles of PostgreSQL read the database, and takes that back."""

from __future__ import annotations

from collections.abc import Collection

from db.readonly import grant_readonly, revoke_readonly
from db.row_security import quoted
from db.url import shown_database
from ingest.config import Config
from ingest.run.database import database_errors


def grant(config: Config, role: str, athletes: Collection[int] = ()) -> list[str]:
    """Let a role read the rows of some athletes, without any of all; sentences about it."""
    with database_errors():
        is_new = grant_readonly(config.database, role, athletes or None)
    name = shown_database(config.database)
    made = (
        [
            f"{role} was created without a password; to give it one: ALTER ROLE {quoted(role)} "
            "PASSWORD '...'"
        ]
        if is_new
        else []
    )
    if not athletes:
        return [f"{role} may read all tables of {name}, and write none", *made]
    ids = ", ".join(map(str, sorted(set(athletes))))
    whose = f"athlete {ids}" if len(set(athletes)) == 1 else f"the athletes {ids}"
    return [f"{role} may read the rows of {whose} in {name}, no others, and write none", *made]


def take_back(config: Config, role: str) -> list[str]:
    """Take back what a role was granted; sentences about it."""
    with database_errors():
        revoke_readonly(config.database, role)
    return [
        f"{role} may read no table of {shown_database(config.database)} any more; to remove the "
        f"role itself: DROP ROLE {quoted(role)}"
    ]
