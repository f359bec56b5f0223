"""Collects the texts of points, laps, activities and the device from a TCX file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Final

from ingest.transform.parsers.limits import MAX_LAPS
from ingest.transform.parsers.xml_points import PointReader, UnreasonableError

_LAP_FIELDS: Final = frozenset(
    {
        "totaltimeseconds",
        "distancemeters",
        "maximumspeed",
        "calories",
        "averageheartratebpm",
        "maximumheartratebpm",
        "intensity",
        "cadence",
        "triggermethod",
        "avgspeed",
        "avgruncadence",
        "maxruncadence",
        "maxbikecadence",
        "avgwatts",
        "maxwatts",
    }
)


@dataclass(slots=True)
class RawActivity:
    """One Activity, with its texts as they are in the file."""

    sport: str | None
    first_lap: int
    started: str | None = None


@dataclass(slots=True)
class RawLap:
    """One Lap: its texts by local name, as they are in the file."""

    started: str | None
    texts: dict[str, str] = field(default_factory=dict)


def _check(found: Sequence[object], what: str) -> None:
    if len(found) >= MAX_LAPS:
        raise UnreasonableError(f"has more than {MAX_LAPS:,} {what}")


class TcxReader(PointReader):
    """Collects ``Trackpoint``, ``Lap``, ``Activity`` and ``Creator``, outside of courses."""

    TAG: ClassVar[str] = "Trackpoint"
    POINT: ClassVar[str] = "trackpoint"
    FIELDS: ClassVar[Mapping[str, str]] = {
        "time": "time",
        "latitudedegrees": "latitude",
        "longitudedegrees": "longitude",
        "altitudemeters": "altitude_m",
        "distancemeters": "distance_m",
        "value": "heartrate_bpm",
        "bpm": "heartrate_bpm",
        # In the first version of TCX the number stands here, without a Value element.
        "heartratebpm": "heartrate_bpm",
        "cadence": "cadence_rpm",
        "runcadence": "run_cadence",
        "speed": "speed_mps",
        "watts": "power_w",
    }
    FRAME: ClassVar[tuple[str, str]] = (
        "<TrainingCenterDatabase><Activities><Activity><Lap><Track>",
        "</Track></Lap></Activity></Activities></TrainingCenterDatabase>",
    )

    def __init__(self) -> None:
        super().__init__()
        self.activities: list[RawActivity] = []
        self.laps: list[RawLap] = []
        self.creator: dict[str, str] = {}

    def opened(self, name: str, attributes: Mapping[str, str]) -> None:
        """Called when a lap or an activity begins."""
        if name in ("courses", "workouts"):
            self.ignoring = True  # the points of a course are a plan
        elif self.ignoring:
            return
        elif name == "lap":
            _check(self.laps, "laps")
            self.laps.append(RawLap(attributes.get("starttime")))
            self.breaks.append(len(self.points))
        elif name == "activity":
            _check(self.activities, "activities")
            self.activities.append(
                RawActivity((attributes.get("sport") or "").strip() or None, len(self.laps))
            )

    def closed(self, name: str, text: str) -> None:
        """Called at the end of an element outside of points; keeps its text."""
        if name in ("courses", "workouts"):
            self.ignoring = False
        elif self.ignoring or not text:
            return
        elif "creator" in self.path:
            self.creator.setdefault(name, text)
        elif name == "id" and self.path[-1:] == ["activity"]:
            self.activities[-1].started = text
        elif "lap" in self.path:
            key = self.path[-1] if name in ("value", "bpm") else name
            if key in _LAP_FIELDS:
                self.laps[-1].texts[key] = text
