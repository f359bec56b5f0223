"""Lists every generated file of ``docs/bi``: its name and its content."""

from __future__ import annotations

from pathlib import Path

from docs.bi_docs.datasette import metadata_yaml
from docs.bi_docs.grafana import dashboard
from docs.bi_docs.superset import dashboard_zip


def made_files(folder: Path) -> dict[str, bytes]:
    """The generated files, always the same bytes, so that a test can compare them."""
    return {
        "datasette/metadata.yaml": metadata_yaml(folder / "datasette" / "queries").encode(),
        **{
            f"grafana/dashboard-{engine}.json": dashboard(
                folder / "grafana" / "panels.toml", engine
            ).encode()
            for engine in ("postgresql", "sqlite")
        },
        "superset/dashboard.zip": dashboard_zip(folder / "superset" / "charts.toml"),
    }
