"""Every table of the database, one module per family."""

from db.models.activity import Activity
from db.models.athlete import Athlete, Gear, GearComponent, WorkoutSet
from db.models.base import Base
from db.models.effort import BestEffort, SegmentEffort, Split
from db.models.ledger import (
    ActivityObservation,
    DataDictionary,
    ImportFile,
    ImportIssue,
    ImportRun,
    PurgedActivity,
    QueueItem,
    SyncState,
)
from db.models.social import (
    Challenge,
    Club,
    Comment,
    Goal,
    Media,
    Reaction,
    Route,
    Segment,
    StarredRoute,
    StarredSegment,
)
from db.models.track import Lap, SwimLength, Track, TrackPoint, TrackSession

__all__ = [
    "Activity",
    "ActivityObservation",
    "Athlete",
    "Base",
    "BestEffort",
    "Challenge",
    "Club",
    "Comment",
    "DataDictionary",
    "Gear",
    "GearComponent",
    "Goal",
    "ImportFile",
    "ImportIssue",
    "ImportRun",
    "Lap",
    "Media",
    "PurgedActivity",
    "QueueItem",
    "Reaction",
    "Route",
    "Segment",
    "SegmentEffort",
    "Split",
    "StarredRoute",
    "StarredSegment",
    "SwimLength",
    "SyncState",
    "Track",
    "TrackPoint",
    "TrackSession",
    "WorkoutSet",
]
