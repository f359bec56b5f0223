"""Feeds XML to a reader; tolerates bad encodings and damage, never expands entities."""

from __future__ import annotations

import codecs
import re
from typing import Final, Protocol
from xml.parsers import expat

from ingest.errors import CorruptFile, TooLarge

#: Bytes to strip: Strava puts ten blanks before ``<?xml`` of some files, and a crashed device
#: leaves zeros behind the end.
_BLANKS: Final = b" \t\r\n\0"
_BOM: Final = b"\xef\xbb\xbf"
_DECLARED: Final = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([\w.:-]{1,40})[\"']")
#: Names of Python's codecs that turn bytes to letters; others inflate, execute or are slow.
_LETTERS: Final = ("iso8859", "cp", "ascii", "koi8", "gb", "big5", "shift", "euc", "mac")
#: Reference to a character by its number, which may be illegal in XML: Windows programs write emoji
#: as two halves.
_NUMBERED: Final = re.compile(rb"&#(?:x([0-9a-fA-F]+)|([0-9]+));")
_LONGEST_NUMBER: Final = 20
_CHUNK: Final = 1 << 20
_MAX_TOKEN: Final = 8 * _CHUNK


class Reader(Protocol):
    """What listens to a parser."""

    def attach(self, parser: expat.XMLParserType) -> None:
        """Set the handlers."""

    def check(self) -> None:
        """Called between chunks; raises ``UnreasonableError`` when there is no progress,
        ``TooManyError`` when there is too much.
        """

    def detach(self) -> None:
        """Drop the parser, whose handlers would keep the reader in memory."""


class UnreasonableError(Exception):
    """No device writes such XML; the message says what it does."""


class TooManyError(Exception):
    """There is more than is read; the message says of what."""


class _EntityDeclaredError(Exception):
    """The file declares entities, which no device needs and attackers do."""


def as_utf8(data: bytes) -> bytes:
    """The file as UTF-8 without BOM and blanks around it, whatever it was written in; what is no
    letter becomes U+FFFD.

    So no text of it holds NUL or half of a surrogate pair, which PostgreSQL refuses.
    """
    data = _recoded(data)
    return _NUMBERED.sub(_letter, data) if b"&#" in data else data


def _letter(match: re.Match[bytes]) -> bytes:
    digits, base = (match[1], 16) if match[1] else (match[2], 10)
    number = int(digits, base) if len(digits) <= _LONGEST_NUMBER else 0
    is_letter = (
        number in (9, 10, 13)
        or 0x20 <= number < 0xD800
        or 0xE000 <= number < 0xFFFE
        or 0xFFFF < number < 0x110000
    )
    return match[0] if is_letter else "\ufffd".encode()


def _recoded(data: bytes) -> bytes:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return _recode(data, "utf-16")
    data = data.removeprefix(_BOM).strip(_BLANKS).removeprefix(_BOM).lstrip(_BLANKS)
    if data[1:2] == b"\0":
        # Stripping zeros may have taken half of the last letter.
        return _recode(data + b"\0" * (len(data) % 2), "utf-16-le")
    codec = _declared(data)
    if codec == "utf-8" and (data.isascii() or _is_utf8(data)):
        return data
    return _recode(data, codec)


def drive(data: bytes, reader: Reader, origin: str) -> str | None:
    """Read UTF-8 bytes to their end or to the first error; returns why the end was not reached, or
    ``None``.

    Raises:
        CorruptFile: the file declares entities or is unreasonable: nothing of it is trusted.
        TooLarge: it holds more points than are read.
    """
    # Namespaces are not processed: files with undeclared prefixes exist, and local names tell
    # enough.
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    # Makes the parser leave out unknown entities, as it does for a DTD kept elsewhere: an HTML
    # entity in a name is no reason to lose the track.
    parser.UseForeignDTD(True)
    parser.EntityDeclHandler = _refuse_entity
    reader.attach(parser)
    try:
        for at in range(0, len(data), _CHUNK):
            parser.Parse(data[at : at + _CHUNK], False)
            reader.check()
            if at - parser.CurrentByteIndex > _MAX_TOKEN:
                raise UnreasonableError(
                    "has a tag or comment of megabytes"
                )  # which is scanned anew with each chunk
        parser.Parse(b"", True)
    except expat.ExpatError as err:
        return f"damaged or cut off at line {err.lineno} ({expat.ErrorString(err.code)})"
    except _EntityDeclaredError as err:
        raise CorruptFile(
            origin, f"the XML declares the entity {err}, which is not expanded"
        ) from err
    except UnreasonableError as err:
        raise CorruptFile(origin, f"the XML {err}") from err
    except TooManyError as err:
        raise TooLarge(origin, str(err)) from err
    finally:
        reader.detach()
    return None


def _refuse_entity(name: str, *_: object) -> None:
    raise _EntityDeclaredError(repr(name[:40]))


def _declared(data: bytes) -> str:
    """The codec that the XML declaration names, UTF-8 if it names none that can be true."""
    match = _DECLARED.match(data[:200])
    if match is None:
        return "utf-8"
    try:
        name = codecs.lookup(match[1].decode("ascii")).name
    except (LookupError, UnicodeError):
        return "utf-8"
    # .NET programs declare "utf-16" in files of single bytes, so this name is not believed.
    return name if name.startswith(_LETTERS) else "utf-8"


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _recode(data: bytes, codec: str) -> bytes:
    """Recode to UTF-8, replacing bad bytes, so that one in a name costs a letter, not the file."""
    text = data.decode(codec, "replace").lstrip("\ufeff").strip(" \t\r\n\0")
    return text.encode("utf-8", "replace")
