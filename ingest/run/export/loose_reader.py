"""Reads a loose device file: every session is an activity, since no row of Strava's names it."""

from __future__ import annotations

from typing import Any

from ingest.transform.activity_track import ActivityTrack
from ingest.transform.derived import Derived, Told, Zones, derive
from ingest.transform.file_sports import file_sport_type
from ingest.transform.loose_fields import guessed_sport, loose_fields, recordings_of
from ingest.transform.parsers import parser_version
from ingest.transform.provisional_ids import provisional_id
from ingest.transform.recording_fields import anchored, with_distance_of
from ingest.transform.records import Recording


def loose_tracks(
    recording: Recording, content: str, named_athlete: int, name: str, zones: Zones
) -> tuple[ActivityTrack, ...]:
    """A track per session of a file, with provisional ids.

    ``content`` is the hash of the file; ``named_athlete`` is whose file it is by its place.
    """
    return tuple(
        _track(anchored(part, None), (content, index, named_athlete), name, zones)
        for index, part in enumerate(recordings_of(recording))
    )


def _track(
    recording: Recording, identity: tuple[str, int, int], name: str, zones: Zones
) -> ActivityTrack:
    """The track of a session; ``identity`` is what its id is made from, beside its start."""
    sport_type = file_sport_type(recording)
    if sport_type is None:
        sport_type = guessed_sport(recording, _derived(recording, None, zones))
    recording = with_distance_of(recording, sport_type)
    derived = _derived(recording, sport_type, zones)
    fields = _fields(recording, derived, sport_type)
    return ActivityTrack(
        activity_id=provisional_id(*identity, fields.get("start_time_utc")),
        recording=recording,
        derived=derived,
        source="loose_file",
        file_name=name,
        parser_version=parser_version(recording.format),
        fields=fields,
    )


def _fields(recording: Recording, derived: Derived, sport_type: str) -> dict[str, Any]:
    """What the file says of its activity; Strava takes the name in a GPX file as the title."""
    fields = loose_fields(recording, derived, sport_type)
    if recording.format == "gpx" and recording.name:
        fields["name"] = recording.name
    return fields


def _derived(recording: Recording, sport_type: str | None, zones: Zones) -> Derived:
    return derive(
        recording.points,
        sport_type=sport_type,
        zones=zones,
        start_time_utc=recording.start_time_utc,
        told=Told(file_format=recording.format, figures=recording.figures),
        lengths=recording.lengths,
    )
