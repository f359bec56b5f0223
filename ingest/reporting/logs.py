"""Writes the log to a rotating file in the playground folder, and to the terminal when asked."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.logging import RichHandler

from db.terminal import printable, warn
from ingest.folders import make_folder

_FORMAT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_BYTES, _FILES = 1_000_000, 3


class _Formatter(logging.Formatter):
    """One line per record, whatever names stand in it."""

    def format(self, record: logging.LogRecord) -> str:
        return printable(super().format(record))


class _LogFile(RotatingFileHandler):
    """A log whose failure, on a full disk for example, is said once and ends no import."""

    _has_failed = False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        err = sys.exc_info()[1]
        if not isinstance(err, OSError):
            super().handleError(record)
        elif not self._has_failed:
            self._has_failed = True
            warn(
                f"strava-ingest: the log {self.baseFilename} cannot be written "
                f"({err.strerror or err})"
            )

    def close(self) -> None:
        with suppress(OSError):  # what could not be written is tried once more
            super().close()


@contextmanager
def logging_to(file: Path | None, verbose: bool, console: Console) -> Iterator[None]:
    """Send the importer's log records to a file (``None``: to none) and, when verbose, to the
    terminal.
    """
    # Without any handler, Python would print errors on the terminal, which are told there anyway.
    handlers: list[logging.Handler] = [logging.NullHandler()]
    if file is not None:
        make_folder(file.parent)
        handlers.append(
            _LogFile(file, maxBytes=_BYTES, backupCount=_FILES, encoding="utf-8", delay=True)
        )
        handlers[-1].setFormatter(_Formatter(_FORMAT))
    if verbose:
        handlers.append(RichHandler(console=console, show_path=False))
        handlers[-1].setFormatter(_Formatter())
    loggers = [logging.getLogger(name) for name in ("ingest", "db")]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.DEBUG if verbose else logging.INFO)
        for handler in handlers:
            logger.addHandler(handler)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)
            for handler in handlers:
                logger.removeHandler(handler)
        for handler in handlers:
            handler.close()
