"""Exports the database to files and DataFrames.

Use ``python -m exporters <name>``, ``exporters.dataframe(...)`` or ``exporters.activities(...)``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__all__ = ["activities", "dataframe"]

if TYPE_CHECKING:
    from exporters.frames import activities, dataframe


def __getattr__(name: str) -> Any:
    # Loaded on first use: both take half a second, and the command line needs neither.
    if name in __all__:
        from exporters.extras import needs

        with needs("frames"):
            from exporters import frames

        return getattr(frames, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
