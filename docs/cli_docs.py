"""Writes ``docs/cli.md`` from the help of every command.

Usage: ``python -m docs.cli_docs docs/cli.md``.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

from exporters.cli import app as exporters_app
from ingest.cli import app as ingest_app

_PROGRAMS: Final = {"python -m ingest": ingest_app, "python -m exporters": exporters_app}

_HEAD: Final = """\
# The command line

Made from the help of the commands by `make docs`; do not edit. Each block is what the command
prints when it is given `--help`. `strava-ingest` is the same program as `python -m ingest`, and
`strava-export` the same as `python -m exporters`. [The manual](manual.md) says when to use which.
"""


def cli_markdown() -> str:
    """The whole page."""
    return _HEAD + "".join(_section(context) for context in commands())


def commands() -> Iterator[click.Context]:
    """Each program, followed by its commands; a context knows the full name and the help."""
    for name, group in _PROGRAMS.items():
        program = click.Context(group, info_name=name, terminal_width=100, **group.context_settings)
        yield program
        for command in group.list_commands(program):
            found = group.get_command(program, command)
            assert found is not None
            yield click.Context(found, info_name=command, parent=program)


def _section(context: click.Context) -> str:
    level = "##" if context.parent is None else "###"
    return f"\n{level} {context.command_path}\n\n```text\n{context.get_help()}\n```\n"


def main() -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(description="Write the page about the command line.")
    parser.add_argument("file", type=Path)
    parser.parse_args().file.write_text(cli_markdown(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
