"""Lists exports that lie on this machine, for the page to offer: in the drop folder and among the
downloads.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ingest.errors import storable
from ingest.extract.candidates import dropped, given
from ingest.extract.device_files import is_passed_over
from ingest.extract.loose_files import KnownLoose

#: How Strava names exports; other ZIPs among the downloads are not looked at.
_NAMES: Final = "[Ee]xport_*.[Zz][Ii][Pp]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """A ZIP or a folder that may be an export; ``size`` is ``None`` for a folder."""

    path: Path
    place: str
    size: int | None


def offered(drop: Path, known: KnownLoose) -> Sequence[Offered]:
    """What may be an export, judged by name and first bytes; nothing else is read, and nothing of
    the device files that are known.
    """
    found = [*_each(dropped(drop, known).paths, "the drop folder")]
    downloads = _downloads()
    if downloads is not None and not _is_same(downloads, drop):
        found += _each(given(sorted(downloads.glob(_NAMES)), drop).paths, "Downloads")
    return found


def holds_files(drop: Path) -> bool:
    """Whether anything lies in the drop folder that a run would look at."""
    try:
        return any(not is_passed_over(path.name) for path in drop.iterdir())
    except OSError:  # it is not there, or this user may not list it
        return False


def _each(paths: Sequence[Path], place: str) -> Iterator[Offered]:
    for path in paths:
        whole = path.absolute()
        if storable(str(whole)) != str(whole):
            continue  # no page can name it
        try:
            size = None if whole.is_dir() else whole.stat().st_size
        except OSError:
            continue  # it has just been moved away
        yield Offered(path=whole, place=place, size=size)


def _downloads() -> Path | None:
    try:
        folder = Path.home() / "Downloads"
        return folder if folder.is_dir() else None
    except (OSError, RuntimeError):  # a user without a home, or who may not look into it
        return None


def _is_same(one: Path, other: Path) -> bool:
    return other.exists() and one.samefile(other)
