from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.strava import Account, Simulator


class Listener(BaseHTTPRequestHandler):
    """A callback that confirms itself and keeps events."""

    events: list[dict[str, Any]]

    def do_GET(self) -> None:
        challenge = parse_qs(urlsplit(self.path).query)["hub.challenge"][0]
        self._say(json.dumps({"hub.challenge": challenge}).encode())

    def do_POST(self) -> None:
        self.events.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self._say(b"")

    def _say(self, body: bytes) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def events() -> list[dict[str, Any]]:
    return []


@pytest.fixture
def callback(events: list[dict[str, Any]]) -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), type("Kept", (Listener,), {"events": events}))
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/hook"
    server.shutdown()
    thread.join()
    server.server_close()


def subscribe(strava: Simulator, callback: str) -> requests.Response:
    form = {"client_id": strava.app.client_id, "client_secret": strava.app.client_secret}
    form |= {"callback_url": callback, "verify_token": "t"}
    return requests.post(f"{strava.api_url}/push_subscriptions", data=form, timeout=5)


def test_a_callback_that_answers_the_challenge_is_subscribed(
    strava: Simulator, callback: str
) -> None:
    assert subscribe(strava, callback).status_code == 201


def test_a_callback_that_is_silent_is_not_verifiable(strava: Simulator) -> None:
    answer = subscribe(strava, "http://127.0.0.1:9/nobody")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "not verifiable")


def test_changes_are_posted_to_the_callback(
    strava: Simulator, callback: str, events: list[dict[str, Any]], account: Account
) -> None:
    first, second = (one.id for one in account.newest_first()[:2])
    subscribe(strava, callback)
    account.rename(first, "Another")
    account.set_visibility(first, "only_me")
    account.delete(second)
    strava.webhooks.stop()
    assert [(one["object_id"], one["aspect_type"], one["updates"]) for one in events] == [
        (first, "update", {"title": "Another"}),
        (first, "update", {"private": "true"}),
        (second, "delete", {}),
    ]


def test_a_subscription_that_is_removed_is_gone(strava: Simulator, callback: str) -> None:
    number = subscribe(strava, callback).json()["id"]
    app: dict[str, Any] = {
        "client_id": strava.app.client_id,
        "client_secret": strava.app.client_secret,
    }
    url = f"{strava.api_url}/push_subscriptions"
    removed = requests.delete(f"{url}/{number}", params=app, timeout=5)
    assert (removed.status_code, requests.get(url, params=app, timeout=5).json()) == (204, [])
