"""Defines the errors of the database itself; each says what happened and what to do.

* DatabaseProblem   it cannot be reached, opened, migrated or written
  x NoDatabase      the SQLite file is not there, and only reading was wanted
  x LockLost        the run's lock was lost while it ran
* Locked            another run writes to it right now
"""

from __future__ import annotations


class DatabaseProblem(Exception):
    """The database cannot be used; the message names its URL without the password."""


class NoDatabase(DatabaseProblem):
    """The SQLite file is not there, and only reading was wanted."""


class LockLost(DatabaseProblem):
    """The run's lock was lost while it ran; nothing can be committed any more."""


class Locked(Exception):
    """Another run holds the database's lock."""

    @classmethod
    def by(cls, database: str, holder: str | None) -> Locked:
        """Name the database, and who holds its lock where that is known."""
        who = f" ({holder})" if holder else ""
        return cls(f"{database}: another run is writing to it{who}; wait until it has ended")
