"""Lets click's commands print one JSON object for wrong usage, too, when ``--json`` is given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

import click

from db.terminal import json_line, say


class JsonCommand(click.Command):
    """A command that a program of ours derives from this."""

    #: Static method that makes the object after a failure, of the command's name and the error.
    failure: ClassVar[Any]

    def make_context(self, info_name: str | None, args: list[str], *more: Any, **extra: Any) -> Any:
        """Read the arguments."""
        with _as_json(type(self), self.name, args):
            return super().make_context(info_name, args, *more, **extra)


class JsonGroup(click.Group):
    """A program whose commands are such; it knows none of them when the usage is wrong."""

    command_class: type[JsonCommand]

    def make_context(self, info_name: str | None, args: list[str], *more: Any, **extra: Any) -> Any:
        """Read the arguments before the command."""
        with _as_json(self.command_class, None, args):
            return super().make_context(info_name, args, *more, **extra)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """Find the command."""
        with _as_json(self.command_class, None, args):
            return super().resolve_command(ctx, args)


@contextmanager
def _as_json(
    command: type[JsonCommand], name: str | None, arguments: Sequence[str]
) -> Iterator[None]:
    is_json = "--json" in arguments  # click takes them out of the list
    try:
        yield
    except click.ClickException as err:
        if is_json:
            say(json_line(command.failure(name, err.format_message())))
        raise
