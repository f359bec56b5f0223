"""Makes a ZIP of files while it is sent, so that it takes neither memory nor disk."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

#: Bytes that are read of a file at once.
_CHUNK: Final = 1 << 18
#: Text shrinks to a sixth even so, three times as fast as by default.
_LEVEL: Final = 1


class _Outlet(io.RawIOBase):
    """Keeps what the archive writes until it is taken; it cannot go back."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        with memoryview(data) as view:  # type: ignore[arg-type]
            self._waiting += view
            return view.nbytes

    def take(self) -> bytes:
        """What was written since the last time."""
        taken = bytes(self._waiting)
        self._waiting.clear()
        return taken


def zipped(files: Iterable[tuple[str, Path]]) -> Iterator[bytes]:
    """The ZIP of files, each with its name in there, piece by piece."""
    outlet = _Outlet()
    with ZipFile(outlet, "w", ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
        for name, path in files:
            entry = ZipInfo.from_file(path, name)
            entry.compress_type = ZIP_DEFLATED
            with path.open("rb") as file, archive.open(entry, "w") as member:
                while data := file.read(_CHUNK):
                    member.write(data)
                    if piece := outlet.take():
                        yield piece
    yield outlet.take()
