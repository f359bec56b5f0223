"""Makes what ``--json`` prints: one object with the same keys, however an export ended.

``docs/json.md`` tells what they mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # loads SQLAlchemy, which takes half a second
    from exporters.job import Outcome


def of_outcome(
    name: str, folder: Path | str, outcome: Outcome, seconds: float, commands: Sequence[str]
) -> dict[str, Any]:
    """The summary of an export that came to its end.

    ``folder`` is where its files went; the commands are those that the last note advises.
    """
    *notes, last = outcome.notes or ("",)
    out = folder if outcome.out is None else outcome.out
    unless_failed = "partial" if outcome.missing else "done"
    return {
        "exporter": name,
        "status": "failed" if outcome.error else unless_failed,
        "error": outcome.error,
        "out": str(out.absolute() if isinstance(out, Path) else out),
        "files": outcome.files,
        "rows": outcome.rows,
        "seconds": round(seconds, 3),
        "notes": [*notes, _advised(last, commands)] if last else [],
        "missing": outcome.missing,
        **outcome.details,
    }


def of_failure(name: str | None, error: str, commands: Sequence[str] = ()) -> dict[str, Any]:
    """The summary of an export that an error ended, when nobody knows what it has written."""
    unknown = dict.fromkeys(("out", "files", "rows", "seconds"))
    return {
        "exporter": name,
        "status": "failed",
        "error": _advised(error, commands),
        **unknown,
        "notes": (),
        "missing": (),
    }


def _advised(sentence: str, commands: Sequence[str]) -> str:
    """A sentence that ends in the commands that it advises, if it advises any."""
    if not commands:
        return sentence
    return f"{sentence}: {', then '.join(commands)}"
