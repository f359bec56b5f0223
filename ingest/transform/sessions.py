"""Cuts a multi-session recording, as of a triathlon, into one recording per activity."""

from __future__ import annotations

from typing import Final

from ingest.transform.recording_fields import leg_of
from ingest.transform.records import Recording, SessionRow

#: FIT's sports of sessions that are no activity of their own: the time in a transition zone, and a
#: frame around the sessions of a multisport file.
_NO_ACTIVITY: Final = frozenset({"transition", "multisport"})


def recordings_of(recording: Recording) -> list[Recording]:
    """One recording per session, in order of their starts; a file of one session as it is.

    Each session lasts until the next one begins, so that transitions end the session before them,
    and what was recorded in them belongs to no activity. Of sessions that start in the same second
    the longest counts. Sessions without a start, and without anything recorded, are none.
    """
    timed = [s for s in recording.sessions if s.start_time_utc is not None]
    if len(timed) < 2:
        return [recording]
    done = [session for session in timed if session.sport not in _NO_ACTIVITY] or timed
    parts = [leg_of(recording, session) for session in _by_start(done)]
    return [part for part in parts if _holds_anything(part)] or [recording]


def _by_start(sessions: list[SessionRow]) -> list[SessionRow]:
    longest = sorted(sessions, key=lambda s: (s.elapsed_time_s or 0.0, -s.session_index))
    by_start = {session.start_time_utc: session for session in longest}
    return [by_start[start] for start in sorted(filter(None, by_start))]


def _holds_anything(part: Recording) -> bool:
    """Whether a session was recorded at all; devices add empty ones when they are switched off."""
    session = part.sessions[0]
    return bool(
        part.point_count
        or part.laps
        or part.lengths
        or part.sets
        or session.elapsed_time_s
        or session.distance_m
    )
