"""Writes commands for hints as this program was started, so that they work when pasted."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from db.errors import Advised

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

#: Console scripts of the two packages that have a command line.
_SCRIPTS: Final = {"ingest": "strava-ingest", "exporters": "strava-export"}
#: Commands that have no option ``--database``.
_WITHOUT_DATABASE: Final = ("connect", "demo", "disconnect")


def program(package: str = "ingest") -> str:
    """How to start the command line of a package, in the way that this process was started.

    That is ``strava-ingest``, or ``.venv/bin/python -m ingest`` with the Python as it was typed;
    ``python -m ingest`` if this process is none of our programs. The exporters are a command of
    ``ingest``, too.
    """
    if package == "exporters" and _started() == "ingest":
        return f"{program()} export"
    script = Path(sys.argv[0])
    if script.stem not in _SCRIPTS.values():
        return f"{python()} -m {package}"
    other = script.with_name(_SCRIPTS[package])
    is_on_path = shutil.which(other.name) == os.path.abspath(other)
    return other.name if is_on_path else _quoted(str(other))


def python() -> str:
    """The Python of this process, as it was typed if it was: ``.venv/bin/python`` for example."""
    if _module() in _SCRIPTS:
        return _quoted(sys.orig_argv[0])
    return "python" if _started() is None else _quoted(sys.executable)


def _started() -> str | None:
    """The package whose command line this process is."""
    scripts = {script: package for package, script in _SCRIPTS.items()}
    return scripts.get(Path(sys.argv[0]).stem) or (_module() if _module() in _SCRIPTS else None)


def _module() -> str:
    """What follows ``python -m``, if anything."""
    return " ".join(sys.orig_argv).partition(" -m ")[2].partition(" ")[0]


def examples(started: str, *commands: str) -> str:
    """The end of a help text; the mark at its begin keeps click from wrapping it."""
    return "\b\nExamples:\n" + "\n".join(f"  {started} {each}" for each in commands)


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """The options of a command line that its hints repeat, as they were given."""

    #: Not shown, since a URL may hold a password.
    database: str | URL | None = field(default=None, repr=False)
    playground: Path | None = None

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Invocation:
        """Take the options from all those of a command."""
        return cls(database=options.get("database"), playground=options.get("playground"))

    def command(self, arguments: str) -> str:
        """A whole command line, for ``issues`` for example; without the password of a URL.

        ``pip install ...`` becomes that of this Python.
        """
        if arguments.startswith("pip "):
            return f"{python()} -m {arguments}"
        given = []
        if self.playground is not None:
            given += ["--playground", str(self.playground)]
        if self.database and arguments.split()[0] not in _WITHOUT_DATABASE:
            from db.url import pasteable  # loads SQLAlchemy, which help does without

            given += ["--database", pasteable(self.database)]
        return " ".join([program(), arguments, *map(_quoted, given)])

    def sentence(self, err: Advised) -> str:
        """An error in one line, for programs."""
        commands = ", then ".join(map(self.command, err.commands))
        return f"{err.message}: {commands}" if commands else err.message

    def lines(self, err: Advised, name: str = "strava-ingest") -> list[str]:
        """An error of the program ``name`` for a terminal: its message, then each of its commands
        alone on a line.
        """
        commands = [f"    {self.command(each)}" for each in err.commands]
        return [f"{name}: {err.message}{':' if commands else ''}", *commands]


def _quoted(word: str) -> str:
    return subprocess.list2cmdline([word]) if os.name == "nt" else shlex.quote(word)
