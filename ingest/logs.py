"""The log: a rotating file in the playground folder, and the terminal when asked."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.logging import RichHandler

from ingest.config import make_folder

_FORMAT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_BYTES, _FILES = 1_000_000, 3


@contextmanager
def logging_to(file: Path | None, verbose: bool, console: Console) -> Iterator[None]:
    """Send the importer's log records to a file (``None``: to none) and, when verbose, to the terminal."""
    handlers: list[logging.Handler] = []
    if file is not None:
        make_folder(file.parent)
        handlers.append(RotatingFileHandler(file, maxBytes=_BYTES, backupCount=_FILES, encoding="utf-8", delay=True))
        handlers[0].setFormatter(logging.Formatter(_FORMAT))
    if verbose:
        handlers.append(RichHandler(console=console, show_path=False))
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
