"""Push subscriptions: one per app; a change of the account is posted to its callback."""

from __future__ import annotations

import json
import queue
import threading
import urllib.error
import urllib.parse
import urllib.request
from typing import Any, Final

from tests.strava.account import Account
from tests.strava.clock import Clock
from tests.strava.messages import Answer, Request, bad_request, not_found, problem
from tests.strava.oauth import App

_ACK_S: Final = 2.0
_ATTEMPTS: Final = 3
_CHALLENGE: Final = "15f7d1a91c1f40f8"


class Webhooks:
    """The endpoints ``/push_subscriptions``, and the thread that posts events."""

    def __init__(self, app: App, account: Account, clock: Clock) -> None:
        self._app, self._account, self._clock = app, account, clock
        self._subscription: dict[str, Any] | None = None
        self._events: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._thread: threading.Thread | None = None
        #: Events that were posted, and how often each was tried.
        self.sent: list[tuple[dict[str, Any], int]] = []

    def answer(self, request: Request) -> Answer:
        """Any request for subscriptions."""
        values = request.values
        if values.get("client_id") != str(self._app.client_id):
            return bad_request("Application", "client_id")
        if values.get("client_secret") != self._app.client_secret:
            return bad_request("Application", "client_secret")
        if request.method == "POST":
            return self._subscribe(values)
        if request.method == "DELETE":
            return self._unsubscribe(request.path)
        return Answer(body=[self._subscription] if self._subscription else [])

    def _subscribe(self, values: dict[str, str]) -> Answer:
        if self._subscription is not None:
            return problem(400, "Bad Request", "PushSubscription", "", "already exists")
        callback = values.get("callback_url", "")
        if len(callback) > 255 or not _is_verified(callback, values.get("verify_token", "")):
            return problem(400, "Bad Request", "PushSubscription", "callback url", "not verifiable")
        moment = self._clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
        self._subscription = {
            "id": 120475,
            "resource_state": 2,
            "application_id": self._app.client_id,
            "callback_url": callback,
            "created_at": moment,
            "updated_at": moment,
        }
        self._account.listeners.append(self._happened)
        self._thread = threading.Thread(
            target=self._post_all, daemon=True, name="simulated webhooks"
        )
        self._thread.start()
        return Answer(status=201, body={"id": self._subscription["id"]})

    def _unsubscribe(self, path: str) -> Answer:
        if self._subscription is None or path != f"/push_subscriptions/{self._subscription['id']}":
            return not_found("PushSubscription")
        self.stop()
        return Answer(status=204)

    def stop(self) -> None:
        """Post what is waiting, and no more."""
        if self._thread is not None:
            self._account.listeners.remove(self._happened)
            self._events.put(None)
            self._thread.join(_ACK_S * _ATTEMPTS)
        self._thread = self._subscription = None

    def _happened(self, what: str, aspect: str, object_id: int, updates: dict[str, str]) -> None:
        if self._subscription is None:
            return
        self._events.put(
            {
                "object_type": what,
                "object_id": object_id,
                "aspect_type": aspect,
                "updates": updates,
                "owner_id": self._account.athlete_id,
                "subscription_id": self._subscription["id"],
                "event_time": int(self._clock.epoch()),
            }
        )

    def _post_all(self) -> None:
        while (event := self._events.get()) is not None:
            subscription = self._subscription
            callback = subscription["callback_url"] if subscription else ""
            attempts = next(
                (count for count in range(1, _ATTEMPTS + 1) if _is_posted(callback, event)),
                _ATTEMPTS,
            )
            self.sent.append((event, attempts))


def _is_verified(callback: str, token: str) -> bool:
    query = {"hub.mode": "subscribe", "hub.challenge": _CHALLENGE, "hub.verify_token": token}
    try:
        with urllib.request.urlopen(
            f"{callback}?{urllib.parse.urlencode(query)}", timeout=_ACK_S
        ) as answer:
            return bool(json.load(answer) == {"hub.challenge": _CHALLENGE})
    except urllib.error.HTTPError as err:
        err.close()
        return False
    except (OSError, ValueError):
        return False


def _is_posted(callback: str, event: dict[str, Any]) -> bool:
    request = urllib.request.Request(
        callback, json.dumps(event).encode(), {"Content-Type": "application/json"}, method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=_ACK_S) as answer:
            return bool(answer.status == 200)
    except urllib.error.HTTPError as err:
        err.close()
        return False
    except OSError:
        return False
