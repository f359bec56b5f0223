"""A simulated Strava: API v3, OAuth, rate limits and faults over real HTTP,
for one made-up athlete.

with running(Account.synthetic(50)) as strava:
    token = strava.grant()["access_token"] requests.get(f"{strava.api_url}/athlete/activities",
    headers={"Authorization": f"Bearer {token}"}, timeout=5)
"""

from __future__ import annotations

from collections.abc import Collection

from tests.strava.account import Account, Activity
from tests.strava.clock import Clock
from tests.strava.faults import Fault
from tests.strava.limits import Limits
from tests.strava.messages import Request
from tests.strava.oauth import Consent
from tests.strava.server import Simulator, running

__all__ = [
    "Account",
    "Activity",
    "Clock",
    "Consent",
    "Fault",
    "Limits",
    "Request",
    "Simulator",
    "account_from_database",
    "running",
]


def account_from_database(url: str, activity_ids: Collection[int] | None = None) -> Account:
    """The account that says the very same as a database of ours;
    all activities unless told which.
    """
    from tests.strava.from_database import account_from_database as read

    return read(url, activity_ids)
