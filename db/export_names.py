"""Judges names in an export: unsafe paths, junk, links and files of somebody else."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Final

ACTIVITIES: Final = "activities.csv"
#: Names of files and folders that operating systems leave behind.
_JUNK: Final = frozenset(
    {
        ".ds_store",
        "icon\r",
        "thumbs.db",
        "desktop.ini",
        "$recycle.bin",
        "system volume information",
        "lost+found",
        "@eadir",
    }
)
#: Folders of an export; others beside activities.csv are the user's own (perhaps an export).
EXPORT_FOLDERS: Final = ("activities", "media", "photos", "routes", "clubs")
#: Endings of archives, which may lie beside an unpacked export without being part of it.
PACKED: Final = (".zip", ".rar", ".7z", ".tar", ".tgz", ".gz", ".bz2", ".xz", ".zst")
HALF_DOWNLOADED: Final = (".crdownload", ".part", ".download", ".partial", ".opdownload")
LEADS_OUT: Final = "the name leads out of the export or holds control characters, so it is not read"
IS_LINK: Final = "is a link, and links are not followed"


def clean_name(name: str) -> str | None:
    """A member's name with forward slashes.

    ``None`` if the name leads out of the export, or no database can store it.
    """
    plain = name.replace("\\", "/")
    parts = [part for part in plain.split("/") if part not in ("", ".")]
    if not parts or plain.startswith("/") or ".." in parts or ":" in parts[0]:
        return None
    return "/".join(parts) if is_text(plain) else None


def is_text(name: str) -> bool:
    """Whether a name is plain text: no control characters, no bytes that are not letters."""
    return (name.isascii() and name.isprintable()) or not any(
        unicodedata.category(c) in ("Cc", "Cs") for c in name
    )


def shown(name: str) -> str:
    """A refused name in a form that is safe in messages."""
    return (
        name
        if is_text(name) and len(name) <= 200
        else "".join(c if is_text(c) else "\ufffd" for c in name[:200])
    )


def is_junk(name: str) -> bool:
    """Whether an operating system left this behind."""
    parts = name.split("/")
    return "__MACOSX" in parts or parts[-1].startswith("._") or parts[-1].lower() in _JUNK


def is_link(path: Path | os.DirEntry[str]) -> bool:
    """Whether a path is a symbolic link, or a junction of Windows.

    Python recognises junctions from 3.12 on.
    """
    is_junction = getattr(path, "is_junction", None)
    return path.is_symlink() or bool(is_junction and is_junction())


def lies_beside(name: str) -> bool:
    """Whether a file in an unpacked export's folder is not part of the export."""
    # The drop folder itself can be an unpacked export; a ZIP dropped into it must not change it.
    return name.lower().endswith((*PACKED, *HALF_DOWNLOADED))


def tables_at(names: Iterable[str]) -> list[str]:
    """The names of activities.csv: at the top, or in a folder that a re-zipped export has."""
    places = sorted(
        n for n in names if n.count("/") <= 1 and n.rpartition("/")[2].lower() == ACTIVITIES
    )
    return sorted(places, key=lambda n: n.count("/"))


class MemberNames:
    """The names of an export's files, which a cell or the database may spell otherwise."""

    def __init__(self, names: Collection[str]) -> None:
        self._names = names

    def find(self, name: str) -> str | None:
        """The member that a name means.

        Case does not count, ``\\`` stands for ``/``, and a browser may have unpacked the file.
        """
        if name in self._names:
            return name
        plain = clean_name(name)
        if plain is None:  # it leads out of the export
            return None
        for spelling in (plain, plain.removesuffix(".gz"), f"{plain}.gz"):
            if spelling in self._names:
                return spelling
            if (found := self._folded.get(spelling.casefold())) is not None:
                return found
        return None

    @cached_property
    def _folded(self) -> Mapping[str, str]:
        return {name.casefold(): name for name in self._names}
