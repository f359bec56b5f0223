"""Says in sentences how an export ended, from what it printed with ``--json``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from exporters.report.units import number
from ingest.web.jobs.export_forms import FormField, in_words
from ingest.web.jobs.state import State

#: Missing items that are named.
_NAMED: Final = 20


def headline(state: State) -> str:
    """How an export stands, in a few words."""
    name, result = state.facts["exporter"], state.result
    if state.is_running:
        return f"The export {name} is going on"
    if result is None or result["status"] == "failed":
        return f"The export {name} did not finish"
    if not result["files"]:
        return f"The export {name} is done; no file was written"
    if result["status"] == "partial":
        return f"The export {name} is done, but not all could be exported"
    return f"The export {name} is done"


def sentences(state: State, fields: Sequence[FormField]) -> Sequence[str]:
    """What an export did; nothing while it goes on."""
    if state.is_running:
        return ()
    if state.result is None:
        whole = "It was ended from outside. Each file that it had written is whole."
        return (whole, *state.messages)
    return [_sentence(in_words(text, fields)) for text in _texts(state.result)]


def _texts(result: Mapping[str, Any]) -> Iterator[str]:
    if result["error"]:
        yield result["error"]
    if result["files"]:
        counts = " with ".join(
            f"{number(count)} {unit if count != 1 else unit.removesuffix('s')}"
            for unit in ("files", "rows")
            if (count := result[unit])
        )
        yield f"{counts} in {number(result['seconds'], 1)} s, in {result['out']}"
    yield from result["notes"]
    missing = result["missing"]
    yield from (f"missing: {item}" for item in missing[:_NAMED])
    if len(missing) > _NAMED:
        yield f"{number(len(missing) - _NAMED)} more are missing"


def _sentence(text: str) -> str:
    whole = text if text.endswith((".", "!", "?")) else f"{text}."
    is_word = text.partition(" ")[0].rstrip(":;,").isalpha()
    return f"{whole[:1].upper()}{whole[1:]}" if is_word else whole  # a path stays as it is
