"""Tokens and the app's secret are in one file that its owner alone may read, and in nothing else
that a run writes.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from ingest.extract.api.tokens import TokenFile
from tests.api.connected import Connected
from tests.strava import Account, Clock

NOW = datetime(2026, 11, 1, 9, 3, tzinfo=UTC)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no file modes")
def test_no_other_file_holds_a_token_and_only_the_owner_may_read_that_one(
    connect: Callable[..., Connected],
) -> None:
    playground = connect(
        Account.synthetic(3, seed=5, until=NOW - timedelta(days=1)), clock=Clock(NOW)
    )
    playground.strava.expire_access_tokens()
    before = os.umask(0)
    try:
        assert playground.cli("run", "--verbose", shift=NOW - datetime.now(UTC))[0] == 0
    finally:
        os.umask(before)
    tokens = TokenFile(playground.folder / ".strava-token.json").load()
    assert tokens is not None
    words = [
        word.encode() for word in (tokens.client_secret, tokens.access_token, tokens.refresh_token)
    ]
    holders = {
        f
        for f in playground.folder.rglob("*")
        if f.is_file() and any(w in f.read_bytes() for w in words)
    }
    assert {file.name for file in holders} == {".strava-token.json"}
    assert {stat.S_IMODE(file.stat().st_mode) for file in holders} == {0o600}
