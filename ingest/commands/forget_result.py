"""Tells what was forgotten, on the terminal and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """What was forgotten, or would be; with what was imported again in its place, and lost."""

    athlete_id: int
    #: The exports that were forgotten; all of an athlete's.
    exports: tuple[str, ...] = ()
    #: The loose device file that was forgotten, and its copies.
    files: tuple[str, ...] = ()
    #: The exports that were imported again.
    imported_again: tuple[str, ...] = ()
    #: What could not be read again, as sentences.
    lost: tuple[str, ...] = ()
    #: Activities before and after; after is not known where nothing was done.
    activities_before: int = 0
    activities_after: int | None = None
    #: Exports of the athlete that still lie in the drop folder, and the next run imports.
    still_there: tuple[str, ...] = ()
    #: Loose device files of the athlete that still lie there.
    files_still_there: tuple[str, ...] = ()
    #: Whether the connection to Strava was that of the athlete, and is removed.
    was_connected: bool = False
    backup: str | None = None
    is_done: bool = False


def forget_facts(result: Forgotten) -> dict[str, Any]:
    """The result for ``--json``."""
    return asdict(result)


def lines(result: Forgotten) -> Iterator[str]:
    """The result for the terminal."""
    will = "Forgotten" if result.is_done else "Would be forgotten"
    what = ", ".join(result.exports or result.files) or "no exports"
    yield f"{will}: {what} of athlete {result.athlete_id}"
    count = f"{result.activities_before:,}"
    if result.activities_after is not None:
        count = f"{count} before, {result.activities_after:,} now"
    if len(result.files) > 1:
        yield "These files have the same contents, or had"
    yield f"Activities of this athlete: {count}"
    if result.imported_again:
        yield f"Imported again: {', '.join(result.imported_again)}"
    for sentence in result.lost:
        yield f"Lost: {sentence}"
    if result.was_connected:
        yield "The connection to Strava was this athlete's, and is removed here"
    if result.still_there:
        names = ", ".join(result.still_there)
        yield f"Still in the drop folder, so that the next run imports it again: {names}"
    if result.files_still_there:
        count = f"{len(result.files_still_there):,}"
        yield (
            f"Still in the drop folder, so that the next run imports them again: {count} device "
            f"files of this athlete, such as {result.files_still_there[0]}"
        )
    if result.backup:
        yield f"A backup of the database before: {result.backup}"
