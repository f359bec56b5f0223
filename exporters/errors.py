"""Defines the errors of an export; every message names the input and says what to do.

* ExportError        the export cannot go on
  x UsageError       the command line or the configuration is wrong
  x TargetExists     a file is in the way, and --overwrite was not given
  x MissingExtra     a library is needed that only an extra installs
"""

from __future__ import annotations

from db.errors import Advised


class ExportError(Advised):
    """The export cannot go on; the message says what to do."""


class UsageError(ExportError):
    """The command line or the configuration is wrong."""

    exit_code = 2


class TargetExists(ExportError):
    """A file is in the way, and ``--overwrite`` was not given."""


class MissingExtra(ExportError):
    """A library is needed that only an extra installs."""
