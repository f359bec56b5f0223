"""Reads a device file: unpacks gzip, tells the format by content, calls its parser."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Final, NamedTuple

from ingest.errors import CorruptFile, UnsupportedFormat
from ingest.transform.parsers.clocks import NOTHING_KNOWN, Expected
from ingest.transform.parsers.gunzip import gunzip, is_gzip
from ingest.transform.records import Recording

Parser = Callable[[bytes, str, Expected], Recording]
#: Function that tells from the first bytes of a file whether it has a format.
Recognizer = Callable[[bytes], bool]

#: Number of bytes at the beginning of a file that tell its format.
_HEAD: Final = 4096
_BLANKS: Final = b"\xef\xbb\xbf \t\r\n\0"


def _has_at(place: int, signature: bytes) -> Recognizer:
    """Recognizes a format by bytes that stand at one place of every file."""
    return lambda head: head.startswith(signature, place)


def _has_tag(tag: bytes) -> Recognizer:
    """Recognizes XML by a tag near its beginning, in any case and in UTF-8 or UTF-16."""
    # UTF-16 has a zero beside each letter.
    return lambda head: tag in head.replace(b"\0", b"").lower()


class Entry(NamedTuple):
    """A format's parser."""

    #: Module with ``parse(data, origin, expected) -> Recording``, loaded when a file needs it.
    module: str
    #: Raise it when the parser reads more than before: the next run then reads its files again.
    version: int
    #: Whether a file that begins with these bytes has this format.
    recognizes: Recognizer


#: Format, as ``Recording.format`` names it -> its parser. The first that recognizes a file is asked
#: to read it.
PARSERS: Final = {
    "fit": Entry("ingest.transform.parsers.fit", 2, _has_at(8, b".FIT")),
    "tcx": Entry("ingest.transform.parsers.tcx", 2, _has_tag(b"<trainingcenterdatabase")),
    "gpx": Entry("ingest.transform.parsers.gpx", 2, _has_tag(b"<gpx")),
}


def sniff(data: bytes, origin: str) -> str:
    """The format of a file by its content.

    Raises:
        CorruptFile: the file is empty.
        UnsupportedFormat: no known format begins like this.
    """
    head = data[:_HEAD]
    for name, entry in PARSERS.items():
        if entry.recognizes(head):
            return name
    head = head.lstrip(_BLANKS)
    if not head:
        raise CorruptFile(origin, "the file is empty" if not data else "the file holds only blanks")
    known = " nor ".join(map(str.upper, sorted(PARSERS)))
    raise UnsupportedFormat(origin, f"neither {known}: it begins with {head[:16]!r}")


def parse(data: bytes, origin: str, expected: Expected = NOTHING_KNOWN) -> Recording:
    """Read one device file, gzipped or not, whatever its name says.

    ``expected`` is what activities.csv says of its times.

    Raises:
        IngestError: ``CorruptFile``, ``UnsupportedFormat``, ``NoSamples`` or ``TooLarge``, naming
            ``origin``.
    """
    data = gunzip(data, origin) if is_gzip(data) else data
    parser: Parser = importlib.import_module(PARSERS[sniff(data, origin)].module).parse
    return parser(data, origin, expected)


def parser_version(fmt: str | None) -> int:
    """The version of the parser of a format, as the ledger keeps it.

    Where the format could not be told (``None``), the sum of all versions.
    """
    return sum(entry.version for entry in PARSERS.values()) if fmt is None else PARSERS[fmt].version
