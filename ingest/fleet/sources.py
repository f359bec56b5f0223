"""Finds the exports that a fleet imports: files, folders, patterns and URLs of object storage."""

from __future__ import annotations

import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from db.export_names import ACTIVITIES, is_junk
from ingest.errors import UsageError, storable
from ingest.fleet.extra import needs_fleet

#: Where file systems say which version of an object there is.
_TAGS: Final = ("ETag", "etag", "md5Hash", "content_md5")
#: Where they say when it was written.
_TIMES: Final = ("LastModified", "last_modified", "updated", "mtime")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One export: a ZIP, or a folder of this machine that holds an unpacked one."""

    #: Its URL, or its path where it lies in a file system that the worker sees.
    url: str
    #: Bytes of the ZIP; ``None`` for a folder, or where nobody tells.
    size: int | None
    #: Epoch seconds of its last change; ``None`` where nobody tells.
    changed_at: float | None
    #: Tells this version of the ZIP from others; ``None`` where nobody tells.
    tag: str | None

    @property
    def name(self) -> str:
        """How messages and the ledger name it."""
        return storable(self.url)

    @property
    def is_remote(self) -> bool:
        """Whether it has to be copied to where it is read."""
        return "://" in self.url


def find_sources(given: Iterable[str]) -> list[Source]:
    """The exports at all places that are given, each once, by name.

    Raises:
        UsageError: a place cannot be reached, or there is no export.
    """
    found: dict[str, Source] = {}
    for place in given:
        _refuse_secrets(place)
        here = list(_reached(place))
        if not here:
            raise UsageError(f"{place}: there is no ZIP and no unpacked export; check the place")
        found.update((source.url, source) for source in here)
    return [found[url] for url in sorted(found)]


def _reached(place: str) -> Iterator[Source]:
    with needs_fleet():
        import fsspec
    try:
        files, path = fsspec.core.url_to_fs(place)
        yield from _at(files, path, is_pattern=fsspec.core.has_magic(path))
    except FileNotFoundError as err:
        raise UsageError(f"{place}: there is no such file or folder; check the place") from err
    except ImportError as err:
        raise UsageError(f"{place}: this kind of URL needs another library ({err})") from err
    # Each file system raises errors of the library that it stands on.
    except Exception as err:
        raise UsageError(f"{place} cannot be reached ({_reason(err)}); check the place") from err


def _at(files: Any, path: str, *, is_pattern: bool) -> Iterator[Source]:
    if is_pattern:
        for info in files.glob(path, detail=True).values():
            yield from _of_entry(files, info)
        return
    info = files.info(path)
    if info["type"] == "directory" and not _is_unpacked(files, path):
        for entry in files.ls(path, detail=True):
            if entry["type"] == "file" or _is_unpacked(files, entry["name"]):
                yield from _of_entry(files, entry, only_zips=True)
        return
    yield from _of_entry(files, info)


def _of_entry(files: Any, info: Mapping[str, Any], *, only_zips: bool = False) -> Iterator[Source]:
    path = str(info["name"])
    if info["type"] == "directory":
        if _is_unpacked(files, path):
            yield Source(url=str(Path(path)), size=None, changed_at=None, tag=None)
        return
    if only_zips and (not path.lower().endswith(".zip") or is_junk(path)):
        return
    changed_at, size = _changed_at(files, info), info.get("size")
    yield Source(
        url=str(Path(path)) if _is_local(files) else files.unstrip_protocol(path),
        size=size,
        changed_at=changed_at,
        tag=_tag(files, info, size, changed_at),
    )


def _is_local(files: Any) -> bool:
    return "file" in ((files.protocol,) if isinstance(files.protocol, str) else files.protocol)


def _is_unpacked(files: Any, path: str) -> bool:
    """Whether a folder of this machine is an unpacked export."""
    return _is_local(files) and (Path(path) / ACTIVITIES).is_file()


def _changed_at(files: Any, info: Mapping[str, Any]) -> float | None:
    if _is_local(files):
        return Path(info["name"]).stat().st_mtime_ns / 1e9
    for name in _TIMES:
        value = info.get(name)
        if isinstance(value, datetime):
            return value.timestamp()
        if isinstance(value, int | float):
            return float(value)
    return None


def _tag(
    files: Any, info: Mapping[str, Any], size: int | None, changed_at: float | None
) -> str | None:
    """An etag, else size and time as of a file; nothing where the time is not known."""
    if _is_local(files):
        own = Path(info["name"]).stat()
        return f"{own.st_size}-{own.st_mtime_ns}" if stat.S_ISREG(own.st_mode) else None
    for name in _TAGS:
        if isinstance(info.get(name), str) and info[name]:
            return f"{str(info[name]).strip(chr(34))}-{size}"
    return None if changed_at is None else f"{size}-{changed_at}"


def _refuse_secrets(place: str) -> None:
    """Refuse a URL with a password in it: it would be shown and kept in the ledger."""
    try:
        parts = urlsplit(place) if "://" in place else urlsplit("")
        has_secret = bool(parts.password or parts.query)
    except ValueError:
        has_secret = True
    if has_secret:
        shown = place.partition("://")[0]
        raise UsageError(
            f"a {shown}:// URL has a password or other options in it, which would be shown and "
            "stored; give them by the environment (AWS_ACCESS_KEY_ID) or a file of fsspec "
            "(~/.config/fsspec)"
        )


def _reason(err: Exception) -> str:
    return f"{type(err).__name__}: {err}" if str(err) else type(err).__name__
