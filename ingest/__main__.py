"""Runs the command line, for ``python -m ingest`` and for the console script."""

from __future__ import annotations

import gc


def main() -> None:
    """Run the command line."""
    # A run makes modules and tens of thousands of rows, with hardly a reference cycle among them.
    # Looking for cycles at every 700th object, as Python does, would cost a tenth of a short run.
    gc.set_threshold(100_000, 50, 50)
    from ingest.cli import main as command_line

    command_line()


# Parser processes import this module under another name and must not run it.
if __name__ == "__main__":
    main()
