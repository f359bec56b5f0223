"""What tests of hostile surroundings share: playgrounds, a simulated Strava, a drop folder into
which nobody copies.
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.api.conftest import connect  # noqa: F401  # a fixture
from tests.ingest.playground import Playground


@pytest.fixture
def on_server(tmp_path: Path, pg_url: str, monkeypatch: pytest.MonkeyPatch) -> Playground:
    """A playground whose database is on a PostgreSQL server."""
    monkeypatch.setattr("ingest.extract.copy_check.APART_S", 0)
    made = Playground(tmp_path / "Playground", pg_url)
    made.engine.dispose()
    return made


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    # Halves of letters in what was printed or logged: workers of pytest cannot send them.
    report = yield
    report.sections = [
        (name, text.encode("utf-8", "backslashreplace").decode("utf-8"))
        for name, text in report.sections
    ]
    return report
