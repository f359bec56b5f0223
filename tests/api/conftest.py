"""A simulated Strava whose clock the product, in this process, goes by."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from ingest import clock
from ingest.extract.api import client as strava_client
from tests.api.connected import Connected
from tests.strava import Account, Simulator, running

Connect = Callable[..., Connected]


@pytest.fixture
def connect(tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connect]:
    """Start a Strava for an account and connect a playground to it; options go to ``running``."""
    # Pauses between attempts are tested where the client is.
    monkeypatch.setattr(strava_client, "_PAUSES_S", (0.0, 0.0))
    with ExitStack() as stack:

        def start(account: Account, database: str = sqlite_url, **options: Any) -> Connected:
            strava: Simulator = stack.enter_context(running(account, **options))
            monkeypatch.setattr(clock, "now", strava.clock.now)
            return Connected(tmp_path, database, strava)

        yield start
