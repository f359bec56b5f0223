"""Says which line installs the libraries that the base install leaves out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from exporters.errors import MissingExtra

#: Libraries that only an extra of pyproject.toml installs.
_LEFT_OUT: Final = ("pandas", "polars", "pyarrow")


@contextmanager
def needs(extra: str) -> Iterator[None]:
    """Import libraries of an extra in this block.

    Raises:
        MissingExtra: one of them is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as err:
        library = (err.name or "").partition(".")[0]
        if library not in _LEFT_OUT:
            raise
        raise MissingExtra(
            f"this needs {library}, which is not installed; to install it",
            f'pip install "strava-ingest[{extra}]"',
        ) from err
