"""Runs the command line, for ``python -m ingest`` and for the console script."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from typing import NoReturn


def main() -> None:
    """Run the command line.

    Ctrl-C before its modules are loaded ends it in a sentence, too.
    """
    # A run makes modules and tens of thousands of rows, with hardly a reference cycle among them.
    # Looking for cycles at every 700th object, as Python does, would cost a tenth of a short run,
    # and so would a last look at its end.
    gc.set_threshold(500_000, 50, 50)
    atexit.register(gc.freeze)
    # NumPy's threads for large matrices, of which there are none here, wait busily when it is
    # loaded: a tenth of a second of CPU time in each process.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        from ingest.cli import main as command_line
    except KeyboardInterrupt:
        _end()
    command_line()


def _end() -> NoReturn:
    from db.terminal import fail, json_line, say
    from ingest.reporting.json_result import failure

    message = "interrupted before anything was stored"
    if "--json" in sys.argv:
        named = [word for word in sys.argv[1:] if not word.startswith("-")]
        say(json_line(failure(named[0] if named else None, message)))
    fail(1, f"strava-ingest: {message}")


# Parser processes import this module under another name and must not run it.
if __name__ == "__main__":
    main()
