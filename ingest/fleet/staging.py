"""Copies an export out of object storage to the worker's disk, as long as it is read.

The ZIP is copied whole, since a first import reads nearly every file in it. A worker has one copy
at a time, in dask's own folder of that worker: dask removes what a killed worker has left there.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ingest.errors import RequestFailed, TooLarge
from ingest.fleet.sources import Source

#: Bytes of the disk that are left free.
_LEFT_FREE: Final = 10**9


@contextmanager
def staged(source: Source, folder: Path, limit: int) -> Iterator[Path]:
    """The path of an export on this machine; a copy is removed after the block.

    Args:
        source: the export.
        folder: where copies are made.
        limit: bytes that a copy may have.

    Raises:
        TooLarge: it is larger, or the disk has no room for it.
        RequestFailed: it cannot be copied; another time it may be possible.
    """
    if not source.is_remote:
        yield Path(source.url)
        return
    with tempfile.TemporaryDirectory(dir=folder, prefix="export-") as place:
        _refuse_large(source, Path(place), limit)
        yield _copied(source, Path(place))


def _refuse_large(source: Source, place: Path, limit: int) -> None:
    size = source.size or 0
    if size > limit:
        raise TooLarge(
            source.name,
            f"the ZIP has more than {limit / 1e9:,.0f} GB; if it is an export, raise "
            "STRAVA_MAX_EXPORT_GB",
        )
    free = shutil.disk_usage(place).free
    if size + _LEFT_FREE > free:
        raise TooLarge(
            source.name,
            f"the disk of the worker has {free / 1e9:,.1f} GB free, too little for its "
            f"{size / 1e9:,.1f} GB; give workers another folder (dask worker --local-directory, or "
            "TMPDIR)",
        )


def _copied(source: Source, place: Path) -> Path:
    import fsspec

    try:
        # The name is kept, since it tells whose export it is.
        path = Path(
            fsspec.open_local(
                f"simplecache::{source.url}",
                simplecache={"cache_storage": str(place), "same_names": True},
            )
        )
    # Each file system raises errors of the library that it stands on.
    except Exception as err:
        raise RequestFailed(
            source.name, f"could not be copied to the worker ({type(err).__name__}: {err})"
        ) from err
    if source.size is not None and path.stat().st_size != source.size:
        raise RequestFailed(source.name, "changed while it was copied to the worker")
    if source.changed_at is not None:
        # An export is known by the time of its ZIP, too.
        os.utime(path, (source.changed_at, source.changed_at))
    return path
