"""Makes text of other people safe to show in a terminal, a log or a line of JSON.

Titles, names of files and gear, and answers of the API can hold escape sequences, line breaks that
forge a second line, and marks that turn the direction of text around. Files and the database keep
them; all that is printed or logged goes through this module.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, NoReturn

from rich.console import Console

#: Breaks of lines and tabs; each becomes a space.
_BREAKS: Final = re.compile("\r\n|[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]")
#: Other control characters (C0, C1), marks of direction, and halves of surrogate pairs, which no
#: terminal can show; each becomes U+FFFD.
_UNSAFE: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def printable(text: object) -> str:
    """The text as one line, without characters that a terminal obeys."""
    plain = str(text)
    if plain.isascii() and plain.isprintable():
        return plain
    return _UNSAFE.sub("\ufffd", _BREAKS.sub(" ", plain))


def json_line(value: object, default: Callable[[Any], Any] | None = None) -> str:
    """One line of JSON in ASCII; other characters are escaped, so nothing is lost."""
    return json.dumps(value, default=default).replace("\x7f", "\\u007f")


def say(text: object) -> None:
    """Print one line on standard output."""
    print(printable(text), flush=True)


def warn(text: object) -> None:
    """Print one line on standard error; if that fails, stay silent, since nobody would read it."""
    with suppress(OSError):
        print(printable(text), file=sys.stderr, flush=True)


def fail(code: int, *lines: str) -> NoReturn:
    """Say what went wrong, line by line, and end with an exit code."""
    for line in lines:
        warn(line)
    sys.exit(code)


class PlainConsole(Console):
    """A console that prints text as it is: no control characters, no markup.

    Messages on standard error must not end the work that they report on, so the console goes silent
    after a failed write (a full disk, a closed pipe).
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"highlight": False, "markup": False, "emoji": False, **options})

    def print(self, *objects: Any, **options: Any) -> None:
        """Print strings as one line each, other things as rich shows them."""
        shown = (printable(one) if isinstance(one, str) else one for one in objects)
        try:
            super().print(*shown, **options)
        except OSError:
            if not self.stderr:
                raise
            self.quiet = True


def prepare_streams() -> None:
    """Make the streams escape letters that the terminal's encoding lacks, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, ValueError):  # not a stream of the system
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]


def failed_output(program: str, err: OSError) -> int:
    """Say in a sentence which file or stream could not be used; return the exit code."""
    place = err.filename or "the output"
    warn(
        f"{program}: {place} cannot be used ({err.strerror or err}); check its disk and who may "
        "use it"
    )
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:  # else Python would try to write again when it exits, and complain
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    return 1
