"""Runs the command line, for ``python -m ingest`` and for the console script."""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """Run the command line.

    Ctrl-C before its modules are loaded ends it in a sentence, too.
    """
    # A run makes modules and tens of thousands of rows, with hardly a reference cycle among them.
    # Looking for cycles at every 700th object, as Python does, would cost a tenth of a short run.
    gc.set_threshold(100_000, 50, 50)
    try:
        from ingest.cli import main as command_line
    except KeyboardInterrupt:
        sys.exit("strava-ingest: interrupted before anything was stored")
    command_line()


# Parser processes import this module under another name and must not run it.
if __name__ == "__main__":
    main()
