"""Defines everything that can go wrong while reading, as one small tree.

* IngestError              one input failed; the run goes on
  x UnsupportedFormat      the content is of no format that a parser is registered for
  x CorruptFile            the parser could not read it
  x NoPermission           this user may not read it
  x NotAnExport            it was dropped or given as an export, and is none
  x Unfinished             it is still being copied or downloaded
  x MissingFile            activities.csv names it, the export lacks it
  x NoSamples              readable, but holds no track points, laps or sessions; not worth retrying
  x TooLarge               a member or file that inflates past the bound that protects this machine
  x TooSlow                a device file that was not read within its deadline
  x BadTable               a CSV that is not what its name says
  x RequestFailed          a request failed, however often it was tried; it may succeed later
    - ForeignAnswer        the answer is about another athlete or activity than was asked for
    - NotFound             Strava does not have it, or does not show it to this account
* AbortRun                 the run cannot go on
  x UsageError             the command line or the configuration is wrong
  x DatabaseError          the database cannot be opened, migrated or written
    - LockLost             the run's lock was lost; what it had written is whole
  x Interrupted            the user has stopped the run
  x AlreadyRunning         another run holds the lock of the database, or of an athlete in it
  x NotAuthorized          Strava does not let us in
    - WrongApp             it does not know the API app, or not with this secret
  x StravaUnavailable      Strava cannot be reached, or does not answer as it should
* RateLimited              Strava asks us to come back later
"""

from __future__ import annotations

import re
from typing import Final

from db.errors import Advised

#: What PostgreSQL or SQLite cannot store: NUL, and the halves of surrogate pairs that Python puts
#: into names of files that are no UTF-8.
_NOT_STORABLE: Final = re.compile("[\0\ud800-\udfff]")


def storable(text: str) -> str:
    """The text with U+FFFD for what no database can store."""
    return text if text.isascii() and "\0" not in text else _NOT_STORABLE.sub("\ufffd", text)


class IngestError(Exception):
    """One input could not be read. Always names the input.

    ``kind`` is the short machine-readable word that ``import_issues`` stores.
    """

    kind = "error"

    def __init__(self, origin: str, reason: str) -> None:
        self.origin, self.reason = storable(origin), storable(reason)
        super().__init__(f"{self.origin}: {self.reason}")

    def __reduce__(self) -> tuple[type[IngestError], tuple[str, str]]:
        # Parser processes pickle errors; the default would pass only one of the two arguments.
        return type(self), (self.origin, self.reason)


class UnsupportedFormat(IngestError):
    """The content is of no format that a parser is registered for."""

    kind = "unsupported"


class CorruptFile(IngestError):
    """The parser could not read the file."""

    kind = "corrupt"


class NoPermission(IngestError):
    """This user may not read the file or folder; nothing is known of its content."""

    kind = "permission"


class NotAnExport(IngestError):
    """It was dropped or given as an export, and is none; the reason says what it is."""

    kind = "not-an-export"


class Unfinished(IngestError):
    """It is still being copied or downloaded."""

    kind = "unfinished"


class MissingFile(IngestError):
    """``activities.csv`` names the file, the export lacks it."""

    kind = "missing"


class NoSamples(IngestError):
    """The file is readable, but holds no track points, laps or sessions."""

    kind = "empty"


class TooLarge(IngestError):
    """The input inflates past the bound that protects this machine."""

    kind = "too-large"


class TooSlow(IngestError):
    """The device file was not read within its deadline."""

    kind = "too-slow"


class BadTable(IngestError):
    """The CSV is not what its name says."""

    kind = "table"


class RequestFailed(IngestError):
    """A request to the Strava API failed, however often it was tried."""

    kind = "api"


class ForeignAnswer(RequestFailed):
    """The answer is about another athlete or activity than was asked for."""

    kind = "foreign"


class NotFound(RequestFailed):
    """Strava does not have it, or does not show it to this account."""


class AbortRun(Advised):
    """The run cannot go on; the message says what to do."""


class UsageError(AbortRun):
    """The command line or the configuration is wrong."""

    exit_code = 2


class DatabaseError(AbortRun):
    """The database cannot be opened, migrated or written."""


class LockLost(DatabaseError):
    """The run's lock was lost, so another run may have begun;
    what this one had written is whole.
    """


class Interrupted(AbortRun):
    """The user has stopped the run; the message says what is kept."""

    @classmethod
    def after(cls, *, has_stored: bool) -> Interrupted:
        """The error of a run that has stored something, or nothing yet."""
        if has_stored:
            return cls("interrupted; what was imported until now is kept. To go on, run again")
        return cls("interrupted before anything was stored")


class AlreadyRunning(AbortRun):
    """Another run holds the lock of the database, or of an athlete in it."""


class NotAuthorized(AbortRun):
    """Strava does not let us in; the message says why and what to do."""


class WrongApp(NotAuthorized):
    """Strava does not know the API app, or not with this secret.

    ``reason`` leaves out what to do in a terminal.
    """

    def __init__(self, reason: str) -> None:
        # `connect` uses id and secret again from the last time, so wrong ones must be replaced or
        # forgotten.
        super().__init__(
            f"{reason}: correct STRAVA_CLIENT_ID and STRAVA_CLIENT_SECRET where you have set them; "
            "then forget the saved ones, and connect again",
            "disconnect",
            "connect",
        )
        self.reason = reason


class StravaUnavailable(AbortRun):
    """Strava cannot be reached, or does not answer as it should."""


class RateLimited(Exception):
    """Strava asks us to come back later; whoever asked keeps what is left to do."""
