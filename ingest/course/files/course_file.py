"""Reads the course that is to be predicted, from a file or from an activity of the database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import sqlalchemy as sa

from db.models import Activity, Track
from db.points import read_points
from ingest.course.files.altitudes import doubts
from ingest.course.files.course import RaceCourse
from ingest.course.files.course_readers import RawCourse, read_course
from ingest.errors import CorruptFile, IngestError, UnsupportedFormat, UsageError
from ingest.transform.grade import PIECE_M, pieces_of
from ingest.transform.parsers.gunzip import MAX_INFLATED
from ingest.transform.positions import steps_m
from ingest.transform.records import FloatArray

#: Metres of the longest course.
LONGEST_M: Final = 2_000_000.0
#: Metres between two points that are worth saying: a straight line is no path.
_GAP_M: Final = 2_000.0
_OTHERWISE: Final = "give its --distance and --climb instead"


def course_of_file(path: Path) -> RaceCourse:
    """Read a GPX route or track, a TCX or FIT course or activity, gzipped or not.

    Raises:
        UsageError: it cannot be read, is no course, or has no altitudes.
    """
    return course_of_bytes(_bytes_of(path), str(path), path.name)


def course_of_bytes(data: bytes, origin: str, name: str) -> RaceCourse:
    """Read the bytes of such a file; ``name`` is that of a course without one.

    Raises:
        UsageError: it is no course, or has no altitudes.
    """
    _refuse_container(data, origin)
    try:
        return placed_course(read_course(data, origin), origin, name)
    except UnsupportedFormat as err:
        raise UsageError(
            f"{origin} is neither GPX, TCX nor FIT; save the course as GPX, and give that file"
        ) from err
    except IngestError as err:
        raise UsageError(f"{err}; {_advice(err)}") from err


def _bytes_of(path: Path) -> bytes:
    """The bytes of a file.

    Raises:
        UsageError: there is none, or it may not be read.
    """
    try:
        if path.is_dir():
            raise UsageError(f"{path} is a folder; give one GPX, TCX or FIT file")
        if path.stat().st_size > MAX_INFLATED:
            raise UsageError(f"{path} has more than {MAX_INFLATED >> 20} MiB; no course has")
        return path.read_bytes()
    except FileNotFoundError as err:
        raise UsageError(f"{path}: there is no such file; check its name and folder") from err
    except (OSError, ValueError) as err:
        reason = getattr(err, "strerror", None) or err
        raise UsageError(f"{path} cannot be read ({reason}); check who may read it") from err


def _refuse_container(data: bytes, origin: str) -> None:
    """Refuse what holds or offers a course, and is none.

    Raises:
        UsageError: it is a ZIP or a web page.
    """
    head = data[:1000].lstrip().lower()
    if head.startswith(b"pk\x03\x04"):
        raise UsageError(
            f"{origin} is a ZIP; unpack it, and give the GPX, TCX or FIT file that is in it"
        )
    if b"<html" in head or b"<!doctype html" in head:
        raise UsageError(
            f"{origin} is a web page, not a course; download the course itself, as GPX"
        )


def _advice(err: IngestError) -> str:
    if isinstance(err, CorruptFile):
        return "download or save it again, as GPX"
    return f"save the course as GPX, or {_OTHERWISE}"


def course_of_activity(connection: sa.Connection, activity_id: int) -> RaceCourse:
    """The course that an activity of the database took.

    Raises:
        UsageError: there is no such activity, or it has no points with altitudes.
    """
    query = sa.select(Activity.activity_id, Activity.name, Track.point_count).outerjoin(
        Track, Track.activity_id == Activity.activity_id
    )
    row = connection.execute(query.where(Activity.activity_id == activity_id)).one_or_none()
    origin = f"--activity {activity_id}"
    if row is None:
        raise UsageError(f"{origin}: the database has no such activity; check the number")
    points = next(read_points(connection, [row] if row.point_count else []), None)
    if points is None:
        raise UsageError(f"{origin} has no track points, so its course is not known; {_OTHERWISE}")
    latitude, longitude = points.positions()
    raw = RawCourse(
        name=row.name,
        latitude=latitude,
        longitude=longitude,
        altitude_m=points.column("altitude_m"),
        distance_m=points.column("distance_m"),
    )
    return placed_course(raw, origin, origin, trusts_distance=True)


def placed_course(
    raw: RawCourse, origin: str, name: str, *, trusts_distance: bool = False
) -> RaceCourse:
    """The course of points.

    ``trusts_distance`` takes the distance of the points even where positions are known, which is
    more exact where it was recorded.

    Raises:
        UsageError: it has no altitudes or no length, or is too short or too long.
    """
    distance = _distance(raw, trusts_distance)
    if distance is None:
        raise UsageError(
            f"{origin} has neither positions nor distances, so its length is not known; "
            f"{_OTHERWISE}"
        )
    _check_length(float(distance[-1]), origin)
    _check_altitudes(raw.altitude_m, origin)
    pieces = pieces_of(distance, raw.altitude_m)
    assert pieces is not None  # it is long enough and has altitudes
    notes = (*_notes(raw, distance), *doubts(distance, raw.altitude_m, pieces))
    return RaceCourse(
        name=raw.name or name,
        pieces=pieces,
        distance_m=distance,
        latitude=raw.latitude,
        longitude=raw.longitude,
        notes=notes,
    )


def _check_length(metres: float, origin: str) -> None:
    if metres < PIECE_M:
        raise UsageError(
            f"{origin} is a course of {metres:,.0f} m; the shortest that can be predicted has "
            f"{PIECE_M:,.0f} m"
        )
    if metres > LONGEST_M:
        raise UsageError(
            f"{origin} is a course of {metres / 1000:,.0f} km; the longest that can be predicted "
            f"has {LONGEST_M / 1000:,.0f} km"
        )


def _check_altitudes(altitude_m: FloatArray, origin: str) -> None:
    known = altitude_m[np.isfinite(altitude_m)]
    if len(known) > 1 and known.any():
        return
    lacking = "has no altitudes" if len(known) < 2 else "has an altitude of 0 everywhere"
    raise UsageError(
        f"{origin} {lacking}, so what its climbs cost is not known; save it with altitudes "
        f"(planners of routes can add them), or {_OTHERWISE}"
    )


def _distance(raw: RawCourse, trusts_distance: bool) -> FloatArray | None:
    """Metres up to each point, never falling; ``None`` where nothing tells them."""
    told = _filled(raw.distance_m)
    if told is not None and trusts_distance:
        return told
    known = np.isfinite(raw.latitude)
    if known.sum() < 2:
        return told
    along = np.full(len(known), np.nan)
    steps = steps_m(raw.latitude[known], raw.longitude[known])
    along[known] = np.concatenate(([0.0], np.cumsum(steps)))
    return _filled(along)


def _filled(distance_m: FloatArray) -> FloatArray | None:
    """Distances from 0 that never fall, with gaps filled evenly; ``None`` if they tell nothing."""
    known = np.isfinite(distance_m)
    if known.sum() < 2:
        return None
    at = np.arange(len(distance_m))
    filled = np.interp(at, at[known], distance_m[known])
    rising: FloatArray = np.maximum.accumulate(filled - filled[0])
    return rising if rising[-1] > 0 else None


def _notes(raw: RawCourse, distance: FloatArray) -> Iterator[str]:
    if raw.damage is not None:
        yield f"only a part of it could be read: {raw.damage}"
    if raw.count > 1:
        yield f"the file holds {raw.count:,} tracks; they are taken one after the other"
    gap = float(np.diff(distance).max())
    if gap > _GAP_M:
        yield f"two of its points are {gap / 1000:,.1f} km apart; a straight line is taken there"
