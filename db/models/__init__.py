"""Collects every table of the database, one module per family."""

from db.models.activity import Activity
from db.models.athlete import Athlete, AthleteZone, Gear, GearComponent, WorkoutSet
from db.models.base import Base
from db.models.effort import (
    BestEffort,
    Decoupling,
    HeartrateBand,
    PowerPeak,
    SegmentEffort,
    Split,
    ZoneTime,
)
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
from db.models.loose import ActivityAlias, LooseRecording
from db.models.mart import ActivityFact, Date
from db.models.mart_duplicates import DuplicateCandidate
from db.models.mart_heartrate import PaceAtHeartRate
from db.models.mart_routes import RouteGroup
from db.models.mart_totals import GearMileage, PeriodSummary, YearToDate
from db.models.mart_training import (
    DailyLoad,
    Eddington,
    GradePace,
    PersonalRecord,
    SplitPace,
    Streak,
)
from db.models.place import ActivityPlace
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
from db.models.track import Lap, SwimLength, Track, TrackPause, TrackPoint, TrackSession

__all__ = [
    "Activity",
    "ActivityAlias",
    "ActivityFact",
    "ActivityObservation",
    "ActivityPlace",
    "Athlete",
    "AthleteZone",
    "Base",
    "BestEffort",
    "Challenge",
    "Club",
    "Comment",
    "DailyLoad",
    "DataDictionary",
    "Date",
    "Decoupling",
    "DuplicateCandidate",
    "Eddington",
    "Gear",
    "GearComponent",
    "GearMileage",
    "Goal",
    "GradePace",
    "HeartrateBand",
    "ImportFile",
    "ImportIssue",
    "ImportRun",
    "Lap",
    "LooseRecording",
    "Media",
    "PaceAtHeartRate",
    "PeriodSummary",
    "PersonalRecord",
    "PowerPeak",
    "PurgedActivity",
    "QueueItem",
    "Reaction",
    "Route",
    "RouteGroup",
    "Segment",
    "SegmentEffort",
    "Split",
    "SplitPace",
    "StarredRoute",
    "StarredSegment",
    "Streak",
    "SwimLength",
    "SyncState",
    "Track",
    "TrackPause",
    "TrackPoint",
    "TrackSession",
    "WorkoutSet",
    "YearToDate",
    "ZoneTime",
]
