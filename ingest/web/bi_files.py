"""Finds the files that BI tools load, which are those of ``docs/bi``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

#: Where ``setup.py`` puts them in a wheel, and where they are in a working copy.
_PLACES: Final = (Path(__file__).parent / "bi", Path(__file__).parents[2] / "docs" / "bi")
_LOADED: Final = (
    "datasette/metadata.yaml",
    "grafana/*.json",
    "metabase/*.sql",
    "superset/dashboard.zip",
)


def bi_files() -> Mapping[str, Path]:
    """The files by their names for a download, as in ``metabase-calendar.sql``."""
    folder = next(filter(Path.is_dir, _PLACES))
    found = (path for pattern in _LOADED for path in sorted(folder.glob(pattern)))
    return {"-".join(path.relative_to(folder).parts): path for path in found}


def purpose(question: Path) -> str:
    """What a question of Metabase shows, and as which chart: its first line."""
    with question.open(encoding="utf-8") as file:
        return file.readline().removeprefix("--").strip()
