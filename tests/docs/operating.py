"""What the tests of ``docs/operate.md`` share: its commands, and a folder to run them in."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from db.engine import make_engine

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "operate.md"


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of the page, and the heading that it stands under."""

    section: str
    text: str


def blocks(language: str, section: str | None = None) -> list[Block]:
    """The page's blocks of a language, in order; of one section, or of all."""
    found, heading = [], ""
    text = PAGE.read_text("utf-8")
    for piece in re.finditer(
        r"^```(?P<language>.*)\n(?P<text>(?:.*\n)*?)```$|^##+ (?P<heading>.+)$", text, re.MULTILINE
    ):
        if piece["heading"]:
            heading = piece["heading"]
        elif piece["language"] == language and section in (None, heading):
            found.append(Block(heading, piece["text"]))
    return found


def shell(section: str) -> list[str]:
    """The commands of a section, block by block."""
    return [block.text for block in blocks("sh", section)]


def needed(program: str) -> str:
    """Where a program is; without it the test is skipped, or fails where nothing may be missing."""
    found = shutil.which(program)
    if found is None:
        if os.environ.get("STRAVA_REQUIRE_PROGRAMS") == "1":
            pytest.fail(f"{program} is not installed")
        pytest.skip(f"{program} is not installed")
    return found


@dataclass(frozen=True, slots=True)
class Machine:
    """A folder like that of an installation, and where the page's PostgreSQL databases are."""

    folder: Path
    #: By the name that the page gives a database: the URL of the test's own.
    servers: Mapping[str, str] = field(default_factory=dict)

    @property
    def sqlite_url(self) -> str:
        return f"sqlite:///{(self.folder / 'Playground' / 'strava.db').as_posix()}"

    def run(self, commands: str) -> str:
        """Run commands of the page as they are, in bash; their standard output."""
        ended = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", self._meant(commands)],
            cwd=self.folder,
            env=self._environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, f"{commands}\n{ended.stdout}\n{ended.stderr}"
        return ended.stdout

    def _meant(self, commands: str) -> str:
        """The same commands for the databases and the server of the test."""
        for name, url in self.servers.items():
            server = make_url(url)
            commands = re.sub(rf"postgresql://me@localhost/{name}\b", url, commands)
            commands = re.sub(
                rf"createdb --host=localhost --username=me {name}\b",
                f"createdb --host={server.host} --port={server.port or 5432} "
                f"--username={server.username} {server.database}",
                commands,
            )
        assert "me@localhost" not in commands
        assert "--username=me" not in commands
        return commands

    def _environment(self) -> dict[str, str]:
        environment = {
            **os.environ,
            "PATH": f"{self.folder / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(self.folder.parent),
        }
        environment.pop("DATABASE_URL", None)
        for url in self.servers.values():
            if password := make_url(url).password:
                environment["PGPASSWORD"] = password  # createdb takes no URL
        return environment


def installation(folder: Path, playground: Path) -> Path:
    """A folder with a playground, and with this Python and this checkout as its ``.venv``."""
    shutil.copytree(playground, folder / "Playground")
    python = folder / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f"#!/bin/sh\nPYTHONPATH='{ROOT}' exec '{sys.executable}' \"$@\"\n")
    python.chmod(0o755)
    return folder


def row_counts(url: str) -> dict[str, int]:
    """How many rows each table has, whatever the version of the schema."""
    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            count = sa.select(sa.func.count())
            return {
                name: connection.scalar(count.select_from(sa.table(name))) or 0
                for name in sa.inspect(connection).get_table_names()
                if name != "alembic_version"
            }
    finally:
        engine.dispose()
