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


class Entry(NamedTuple):
    """A parser: the module that holds it, and its version.

    The module has ``parse(data, origin, expected) -> Recording`` and is imported when a file needs
    it.
    """

    module: str
    #: Raise it when the parser reads more than before: the next run then reads its files again.
    version: int


#: Format by content -> its parser.
PARSERS: Final = {
    "fit": Entry("ingest.transform.parsers.fit", 2),
    "gpx": Entry("ingest.transform.parsers.gpx", 2),
    "tcx": Entry("ingest.transform.parsers.tcx", 2),
}

_HEAD: Final = 4096


def sniff(data: bytes, origin: str) -> str:
    """The format of a file by its content.

    Raises:
        CorruptFile: the file is empty.
        UnsupportedFormat: no known format begins like this.
    """
    if data[8:12] == b".FIT":
        return "fit"
    head = data[:_HEAD].lstrip(b"\xef\xbb\xbf \t\r\n\0")
    if not head:
        raise CorruptFile(origin, "the file is empty" if not data else "the file holds only blanks")
    lowered = head.replace(b"\0", b"").lower()  # UTF-16 has a zero beside each letter
    if b"<trainingcenterdatabase" in lowered:
        return "tcx"
    if b"<gpx" in lowered:
        return "gpx"
    raise UnsupportedFormat(origin, f"neither FIT nor GPX nor TCX: it begins with {head[:16]!r}")


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
