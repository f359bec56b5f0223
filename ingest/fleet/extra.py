"""Says which line installs the libraries of a fleet, which the base install leaves out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from ingest.errors import UsageError

_LEFT_OUT: Final = ("bokeh", "cryptography", "dask", "distributed", "fsspec", "s3fs")


@contextmanager
def needs_fleet() -> Iterator[None]:
    """Import libraries of the extra in this block.

    Raises:
        UsageError: one of them is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as err:
        library = (err.name or "").partition(".")[0]
        if library not in _LEFT_OUT:
            raise
        raise UsageError(
            f"fleet needs {library}, which is not installed; to install it",
            'pip install "strava-ingest[fleet]"',
        ) from err
