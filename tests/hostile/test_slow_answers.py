"""A server that answers slowly, at whatever stage, holds a request until its one deadline and no
longer.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.errors import RequestFailed, StravaUnavailable
from ingest.extract.api import client as strava_client
from ingest.extract.api import oauth
from tests.ingest.extract.api.connected import client_for, config_for, file_for, tokens_for
from tests.strava import Account, Fault, Simulator, running

#: Of the timeout of a packet; the deadline is twice that.
TIMEOUT_S = 0.5
STAGES = ["stall", "stall_body", "drip", "drip_head"]


@pytest.fixture
def strava() -> Iterator[Simulator]:
    with running(Account(77, "Ann", "Example")) as simulator:
        yield simulator


@pytest.mark.parametrize("stage", STAGES)
def test_an_api_request_ends_at_its_deadline(
    strava: Simulator, tmp_path: Path, stage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(strava_client, "_PAUSES_S", ())
    strava.faults.add(Fault(stage, seconds=0.4 if "drip" in stage else 60))
    client, began = (
        client_for(strava, file_for(strava, tmp_path), timeout_s=TIMEOUT_S),
        time.monotonic(),
    )
    with pytest.raises(RequestFailed, match=r"^/athlete: .*no complete answer in time"):
        client.get("/athlete")
    assert time.monotonic() - began < 4 * TIMEOUT_S


@pytest.mark.parametrize("stage", STAGES)
def test_a_renewal_of_tokens_ends_at_its_deadline(strava: Simulator, stage: str) -> None:
    tokens = tokens_for(strava)
    strava.faults.add(Fault(stage, path="oauth", seconds=0.4 if "drip" in stage else 60))
    began = time.monotonic()
    with pytest.raises(StravaUnavailable, match="no complete answer in time"):
        oauth.refresh_tokens(config_for(strava, timeout_s=TIMEOUT_S), tokens)
    assert time.monotonic() - began < 4 * TIMEOUT_S


def test_addresses_that_do_not_answer_share_one_deadline(
    strava: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(strava_client, "_PAUSES_S", ())
    client = client_for(strava, file_for(strava, tmp_path), timeout_s=TIMEOUT_S)

    def looking_up(*_: object, **__: object) -> list[object]:
        time.sleep(5 * TIMEOUT_S)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", looking_up)
    began = time.monotonic()
    with pytest.raises(RequestFailed, match="no complete answer in time"):
        client.get("/athlete")
    assert time.monotonic() - began < 5 * TIMEOUT_S


def test_a_request_that_was_given_up_leaves_no_thread(
    strava: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(strava_client, "_PAUSES_S", ())
    client = client_for(strava, file_for(strava, tmp_path), timeout_s=TIMEOUT_S)
    strava.faults.add(Fault("drip_head", seconds=0.4, times=1))
    with pytest.raises(RequestFailed):
        client.get("/athlete")
    assert not [thread for thread in threading.enumerate() if "run" in thread.name]
    assert client.get("/athlete")["id"] == 77
