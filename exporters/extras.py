"""Says which line installs the libraries that the base install leaves out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Final

from exporters.errors import MissingExtra

#: Libraries that only an extra of pyproject.toml installs.
_LEFT_OUT: Final = ("deltalake", "pandas", "polars", "pyarrow")
#: Those that an exporter's extra has.
_OF_EXPORTERS: Final = {"lake": ("deltalake", "pyarrow"), "parquet": ("pyarrow",)}


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
        raise _missing(library, extra) from err


def missing(extra: str) -> MissingExtra | None:
    """Why an exporter cannot run, if its extra is not installed; nothing is loaded to find out."""
    for library in _OF_EXPORTERS[extra] if extra else ():
        if find_spec(library) is None:
            return _missing(library, extra)
    return None


def _missing(library: str, extra: str) -> MissingExtra:
    return MissingExtra(
        f"this needs {library}, which is not installed; to install it",
        f'pip install "strava-ingest[{extra}]"',
    )
