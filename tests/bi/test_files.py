"""The files of docs/bi that are made from the models are what the models say today."""

from __future__ import annotations

from pathlib import Path

import yaml

from docs.bi_docs.files import made_files
from docs.bi_docs.yaml_text import to_yaml


def test_what_is_shipped_is_what_make_docs_writes(bi: Path) -> None:
    for name, content in made_files(bi).items():
        assert (bi / name).read_bytes() == content, f"docs/bi/{name} is not of today: make docs"


def test_our_yaml_is_read_back_as_it_was() -> None:
    value = {
        "text": "SELECT 1\n\n  FROM x -- 'a': \"b\"",
        "odd key: #": None,
        "on": True,
        "numbers": [1, -2.5, 0.25],
        "nested": {"list": [{"a": 1, "b": ["x", {}]}, [], "°C, ü: #"], "empty": {}},
    }
    assert yaml.safe_load(to_yaml(value)) == value
