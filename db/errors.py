"""Defines the errors of the database itself; each says what happened and what to do.

* Advised           what to do can be commands of this program; other errors of ours are one, too
* DatabaseProblem   it cannot be reached, opened, migrated or written
  x NoDatabase      the SQLite file is not there, and only reading was wanted
  x LockLost        the run's lock was lost while it ran
* Locked            another run writes to it right now
"""

from __future__ import annotations


class Advised(Exception):
    """An error whose message ends in what to do; ``commands`` of this program do it.

    A command is told by its arguments, such as ``"migrate --repair"``: how the program was started,
    and on which database, is known only where the error is shown. ``"pip install ..."`` may be one,
    too.
    """

    exit_code = 1

    def __init__(self, message: str, *commands: str) -> None:
        super().__init__(message, *commands)
        self.message, self.commands = message, commands

    def __str__(self) -> str:
        if not self.commands:
            return self.message
        return f"{self.message}: {', then '.join(map(_whole, self.commands))}"


def _whole(command: str) -> str:
    return f"python -m {command}" if command.startswith("pip ") else f"python -m ingest {command}"


class DatabaseProblem(Advised):
    """The database cannot be used; the message names its URL without the password."""


class NoDatabase(DatabaseProblem):
    """The SQLite file is not there, and only reading was wanted."""


class LockLost(DatabaseProblem):
    """The run's lock was lost while it ran; nothing can be committed any more."""


class Locked(Advised):
    """Another run holds the lock of the database, or of an athlete in it."""

    @classmethod
    def by(
        cls, database: str, holder: str | None, what: str = "another run is writing to it"
    ) -> Locked:
        """Name the database, what is locked, and who holds the lock where that is known."""
        who = f" ({holder})" if holder else ""
        return cls(f"{database}: {what}{who}; wait until it has ended")
