"""Writes a file or folder so that it is either whole or not there.

It is written under a temporary name beside its place, then renamed.
"""

from __future__ import annotations

import errno
import io
import os
import re
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from exporters.errors import ExportError, TargetExists

_SUFFIX: Final = ".strava-partial"
#: Pattern of our temporary names, which contain the process id; SQLite adds a journal.
_LEFT: Final = re.compile(rf"\..*\.(\d+){re.escape(_SUFFIX)}(?:-journal)?", re.DOTALL)
#: Seconds after which leftovers of a killed run are deleted, since no run uses them any more.
_STALE_S: Final = 3600
#: Errors of a full disk, of a quota, and of a limit for the size of a file.
_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """The temporary path to write to; renamed to ``path`` at the end, deleted after an error."""
    partial = _partial(path)
    try:
        partial.touch()  # before any work, and before a library words the error in its own way
        yield partial
        _sync(partial)
        os.replace(partial, path)
        _sync(path.parent)
    except OSError as err:
        raise unwritable(path, err) from err
    finally:
        with suppress(OSError):
            partial.unlink()


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """The same for a folder of files; what was at ``path`` is replaced as a whole."""
    partial, old = _partial(path), _partial(path.with_name(f"{path.name}.old"))
    try:
        partial.mkdir()
        yield partial
        for file in partial.rglob("*"):
            _sync(file)
        if path.exists():
            os.replace(path, old)
        os.replace(partial, path)
        _sync(path.parent)
    except OSError as err:
        raise unwritable(path, err) from err
    finally:
        for left in (partial, old):
            with suppress(OSError):
                _remove(left)


@contextmanager
def scratch_folder(path: Path) -> Iterator[Path]:
    """A folder for what is needed only until ``path`` is written."""
    folder = _partial(path.with_name(f"{path.name}.scratch"))
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class OutputFile(io.FileIO):
    """A file for libraries that write again while they clean up after a failed write.

    The first failure is raised. Later writes do nothing: the file is thrown away anyhow, and a
    second error would only be printed beside the message for the user.
    """

    _has_failed = False

    def write(self, data: Any, /) -> int:
        """Write all of the data; the system's own call may write only a part."""
        view = memoryview(data).cast("B")
        at = 0 if not self._has_failed else len(view)
        try:
            while at < len(view):
                at += super().write(view[at:])
        except OSError:
            self._has_failed = True
            raise
        return len(view)


def write_text(path: Path, text: str) -> None:
    """A whole text file, UTF-8 with plain line ends on every system."""
    with whole_file(path) as partial:
        partial.write_text(text, encoding="utf-8", newline="\n")


def prepare(folder: Path) -> None:
    """Make the folder, and delete what a killed run left in it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for left in folder.glob(f".*{_SUFFIX}*"):
            if _is_stale(left):
                _remove(left)
    except FileExistsError as err:
        raise ExportError(f"{folder} is a file, not a folder; choose another --out") from err
    except OSError as err:
        raise unwritable(f"the folder {folder}", err) from err


def _remove(path: Path) -> None:
    shutil.rmtree(path) if path.is_dir() else path.unlink()


def _is_stale(path: Path) -> bool:
    """Whether a file has a temporary name of ours and its process is gone."""
    match = _LEFT.fullmatch(path.name)
    return (
        match is not None
        and time.time() - path.stat().st_mtime > _STALE_S
        and not _is_running(int(match[1]))
    )


def _is_running(process: int) -> bool:
    if os.name == "nt":  # on Windows, asking would end the process; there only the age counts
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def refuse_existing(paths: Iterable[Path], overwrite: bool) -> None:
    """Raise ``TargetExists`` for the first path that is there, before any work is done."""
    found = [] if overwrite else [path for path in paths if path.exists()]
    if found:
        more = f" (and {len(found) - 1:,} more)" if len(found) > 1 else ""
        raise TargetExists(
            f"{found[0]}{more} exists already; use --overwrite to replace it, or choose "
            "another --out"
        )


def _partial(path: Path) -> Path:
    # A file's name may have 255 bytes, which the temporary one must respect, too.
    return path.with_name(f".{path.name[-60:]}.{os.getpid()}{_SUFFIX}")


def _sync(path: Path) -> None:
    """Flush a file to disk; a folder only where the system can."""
    if path.is_dir() and os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def unwritable(what: Path | str, err: OSError) -> ExportError:
    """The error for a file or folder that cannot be written; it says whether space would help."""
    if isinstance(err, PermissionError):
        return ExportError(
            f"{what} may not be written (permission denied); check who owns it and its folder, or "
            "choose another --out"
        )
    space = "free some space or " if err.errno in _FULL else ""
    return ExportError(
        f"{what} cannot be written ({err.strerror or err}); {space}choose another --out"
    )
