"""A multi-session recording becomes one recording per activity."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np

from ingest.transform.records import DeviceFigures, LapRow, Recording, SessionRow
from ingest.transform.sessions import recordings_of

START = datetime(2024, 5, 1, 6, 0, tzinfo=UTC)


def session(index: int, seconds: float | None, sport: str, lasting: float = 10.0) -> SessionRow:
    return SessionRow(
        session_index=index,
        start_time_utc=None if seconds is None else START + timedelta(seconds=seconds),
        elapsed_time_s=lasting,
        timer_time_s=lasting,
        sport=sport,
    )


def recording(*sessions: SessionRow, seconds: int = 50) -> Recording:
    elapsed = np.arange(seconds, dtype=float)
    return Recording(
        format="fit",
        start_time_utc=START,
        points={"elapsed_s": elapsed, "distance_m": elapsed * 3},
        laps=tuple(
            LapRow(lap_index=i, start_time_utc=s.start_time_utc) for i, s in enumerate(sessions)
        ),
        sessions=sessions,
        figures=DeviceFigures(timer_time_s=float(seconds)),
        sport=sessions[0].sport if sessions else None,
    )


def cut(of: Recording) -> list[tuple[str | None, int, int]]:
    """Sport, seconds from the file's start, and points of each part."""
    return [
        (
            part.sport,
            int(((part.start_time_utc or START) - START).total_seconds()),
            part.point_count,
        )
        for part in recordings_of(of)
    ]


TRIATHLON = (
    session(0, 0, "swimming"),
    session(1, 10, "transition", 5),
    session(2, 15, "cycling", 15),
    session(3, 30, "transition", 5),
    session(4, 35, "running", 15),
)


def test_each_leg_of_a_triathlon_is_a_recording_and_transitions_are_none() -> None:
    parts = recordings_of(recording(*TRIATHLON))
    assert cut(recording(*TRIATHLON)) == [
        ("swimming", 0, 10),
        ("cycling", 15, 15),
        ("running", 35, 15),
    ]
    for part in parts:
        assert [s.session_index for s in part.sessions] == [0]
        assert [lap.lap_index for lap in part.laps] == [0]
        assert part.points["elapsed_s"][0] == 0
        assert part.figures.timer_time_s == part.sessions[0].timer_time_s


def test_sessions_out_of_order_come_by_their_starts() -> None:
    assert cut(recording(*reversed(TRIATHLON))) == cut(recording(*TRIATHLON))


def test_a_file_of_one_session_or_none_stays_as_it_is() -> None:
    for sessions in ((), (session(0, 0, "running"),), (session(0, None, "running"),) * 2):
        whole = recording(*sessions)
        assert recordings_of(whole) == [whole]


def test_one_leg_beside_a_transition_loses_the_time_of_the_transition() -> None:
    assert cut(recording(session(0, 0, "running"), session(1, 40, "transition"))) == [
        ("running", 0, 40)
    ]


def test_a_frame_around_the_legs_is_no_activity() -> None:
    framed = (session(0, 0, "multisport", 50), session(1, 0, "cycling"), session(2, 20, "running"))
    assert cut(recording(*framed)) == [("cycling", 0, 20), ("running", 20, 30)]


def test_of_sessions_that_start_together_the_longest_counts() -> None:
    twice = (session(0, 0, "running", 9), session(1, 0, "cycling", 12), session(2, 0, "hiking", 12))
    assert cut(recording(*twice)) == [("cycling", 0, 50)]


def test_a_session_without_a_start_is_no_recording_of_its_own() -> None:
    sessions = (session(0, 0, "cycling"), session(1, None, "rowing"), session(2, 20, "running"))
    assert cut(recording(*sessions)) == [("cycling", 0, 20), ("running", 20, 30)]


def test_a_session_without_points_stays_if_it_lasted() -> None:
    first, empty = session(0, 0, "cycling"), session(1, 90, "running", 0)
    no_laps = replace(recording(first, empty), laps=())
    assert cut(no_laps) == [("cycling", 0, 50)]
    lasting = replace(recording(first, session(1, 90, "running", 60)), laps=())
    assert cut(lasting) == [("cycling", 0, 50), ("running", 90, 0)]


def test_a_file_of_transitions_alone_is_kept() -> None:
    assert (
        len(recordings_of(recording(session(0, 0, "transition"), session(1, 9, "transition")))) == 2
    )
