"""Tells what of a device file is not in its track, or was read otherwise than the file says."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.transform.activity_track import ActivityTrack
from ingest.transform.records import Issue


def issues_of(track: ActivityTrack, origin: str) -> Iterator[Issue]:
    """What of a file is not in its recording, and what was read otherwise than the file says."""
    recording, activity_id = track.recording, track.activity_id
    if recording.partial:
        yield Issue(
            origin=origin, kind="partial", reason=recording.partial, activity_id=activity_id
        )
    if recording.corrections:
        reason = "; ".join(recording.corrections)
        yield Issue(origin=origin, kind="corrected", reason=reason, activity_id=activity_id)
