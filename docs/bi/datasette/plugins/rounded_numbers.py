"""Rounds numbers on Datasette's pages; its JSON and CSV keep all digits.

``datasette --plugins-dir`` loads it.
"""

from __future__ import annotations

from typing import Any

from datasette import hookimpl


@hookimpl  # type: ignore[untyped-decorator]
def render_cell(value: Any, column: str) -> str | None:
    """What stands in a cell; ``None`` leaves it to Datasette."""
    if not isinstance(value, float):
        return None
    if column.endswith(("latitude", "longitude")):
        return f"{value:.6f}"
    # Three decimals, and of less than a tenth three digits.
    rounded = f"{value:.3f}" if abs(value) >= 0.1 else f"{value:.3g}"
    return rounded.rstrip("0").rstrip(".") if "." in rounded and "e" not in rounded else rounded
