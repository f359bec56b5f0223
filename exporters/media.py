"""Copies photos and videos out of the account's exports, named by the activity's start and title.

A caption goes into a text file beside its photo. As for the device files (``originals``), the
exports must still lie in the drop folder, and what is not found is listed. A path inside an export
never leads to the place of a copy.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

import sqlalchemy as sa

from db.export_bytes import Unreadable
from db.models import ImportFile, Media
from exporters.dropped_exports import DroppedExports, source_folder
from exporters.files import prepare, refuse_existing, whole_file, write_text
from exporters.job import Job, Outcome
from exporters.names import slug
from exporters.per_activity import Targets
from exporters.picture_positions import PositionStays, stripped

_SUFFIX: Final = re.compile(r"\.[A-Za-z0-9]{1,8}")
_CAPTION: Final = ".txt"
_HOME: Final = (
    "Photos show where your home is, by what is on them and by the position that a camera may have "
    "written into them; --strip-location leaves that position out"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Medium:
    """One photo or video; ``number`` counts those of its activity from 1, if it has an activity."""

    athlete_id: int
    name: str
    caption: str | None
    activity_id: int | None
    number: int

    @property
    def suffix(self) -> str:
        """The format, as names tell it."""
        found = PurePosixPath(self.name).suffix
        return found.lower() if _SUFFIX.fullmatch(found) else ".bin"

    def ending(self, suffix: str) -> str:
        """How a file name of an activity ends for it."""
        return f"-{self.number:02}{suffix}"


def export(job: Job, *, source: Path | None = None, strip_location: bool = False) -> Outcome:
    """Copy every photo and video; the outcome lists what is missing."""
    drop = source_folder(job, source)
    media = list(_media(job))
    if not media:
        return Outcome(files=0, notes=("no photo or video of an export is in the database",))
    places = _Places(job, media)
    origins = _origins(job.connection)
    job.progress.begin("photos and videos", len(media))
    missing = []
    with DroppedExports(drop) as exports:
        for medium in media:
            try:
                data = _read(exports, origins.get(medium.athlete_id, ()), medium.name)
                places.write(medium, stripped(data) if strip_location else data)
            except (Unreadable, PositionStays) as err:
                missing.append(f"{medium.name}: {err}")
            job.progress.advance()
    notes = (_HOME,) if places.files and not strip_location else ()
    return Outcome(files=places.files, notes=notes, missing=tuple(missing))


class _Places:
    """Writes photos and captions to their places, and counts the files."""

    def __init__(self, job: Job, media: Sequence[_Medium]) -> None:
        folder = job.folder()
        self.files = 0
        of_ending: defaultdict[str, set[int]] = defaultdict(set)
        for medium in media:
            if medium.activity_id is not None:
                of_ending[medium.ending(medium.suffix)].add(medium.activity_id)
                of_ending[medium.ending(_CAPTION)].add(medium.activity_id)
        self._others = {
            name: folder / file
            for name, file in _names_of_others(m for m in media if m.activity_id is None).items()
        }
        refuse_existing(self._others.values(), job.overwrite)
        self._targets = {
            ending: Targets(job, ending, [a for a in job.activities if a.activity_id in ids])
            for ending, ids in of_ending.items()
        }
        prepare(folder)

    def write(self, medium: _Medium, data: bytes) -> None:
        """Write a photo and its caption, in place of those that were there."""
        with self._at(medium, medium.suffix) as path, whole_file(path) as unfinished:
            unfinished.write_bytes(data)
        with self._at(medium, _CAPTION) as path:
            if medium.caption:
                write_text(path, f"{medium.caption}\n")
            else:
                path.unlink(missing_ok=True)
        self.files += 2 if medium.caption else 1

    @contextmanager
    def _at(self, medium: _Medium, suffix: str) -> Iterator[Path]:
        if medium.activity_id is None:
            yield self._others[medium.name].with_suffix(suffix)
        else:
            with self._targets[medium.ending(suffix)].replaced(medium.activity_id) as path:
                yield path


def _names_of_others(media: Iterable[_Medium]) -> Mapping[str, str]:
    """Names for what belongs to no activity: those in the export, made safe, and all different."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for medium in media:
        stem = f"no-activity_{slug(medium.name.removesuffix(PurePosixPath(medium.name).suffix))}"
        while stem.casefold() in taken:
            stem = f"{stem}-2"
        taken.add(stem.casefold())
        found[medium.name] = f"{stem}{medium.suffix}"
    return found


def _media(job: Job) -> Iterator[_Medium]:
    """The media of the exports: those of the chosen activities, and others only if all are chosen.

    Until 2022, exports did not tell which activity a photo belongs to.
    """
    chosen = {activity.activity_id for activity in job.activities}
    numbers: Counter[int | None] = Counter()
    query = sa.select(Media.athlete_id, Media.filename, Media.caption, Media.activity_id)
    for row in job.connection.execute(
        query.where(Media.source == "export").order_by(
            Media.activity_id.is_(None), Media.activity_id, Media.media_index, Media.filename
        )
    ):
        if row.activity_id in chosen or (row.activity_id is None and not job.selection):
            numbers[row.activity_id] += 1
            yield _Medium(
                athlete_id=row.athlete_id,
                name=row.filename,
                caption=row.caption,
                activity_id=row.activity_id,
                number=numbers[row.activity_id],
            )


def _origins(connection: sa.Connection) -> Mapping[int, Sequence[str]]:
    """ZIPs and folders that each athlete's exports were read from, the newest first."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    query = sa.select(ImportFile.athlete_id, ImportFile.origin)
    for athlete_id, origin in connection.execute(
        query.where(ImportFile.file_kind == "export").order_by(
            ImportFile.exported_at.desc(), ImportFile.file_id.desc()
        )
    ):
        found[athlete_id].append(origin)
    return found


def _read(exports: DroppedExports, origins: Sequence[str], name: str) -> bytes:
    """The bytes of a file in the newest export that holds it.

    Raises:
        Unreadable: none does; it says why the newest one does not.
    """
    reasons = []
    for origin in origins:
        try:
            return exports.read(origin, name)
        except Unreadable as err:
            reasons.append(f"{origin}: {err}")
    raise Unreadable(reasons[0] if reasons else "the database knows no export that holds it")
