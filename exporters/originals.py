"""Copies the original device files out of the account's exports, renamed by start and title.

``import_files`` tells which export each file was read from; the export must still lie in the drop
folder. Files that are not found are listed. No part of a path inside an export is used to write, so
that no name can lead out of ``--out``.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from db.export_bytes import Unreadable
from db.models import ImportFile, ImportIssue
from exporters.dropped_exports import DroppedExports, source_folder
from exporters.files import whole_file
from exporters.job import Job, Outcome
from exporters.per_activity import Targets
from exporters.selection import Chosen

_SUFFIX: Final = re.compile(r"\.[A-Za-z0-9]{1,8}(?:\.gz)?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Original:
    """One device file: its activity, its path in the export, and the export's ZIP or folder."""

    activity: Chosen
    name: str
    origin: str


def export(job: Job, *, source: Path | None = None) -> Outcome:
    """Copy every device file; the outcome lists what is missing."""
    drop = source_folder(job, source)
    by_suffix: defaultdict[str, list[_Original]] = defaultdict(list)
    originals = list(_originals(job))
    for original in originals:
        by_suffix[_suffix(original.name)].append(original)
    targets = {
        suffix: Targets(job, suffix, [o.activity for o in some])
        for suffix, some in by_suffix.items()
    }
    job.progress.begin("device files", len(originals))
    missing = list(_never_there(job))
    copied = 0
    with DroppedExports(drop) as exports:
        for original in originals:
            reason = _copy(exports, original, targets[_suffix(original.name)])
            missing += [f"{original.origin}: {original.name}: {reason}"] if reason else []
            copied += reason is None
            job.progress.advance()
    without = len(job.activities) - len(originals)
    notes = (f"{without:,} activities have no device file in an export",) if without else ()
    return Outcome(files=copied, notes=notes, missing=tuple(missing))


def _never_there(job: Job) -> Iterator[str]:
    """Files that activities.csv names but the export lacked when it was imported."""
    chosen = {activity.activity_id for activity in job.activities}
    query = sa.select(
        ImportIssue.activity_id, ImportIssue.origin, ImportIssue.name, ImportIssue.reason
    )
    kinds = ImportIssue.kind.in_(("missing", "lost"))
    for activity_id, origin, name, reason in job.connection.execute(
        query.where(kinds).order_by(ImportIssue.name)
    ):
        if activity_id in chosen:
            yield f"{origin}: {name}: {reason}"


def _suffix(name: str) -> str:
    found = _SUFFIX.search(name)
    return found[0].lower() if found else ".bin"


def _originals(job: Job) -> Iterator[_Original]:
    """The device file of each chosen activity, by start."""
    activities = {activity.activity_id: activity for activity in job.activities}
    found: dict[int, _Original] = {}
    for name, origin, ids in job.connection.execute(_files()):
        for activity_id in (int(one) for one in re.findall(r"-?\d+", ids or "")):
            if activity_id in activities:
                found[activity_id] = _Original(
                    activity=activities[activity_id], name=name, origin=origin
                )
    return (found[activity_id] for activity_id in activities if activity_id in found)


def _files() -> sa.Select[str, str, str | None]:
    return (
        sa.select(ImportFile.name, ImportFile.origin, ImportFile.activity_ids)
        .where(ImportFile.file_kind == "activity")
        .order_by(ImportFile.exported_at, ImportFile.file_id)
    )


def _copy(exports: DroppedExports, original: _Original, targets: Targets) -> str | None:
    """Copy one file; return why it could not be read."""
    try:
        data = exports.read(original.origin, original.name)
    except Unreadable as err:
        return str(err)
    with targets.replaced(original.activity.activity_id) as path, whole_file(path) as unfinished:
        unfinished.write_bytes(data)
    return None
