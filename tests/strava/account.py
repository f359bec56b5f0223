"""The athlete whose account the simulator serves: raw bodies of activities, their streams, gear,
and what changes them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

Visibility = Literal["everyone", "followers_only", "only_me"]
Streams = dict[str, list[Any]]
#: Object type, aspect, id, updates: what a webhook tells.
Listener = Callable[[str, str, int, dict[str, str]], None]

#: Keys that only the detailed body has.
DETAIL_ONLY: Final = {
    "description",
    "calories",
    "embed_token",
    "gear",
    "laps",
    "splits_metric",
    "splits_standard",
    "best_efforts",
    "segment_efforts",
    "photos",
    "similar_activities",
    "available_zones",
    "stats_visibility",
    "perceived_exertion",
    "prefer_perceived_exertion",
    "hide_from_home",
    "private_note",
    "segment_leaderboard_opt_out",
    "leaderboard_opt_out",
    "partner_brand_tag",
    "x_unknown_detail",
}


class Activity:
    """One activity as raw JSON. ``more`` gives further keys of the detailed body, when someone asks
    for them.
    """

    def __init__(
        self,
        detail: Mapping[str, Any],
        streams: Streams | Callable[[], Streams] | None = None,
        more: Callable[[], dict[str, Any]] | None = None,
    ) -> None:
        self._base: dict[str, Any] = dict(detail)
        self._streams = streams if callable(streams) else dict(streams or {})
        self._more = more
        #: The owner hides when it began: its times are shown as one second after midnight.
        self.has_hidden_start = False

    @property
    def id(self) -> int:
        return int(self._base["id"])

    @property
    def start(self) -> datetime:
        """When it really began."""
        return datetime.fromisoformat(self._base["start_date"])

    @property
    def base(self) -> dict[str, Any]:
        """The raw body without what is only made on demand."""
        return self._base

    @property
    def detail(self) -> dict[str, Any]:
        """The raw detailed body; change it through ``Account.edit``."""
        if self._more is not None:
            more, self._more = self._more(), None
            route = {**(more.get("map") or {}), **(self._base.get("map") or {})}
            self._base = more | self._base | ({"map": route} if route else {})
        return self._base

    @property
    def streams(self) -> Streams:
        """Stream type -> values; empty for an activity without any."""
        if callable(self._streams):
            self._streams = self._streams()
        return self._streams

    @streams.setter
    def streams(self, streams: Streams) -> None:
        self._streams = streams

    def shown(self, *, detailed: bool) -> dict[str, Any]:
        """A copy of the summary or the detailed body."""
        source = self.detail if detailed else self._base
        body = {key: value for key, value in source.items() if detailed or key not in DETAIL_ONLY}
        body["resource_state"] = 3 if detailed else 2
        if isinstance(body.get("map"), dict):
            route = dict(body["map"], resource_state=body["resource_state"])
            if not detailed:
                route.pop("polyline", None)
            body["map"] = route
        if self.has_hidden_start:
            for key in ("start_date", "start_date_local"):
                body[key] = body[key][:10] + "T00:00:01Z"
        return body


class Account:
    """One athlete. All changes may come from any thread, also while a client pages."""

    def __init__(
        self,
        athlete_id: int,
        first_name: str,
        last_name: str,
        activities: Iterable[Activity] = (),
        **profile: Any,
    ) -> None:
        self.athlete_id, self.first_name, self.last_name = athlete_id, first_name, last_name
        self.activities: dict[int, Activity] = {activity.id: activity for activity in activities}
        #: Raw bodies of bikes (``b...``) and shoes (``g...``) by id.
        self.gear: dict[str, dict[str, Any]] = {}
        #: Further keys of the athlete's body.
        self.profile: dict[str, Any] = profile
        self.lock = threading.RLock()
        self.listeners: list[Listener] = []

    @classmethod
    def synthetic(
        cls,
        count: int = 100,
        seed: int = 1,
        until: datetime | None = None,
        first_id: int = 4_100_000_001,
    ) -> Account:
        """An athlete who does not exist, with so many activities before ``until``; the same
        arguments give the same.
        """
        from tests.strava.synthetic import synthetic_account

        return synthetic_account(count, seed, until, first_id)

    def add(self, activity: Activity) -> Activity:
        """Put an activity there, or in place of the one that has its id."""
        with self.lock:
            self.activities[activity.id] = activity
        self._tell("activity", "create", activity.id)
        return activity

    def new(self, start: datetime, *, sport: str = "Run", **fields: Any) -> Activity:
        """Record one more: the next id, this start, and all else made up;
        ``fields`` are raw keys.
        """
        from tests.strava.synthetic import single_activity

        with self.lock:
            activity = single_activity(self, self.next_id(), start, sport)
        activity.base.update(fields)
        return self.add(activity)

    def late_upload(self, start: datetime | None = None, **fields: Any) -> Activity:
        """One more whose id is the highest but that began long ago (100 days before the newest
        unless told).
        """
        with self.lock:
            newest = max((one.start for one in self.activities.values()), default=datetime.now(UTC))
        return self.new(start or newest - timedelta(days=100, minutes=7), **fields)

    def next_id(self) -> int:
        """An id above all others."""
        return max(self.activities, default=4_100_000_000) + 1_000_003

    def edit(self, activity_id: int, **fields: Any) -> None:
        """Set raw keys of an activity, details and summary alike."""
        with self.lock:
            self.activities[activity_id].detail.update(fields)
        if "name" in fields:
            self._tell("activity", "update", activity_id, title=str(fields["name"]))
        if "sport_type" in fields:
            self._tell("activity", "update", activity_id, type=str(fields["sport_type"]))

    def rename(self, activity_id: int, name: str) -> None:
        """Give it another name."""
        self.edit(activity_id, name=name)

    def delete(self, activity_id: int) -> Activity:
        """Take it away; give it back to ``add`` to undo that."""
        with self.lock:
            gone = self.activities.pop(activity_id)
        self._tell("activity", "delete", activity_id)
        return gone

    def set_visibility(self, activity_id: int, visibility: Visibility) -> None:
        """Who sees it; ``private`` follows."""
        is_private = visibility == "only_me"
        with self.lock:
            changed = bool(self.activities[activity_id].base.get("private")) != is_private
            self.edit(activity_id, visibility=visibility, private=is_private)
        if changed:
            self._tell("activity", "update", activity_id, private=str(is_private).lower())

    def set_gear(self, activity_id: int, gear_id: str | None) -> None:
        """Another bike or other shoes, or none."""
        if gear_id is not None and gear_id not in self.gear:
            raise KeyError(f"there is no gear {gear_id}")
        self.edit(activity_id, gear_id=gear_id)

    def hide_start(self, activity_id: int, hidden: bool = True) -> None:
        """Show its times as one second after midnight."""
        with self.lock:
            self.activities[activity_id].has_hidden_start = hidden

    def add_gear(self, gear_id: str, name: str, **fields: Any) -> dict[str, Any]:
        """A bike (``b...``) or a pair of shoes (``g...``)."""
        body = {
            "id": gear_id,
            "primary": False,
            "name": name,
            "nickname": "",
            "resource_state": 3,
            "retired": False,
            "distance": 0,
            "brand_name": None,
            "model_name": None,
            "description": None,
            "notification_distance": None,
        }
        body |= {"frame_type": 3, "weight": 8.5} if gear_id.startswith("b") else {}
        with self.lock:
            self.gear[gear_id] = body | fields
        return self.gear[gear_id]

    def edit_gear(self, gear_id: str, **fields: Any) -> None:
        """Set raw keys of a bike or shoes."""
        with self.lock:
            self.gear[gear_id] = self.gear[gear_id] | fields

    def newest_first(self) -> list[Activity]:
        """All activities by start (not by id)."""
        with self.lock:
            return sorted(
                self.activities.values(), key=lambda one: (one.start, one.id), reverse=True
            )

    def _tell(self, what: str, aspect: str, object_id: int, **updates: str) -> None:
        for listener in list(self.listeners):
            listener(what, aspect, object_id, updates)
