"""Says in a sentence what a thing is that is no Strava export, and what to do about it.

Files are told by their first bytes, ZIPs and folders by the names in them: people rename files, and
browsers save whatever a link leads to under the name that the link had.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from db.export_names import ACTIVITIES, shown
from ingest.extract.device_files import inflated_head, is_named_like_one
from ingest.transform.parsers.gunzip import is_gzip
from ingest.transform.tables import IGNORED, TABLES

#: What begins a ZIP: a member, the end of an empty ZIP, or the mark of one in several parts.
ZIP_STARTS: Final = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")

_UNPACK: Final = "use the folder that comes out of it"
_STRAVAS: Final = "Strava's is a ZIP with a name like export_12345.zip"
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
_COPY_AGAIN: Final = "copy or download it again, or remove it"
GARMIN: Final = "Garmin"
#: The folder in an export of Garmin for ZIPs of what devices have uploaded.
UPLOADED: Final = "di-connect-uploaded-files"
_NOTHING_OF_GARMIN: Final = (
    "is an export of Garmin, or a part of one, that holds no activities; use the whole ZIP that "
    "Garmin's mail links to"
)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What a ZIP or a folder holds."""

    #: Its own name.
    name: str
    #: Paths of files in it, with forward slashes; of a large folder only the first ones.
    names: Sequence[str]
    is_zip: bool
    needs_password: bool = False


def about_file(name: str, head: bytes) -> str:
    """What a file is that is neither a ZIP nor a device file, by its first bytes."""
    is_packed = is_gzip(head)
    inner = inflated_head(head) if is_packed else head
    if (archive := _archive(head, inner)) is not None:
        return f"is a {archive} archive, not a ZIP; unpack it, and {_UNPACK}"
    plain = inner.lstrip(_BLANKS).replace(b"\0", b"").lower()
    is_page = b"<html" in plain or plain.startswith(_PAGE_STARTS)
    if is_named_like_one(name):
        but = " but a web page" if is_page else _but(head)
        return f"is named like a device file, but is no FIT, GPX or TCX file{but}; {_COPY_AGAIN}"
    if is_page or all(tag in plain for tag in _XML_ERROR):
        return _WEB_PAGE
    if is_packed:
        return f"is a gzip archive, not a ZIP; unpack it, and {_UNPACK}"
    if service := service_of([name]) or _service_of_head(plain):
        return _foreign(service)
    if name.lower() in (ACTIVITIES, *TABLES, *IGNORED):
        return (
            "is only one file of an export; use the whole export: its ZIP, or the folder that "
            "holds activities.csv"
        )
    return f"is not a Strava export{_but(head)}; {_STRAVAS}"


def about_contents(found: Contents) -> str | None:
    """What a ZIP or a folder is that has no activities.csv where an export has it; ``None`` where
    it holds device files to read.
    """
    if (service := service_of([found.name, *found.names])) and service != GARMIN:
        return _foreign(service)
    if not found.names:
        return _NOTHING_OF_GARMIN if service else f"holds no files; {_STRAVAS}"
    if found.needs_password:
        return NEEDS_PASSWORD
    unpack = "unpack it, and " if found.is_zip else ""
    if (deep := _ending(found, f"/{ACTIVITIES}")) and deep.count("/") > 1:
        return (
            f"has {shown(deep)} too deep in its folders; {unpack}use the folder that holds "
            "activities.csv"
        )
    if service == GARMIN:
        return None if any(map(is_of_garmin, found.names)) else _NOTHING_OF_GARMIN
    for name in found.names:
        if name.lower().rpartition("/")[2] in TABLES:
            return (
                f"holds {shown(name)}, as Strava's exports do, but no activities.csv: it is not "
                "whole. Download it again, or request your archive anew"
            )
    if any(map(is_named_like_one, found.names)):
        return None
    if packed := _ending(found, ".zip"):
        return f"holds no activities.csv, but {shown(packed)}; {unpack}use that ZIP itself"
    return (
        "holds no Strava export: there is no activities.csv in it or in a folder directly below "
        f"it, and no FIT, GPX or TCX file; {_STRAVAS}"
    )


def is_of_garmin(name: str) -> bool:
    """Whether a file in an export of Garmin is what a device has uploaded, or a ZIP of that."""
    *folders, last = name.lower().split("/")
    return UPLOADED in folders and (last.endswith(".zip") or is_named_like_one(last))


def _archive(head: bytes, inner: bytes) -> str | None:
    """The kind of another archive; ``inner`` is what gzip packs, else the same bytes."""
    mark, place = _TAR_MARK
    if inner.startswith(mark, place):
        return "tar" if inner is head else "tar.gz"
    return next((kind for magic, kind in _ARCHIVES if head.startswith(magic)), None)


def service_of(names: Iterable[str]) -> str | None:
    """Whose export holds such files, if it is another service's than Strava."""
    for name in names:
        *folders, last = name.lower().split("/")
        parts = [*folders, last]
        if any(part.startswith(("di_connect", "di-connect")) for part in parts):
            return GARMIN
        if "apple_health_export" in parts or last == "export_cda.xml":
            return "Apple Health"
        if parts[0] == "takeout" or last == "archive_browser.html":
            return "Google Takeout"
        if last.startswith("training-session-") and last.endswith(".json"):
            return "Polar Flow"
        if last == "cardioactivities.csv":
            return "Runkeeper"
    return None


def _service_of_head(plain: bytes) -> str | None:
    """Whose export a file is, by its first bytes in lower case."""
    return "Apple Health" if b"<!doctype healthdata" in plain or b"<healthdata" in plain else None


def _foreign(service: str) -> str:
    return (
        f"is an export of {service}, and only exports of Strava are read; request yours on "
        "strava.com"
    )


def _ending(found: Contents, ending: str) -> str | None:
    return next((name for name in found.names if name.lower().endswith(ending)), None)


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
