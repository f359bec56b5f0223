"""Has an athlete's loose recordings meet Strava's activities, and moves their rows there."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import sqlalchemy as sa

from db.models import ActivityAlias, ImportIssue, LooseRecording
from ingest.load import ledger, sync_state
from ingest.load.athlete_claims import UNKNOWN, hand_over, is_only_loose, owner_of_loose
from ingest.load.joining import move_recordings
from ingest.load.loose_recordings import has_loose
from ingest.load.meeting_decision import Meeting
from ingest.transform.records import Issue


def meet_loose(connection: sa.Connection, athlete_id: int, run_id: int) -> None:
    """Join the athlete's loose recordings with Strava's activities, or with each other.

    Loose files of nobody become this athlete's if there is no other, or if they are of activities
    of theirs.
    """
    _take_unknown(connection, athlete_id)
    if not has_loose(connection, athlete_id):
        return
    meeting = Meeting.of(connection, athlete_id)
    belongs = meeting.belongs()
    # The activity that an alias leads to must be there, and must not go before its alias does.
    aliases = {(i, activity) for i, found in belongs.items() for activity in found if activity != i}
    kept = _remove_old_aliases(connection, athlete_id, aliases)
    telling = meeting.telling(belongs)
    move_recordings(connection, athlete_id, {i: x for x, i in telling.items()}, run_id)
    new = [
        {"provisional_id": i, "activity_id": activity, "athlete_id": athlete_id}
        for i, activity in sorted(aliases - kept)
    ]
    if new:
        connection.execute(sa.insert(ActivityAlias), new)
    _tell(connection, athlete_id, run_id, list(meeting.duplicates(belongs, telling)))


def have_others_meet(connection: sa.Connection, athlete_id: int) -> None:
    """Have the loose files of other athletes meet again in this run: one of them may have been
    recorded by this athlete's device.
    """
    others = sa.select(LooseRecording.athlete_id).where(LooseRecording.athlete_id != athlete_id)
    for other in connection.scalars(others.distinct()).all():
        sync_state.mark_unsettled(connection, other)


def _take_unknown(connection: sa.Connection, athlete_id: int) -> None:
    """Give the athlete the unknown one's loose files, if they are theirs."""
    if athlete_id == UNKNOWN or not is_only_loose(connection):
        return
    is_only = owner_of_loose(connection, UNKNOWN) == athlete_id
    if is_only or any(ids for _, ids in Meeting.of(connection, athlete_id, UNKNOWN).joined()):
        hand_over(connection, athlete_id)


def _remove_old_aliases(
    connection: sa.Connection, athlete_id: int, aliases: Collection[tuple[int, int]]
) -> set[tuple[int, int]]:
    """Remove aliases that lead elsewhere now; returns those that stay."""
    query = sa.select(ActivityAlias.provisional_id, ActivityAlias.activity_id).where(
        ActivityAlias.athlete_id == athlete_id
    )
    known = {(row[0], row[1]) for row in connection.execute(query)}
    for i, activity_id in known - set(aliases):
        connection.execute(
            sa.delete(ActivityAlias).where(
                ActivityAlias.provisional_id == i, ActivityAlias.activity_id == activity_id
            )
        )
    return known & set(aliases)


def _tell(connection: sa.Connection, athlete_id: int, run_id: int, issues: Sequence[Issue]) -> None:
    """Replace the issues about duplicates, if they are others now."""
    mine = (ImportIssue.athlete_id == athlete_id, ImportIssue.kind == ledger.DUPLICATE)
    query = sa.select(ImportIssue.name, ImportIssue.activity_id, ImportIssue.reason).where(*mine)
    known = {tuple(row) for row in connection.execute(query)}
    new = {(ledger.short_name(x.origin), x.activity_id, x.reason) for x in issues}
    if known != new:
        connection.execute(sa.delete(ImportIssue).where(*mine))
        ledger.add_issues(connection, run_id, athlete_id, ledger.LOOSE_FILES, issues)
