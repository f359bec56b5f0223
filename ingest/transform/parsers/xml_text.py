"""Turns the bytes of an XML file into clean UTF-8, whatever its encoding."""

from __future__ import annotations

import codecs
import re
from typing import Final

#: Bytes to strip at both ends: Strava puts ten blanks before ``<?xml`` of some files, and a crashed
#: device leaves zeros at the end.
_BLANKS: Final = b" \t\r\n\0"
_BOM: Final = b"\xef\xbb\xbf"
_DECLARED: Final = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([\w.:-]{1,40})[\"']")
#: Beginnings of names of Python's text codecs; other codecs inflate, run code or are slow.
_LETTERS: Final = ("iso8859", "cp", "ascii", "koi8", "gb", "big5", "shift", "euc", "mac")
#: Reference to a character by its number. XML may not allow the number: Windows programs write an
#: emoji as two halves.
_NUMBERED: Final = re.compile(rb"&#(?:x([0-9a-fA-F]+)|([0-9]+));")
_LONGEST_NUMBER: Final = 20


def as_utf8(data: bytes) -> bytes:
    """The file as UTF-8 in any case, without BOM and without blanks around it.

    What is no letter becomes U+FFFD, so that no text holds NUL or half of a surrogate pair, which
    PostgreSQL refuses.
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
        # Stripping zeros may have removed the second byte of the last letter.
        return _recode(data + b"\0" * (len(data) % 2), "utf-16-le")
    codec = _declared(data)
    if codec == "utf-8" and (data.isascii() or _is_utf8(data)):
        return data
    return _recode(data, codec)


def _declared(data: bytes) -> str:
    """The codec that the XML declaration names, UTF-8 if it names none that can be true."""
    match = _DECLARED.match(data[:200])
    if match is None:
        return "utf-8"
    try:
        name = codecs.lookup(match[1].decode("ascii")).name
    except (LookupError, UnicodeError):
        return "utf-8"
    # .NET programs declare "utf-16" in files of single bytes, so that name is not believed.
    return name if name.startswith(_LETTERS) else "utf-8"


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _recode(data: bytes, codec: str) -> bytes:
    """Recode to UTF-8; a bad byte in a name costs one letter, not the file."""
    text = data.decode(codec, "replace").lstrip("\ufeff").strip(" \t\r\n\0")
    return text.encode("utf-8", "replace")
