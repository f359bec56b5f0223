"""Defines the commands.

A command loads what it needs when it is called, so that help is there at once. The package uses
click itself, not typer: since typer builds on pydantic, it takes a tenth of a second of every run.
"""

from ingest.cli import changing, connecting, fleet, importing, looking
from ingest.cli.program import app, main

#: Modules whose commands belong to the program once they are loaded.
MODULES = (importing, fleet, looking, connecting, changing)

__all__ = ["MODULES", "app", "main"]
