"""Runs the command line, for ``python -m exporters`` and for the console script."""

from __future__ import annotations

import sys
from typing import NoReturn


def main() -> None:
    """Run the command line.

    Ctrl-C before its modules are loaded ends it as a later one does.
    """
    try:
        from exporters.cli import main as command_line
    except KeyboardInterrupt:
        _end()
    command_line()


def _end() -> NoReturn:
    from db.terminal import fail, json_line, say
    from exporters.summary import of_failure

    message = "interrupted before anything was written"
    if "--json" in sys.argv:
        say(json_line(of_failure(None, message)))
    fail(1, f"strava-export: {message}")


# Processes that write Parquet import this module under another name and must not run it.
if __name__ == "__main__":
    main()
