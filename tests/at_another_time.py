"""The product, unmodified, on a machine whose clock is off: ``python tests/at_another_time.py
SECONDS run --json``.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
_real = time.time
_shift = float(sys.argv.pop(1))
time.time = lambda: _real() + _shift

from ingest.__main__ import main  # noqa: E402

if __name__ == "__main__":
    sys.argv[0] = "strava-ingest"
    main()
