"""Says in a sentence what a thing is that is no Strava export, and what to do about it.

Files are told by their first bytes, ZIPs and folders by the names in them: people rename files, and
browsers save whatever a link leads to under the name that the link had.
"""

from __future__ import annotations

import codecs
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from db.export_names import ACTIVITIES, shown
from ingest.errors import IngestError
from ingest.transform.parsers import PARSERS
from ingest.transform.parsers.gunzip import is_gzip
from ingest.transform.tables import IGNORED, TABLES

#: Number of bytes at the beginning of a file that tell what it is.
HEAD: Final = 4096
#: What begins a ZIP: a member, the end of an empty ZIP, or the mark of one in several parts.
ZIP_STARTS: Final = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")

_UNPACK: Final = "use the folder that comes out of it"
_STRAVAS: Final = "Strava's is a ZIP with a name like export_12345.zip"
_LOOSE: Final = (
    "loose device files are not read yet, only those in a Strava export: upload them to Strava, "
    "and request a new export"
)
_WEB_PAGE: Final = (
    "is a web page, not the export: the link in Strava's mail wants you to be logged in, and it "
    "expires. Log in on strava.com and download it again, or request your archive anew"
)
EMPTY: Final = "is empty: its download has not begun, or has failed; download it again"
CUT_OFF: Final = (
    "has no end, and has not changed since the last run: the download was cut off. Download it "
    "again"
)
NEEDS_PASSWORD: Final = f"is protected by a password; unpack it with that, and {_UNPACK}"
NO_FILE: Final = "is neither a file nor a folder, but a pipe, socket or device; remove it"
DEAD_LINK: Final = "is a link that leads nowhere; use the file itself"

#: First bytes of other archives.
_ARCHIVES: Final = (
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "RAR"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\0", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"\x1f\x9d", "compress"),
    (b"MSCF", "CAB"),
)
_TAR_MARK: Final = (b"ustar", 257)
#: First bytes of other files that people mistake for an export.
_OTHERS: Final = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG\r\n", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
)
#: How pages begin that a browser saves in place of a file; storage servers tell errors as XML.
_PAGE_STARTS: Final = (b"<!doctype html", b"<html", b"<head")
_XML_ERROR: Final = (b"<error>", b"<code>")
_BLANKS: Final = b"\xef\xbb\xbf\xff\xfe \t\r\n\0"
_DEVICE_ENDINGS: Final = tuple(f".{fmt}{packed}" for fmt in PARSERS for packed in ("", ".gz"))
#: Number of files of a ZIP or folder whose first bytes are looked at.
_SAMPLES: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What a ZIP or a folder holds."""

    #: Its own name.
    name: str
    #: Paths of files in it, with forward slashes; of a large folder only the first ones.
    names: Sequence[str]
    #: Function that returns the first bytes of one of them; it may raise an ``IngestError``.
    head: Callable[[str], bytes]
    is_zip: bool
    needs_password: bool = False


def about_file(name: str, head: bytes) -> str:
    """What a file is that is no ZIP, by its first bytes."""
    is_packed = is_gzip(head)
    inner = _inflated(head) if is_packed else head
    if (archive := _archive(head, inner)) is not None:
        return f"is a {archive} archive, not a ZIP; unpack it, and {_UNPACK}"
    plain = inner.lstrip(_BLANKS).replace(b"\0", b"").lower()
    if plain.startswith(_PAGE_STARTS):
        return _WEB_PAGE
    if (fmt := _device_format(inner)) is not None:
        return f"is a {fmt.upper()} file by itself; {_LOOSE}"
    if b"<html" in plain or all(tag in plain for tag in _XML_ERROR):
        return _WEB_PAGE
    if is_packed:
        return f"is a gzip archive, not a ZIP; unpack it, and {_UNPACK}"
    if (service := _service([name])) or (service := _service_of(plain)):
        return _foreign(service)
    if name.lower() in (ACTIVITIES, *TABLES, *IGNORED):
        return (
            "is only one file of an export; use the whole export: its ZIP, or the folder that "
            "holds activities.csv"
        )
    return f"is not a Strava export{_but(head)}; {_STRAVAS}"


def about_contents(found: Contents) -> str:
    """What a ZIP or a folder is that has no activities.csv where an export has it."""
    if not found.names:
        return f"holds no files; {_STRAVAS}"
    if service := _service([found.name, *found.names]):
        return _foreign(service)
    if found.needs_password:
        return NEEDS_PASSWORD
    unpack = "unpack it, and " if found.is_zip else ""
    if (deep := _ending(found, f"/{ACTIVITIES}")) and deep.count("/") > 1:
        return (
            f"has {shown(deep)} too deep in its folders; {unpack}use the folder that holds "
            "activities.csv"
        )
    if packed := _ending(found, ".zip"):
        return f"holds no activities.csv, but {shown(packed)}; {unpack}use that ZIP itself"
    for name in found.names:
        if name.lower().rpartition("/")[2] in TABLES:
            return (
                f"holds {shown(name)}, as Strava's exports do, but no activities.csv: it is not "
                "whole. Download it again, or request your archive anew"
            )
    for name in _samples(found):
        return f"holds device files ({shown(name)} ...) and no activities.csv; {_LOOSE}"
    return (
        "holds no Strava export: there is no activities.csv in it or in a folder directly below "
        f"it; {_STRAVAS}"
    )


def _archive(head: bytes, inner: bytes) -> str | None:
    """The kind of another archive; ``inner`` is what gzip packs, else the same bytes."""
    mark, place = _TAR_MARK
    if inner.startswith(mark, place):
        return "tar" if inner is head else "tar.gz"
    return next((kind for magic, kind in _ARCHIVES if head.startswith(magic)), None)


def _inflated(head: bytes) -> bytes:
    """The first bytes that a gzip file packs; none where it is damaged."""
    try:
        return zlib.decompressobj(wbits=31).decompress(head, HEAD)
    except zlib.error:
        return b""


def _device_format(head: bytes) -> str | None:
    """FIT, GPX or TCX, by the first bytes of an unpacked file."""
    return next((fmt for fmt, entry in PARSERS.items() if entry.recognizes(head)), None)


def _service(names: Iterable[str]) -> str | None:
    """Whose export holds such files."""
    for name in names:
        *folders, last = name.lower().split("/")
        parts = [*folders, last]
        if any(part.startswith(("di_connect", "di-connect")) for part in parts):
            return "Garmin"
        if "apple_health_export" in parts or last == "export_cda.xml":
            return "Apple Health"
        if parts[0] == "takeout" or last == "archive_browser.html":
            return "Google Takeout"
        if last.startswith("training-session-") and last.endswith(".json"):
            return "Polar Flow"
        if last == "cardioactivities.csv":
            return "Runkeeper"
    return None


def _service_of(plain: bytes) -> str | None:
    """Whose export a file is, by its first bytes in lower case."""
    return "Apple Health" if b"<!doctype healthdata" in plain or b"<healthdata" in plain else None


def _foreign(service: str) -> str:
    return (
        f"is an export of {service}, and only exports of Strava are read; request yours on "
        "strava.com"
    )


def _ending(found: Contents, ending: str) -> str | None:
    return next((name for name in found.names if name.lower().endswith(ending)), None)


def _samples(found: Contents) -> Iterator[str]:
    """Device files of a ZIP or folder, out of the first that their names say to be such."""
    named = [name for name in found.names if name.lower().endswith(_DEVICE_ENDINGS)]
    for name in named[:_SAMPLES]:
        try:
            head = found.head(name)
        except IngestError:
            continue
        if _device_format(_inflated(head) if is_gzip(head) else head):
            yield name


def _but(head: bytes) -> str:
    """What a file is instead, where its first bytes tell."""
    for magic, kind in _OTHERS:
        if head.startswith(magic):
            return f" but {kind}"
    try:
        # The last letter may be cut in two, which an incremental decoder takes.
        text = codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return ""
    return "" if "\0" in text else " but a text"
