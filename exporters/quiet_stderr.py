"""Keeps off the terminal what a library's own threads print when they end in an error."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_STDERR: Final = 2


@contextmanager
def quiet_stderr() -> Iterator[None]:
    """Drop what is printed meanwhile: the error is told in a sentence.

    Progress that is drawn meanwhile is drawn again after it.
    """
    try:
        own = os.dup(_STDERR)
    except OSError:  # a program without a terminal may have closed it
        yield
        return
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), _STDERR)
    try:
        yield
    finally:
        os.dup2(own, _STDERR)
        os.close(own)
