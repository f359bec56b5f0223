"""What other programs of this machine can do to `connect`: idle connections, and the lock of the
tokens.
"""

from __future__ import annotations

import os
import socket
import stat
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest
import requests

from ingest.commands import oauth_callback as redirect
from ingest.commands.oauth_callback import MAX_CONNECTIONS, Receiver, receiving
from ingest.commands.oauth_redirect import PATH
from ingest.extract.api.tokens import TokenFile


def opened(receiver: Receiver) -> socket.socket:
    return socket.create_connection(("127.0.0.1", receiver.port), timeout=5)


def is_closed(connection: socket.socket) -> bool:
    try:
        return connection.recv(1) == b""
    except ConnectionError:
        return True


def threads_of() -> int:
    return sum("process_request_thread" in thread.name for thread in threading.enumerate())


def test_a_hundred_idle_connections_do_not_keep_the_browser_out() -> None:
    with receiving(0, "state") as receiver:
        idle = [opened(receiver) for _ in range(100)]
        answer = requests.get(f"http://127.0.0.1:{receiver.port}/favicon.ico", timeout=5)
        assert answer.status_code == 404
        for _ in range(50):  # a connection that was cut ends a moment later
            if threads_of() > MAX_CONNECTIONS:
                time.sleep(0.1)
        assert threads_of() <= MAX_CONNECTIONS
        assert is_closed(idle[0])
        for each in idle:
            each.close()


def drip(connection: socket.socket) -> None:
    """Send byte after byte until the other side has closed, for five seconds at most."""
    until = time.monotonic() + 5
    with suppress(OSError):
        while time.monotonic() < until:
            connection.sendall(b"X")
            time.sleep(0.1)


@pytest.mark.parametrize("sent", [b"", b"GET /connected HTTP/1.1\r\n", b"drip"])
def test_a_connection_that_does_not_ask_is_closed(
    monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    monkeypatch.setattr(redirect, "IDLE_S", 0.5)
    with receiving(0, "state") as receiver, opened(receiver) as connection:
        began = time.monotonic()
        if sent == b"drip":
            drip(connection)
        else:
            connection.sendall(sent)
            assert is_closed(connection)
        assert time.monotonic() - began < 4


def test_the_browser_that_waits_for_the_exchange_is_not_cut(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(redirect, "IDLE_S", 0.3)
    with receiving(0, "state") as receiver:
        pages: list[str] = []
        url = f"http://127.0.0.1:{receiver.port}{PATH}?state=state&code=c"
        browser = threading.Thread(target=lambda: pages.append(requests.get(url, timeout=10).text))
        browser.start()
        assert receiver.wait(5)["code"] == "c"
        time.sleep(1)
        idle = [opened(receiver) for _ in range(2 * MAX_CONNECTIONS)]
        receiver.tell("Connected", "Well done.")
        browser.join()
        for each in idle:
            each.close()
    assert "Well done." in pages[0]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no file modes")
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
@pytest.mark.parametrize("is_old", [False, True])
def test_the_lock_of_the_tokens_is_for_its_owner_whatever_the_umask(
    tmp_path: Path, umask: int, is_old: bool
) -> None:
    file = TokenFile(tmp_path / ".strava-token.json")
    lock = tmp_path / ".strava-token.json.lock"
    before = os.umask(umask)
    try:
        if is_old:
            lock.touch(mode=0o666)
        with file.locked():
            assert stat.S_IMODE(lock.stat().st_mode) == 0o600
    finally:
        os.umask(before)
