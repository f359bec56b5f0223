"""Writes dictionaries, lists and scalars as block YAML, without a library."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

_BARE: Final = re.compile(r"[a-z][a-z0-9_-]*")


def to_yaml(value: Mapping[str, Any]) -> str:
    """Block YAML of a mapping; texts keep their lines, so that SQL can be read and compared."""
    return "\n".join(_lines(value, "")) + "\n"


def _lines(value: Any, indent: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _entry(f"{indent}{_key(name)}:", inner, indent)
    else:
        for inner in value:
            yield from _entry(f"{indent}-", inner, indent)


def _entry(head: str, value: Any, indent: str) -> Iterator[str]:
    if isinstance(value, str) and "\n" in value:
        yield f"{head} |-"
        yield from (f"{indent}  {line}".rstrip() for line in value.rstrip("\n").split("\n"))
    elif _is_nested(value):
        yield head
        yield from _lines(value, indent + "  ")
    else:
        # A scalar, empty list or empty object of JSON is also valid YAML.
        yield f"{head} {json.dumps(value, ensure_ascii=False)}"


def _is_nested(value: Any) -> bool:
    return isinstance(value, Mapping | Sequence) and not isinstance(value, str) and bool(value)


def _key(name: str) -> str:
    return (
        name
        if _BARE.fullmatch(name) and name not in ("y", "n", "yes", "no", "on", "off")
        else json.dumps(name)
    )
