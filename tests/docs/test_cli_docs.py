"""Every command has a help text, and ``docs/cli.md`` shows it."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from docs.cli_docs import cli_markdown, commands

COMMANDS = list(commands())
PAGE = Path(__file__).parents[2] / "docs" / "cli.md"


def test_the_page_is_what_the_commands_say_today() -> None:
    assert PAGE.read_text(encoding="utf-8") == cli_markdown(), (
        "docs/cli.md is not of today: make docs"
    )


@pytest.mark.parametrize("context", COMMANDS, ids=lambda context: context.command_path)
def test_a_command_says_what_it_does(context: click.Context) -> None:
    assert (context.command.help or "").strip()


@pytest.mark.parametrize("context", COMMANDS, ids=lambda context: context.command_path)
def test_every_option_says_what_it_does(context: click.Context) -> None:
    options = [option for option in context.command.params if isinstance(option, click.Option)]

    assert [option.name for option in options if not option.help] == []
