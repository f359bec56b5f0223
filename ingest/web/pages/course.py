"""Plans a course, as the command ``predict`` does: drop a file, see the plan, change the goal."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, TypeVar
from urllib.parse import quote, urlencode

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ingest.course.files.course import RaceCourse, even_course
from ingest.course.files.course_file import course_of_activity, course_of_bytes
from ingest.course.model.history import SPORTS
from ingest.course.options import (
    climb_of,
    clock_of,
    day_of,
    distance_of,
    pace_of,
    seconds_of,
    stops_of,
)
from ingest.course.plan.outputs import ENDINGS, text_of
from ingest.course.plan.page import sections
from ingest.course.plan.plan import RaceWish
from ingest.course.plan.planned import Planned, planned
from ingest.course.request import check_length
from ingest.errors import UsageError
from ingest.web.courses import Courses, file_in
from ingest.web.known_athletes import KnownAthletes
from ingest.web.pages.reading import config_of, database, page
from ingest.web.queries.report import athletes_of

#: Bytes of the largest file that can be dropped; Strava takes uploads of 25 MB.
_MAX_BYTES: Final = 25_000_000
#: Fields that say which course it is, and those that say what is wanted of the plan.
_COURSE_FIELDS: Final = ("course", "activity", "distance", "climb")
_PLAN_FIELDS: Final = ("athlete", "sport", "goal", "date", "start", "stops", "pace")
_TYPES: Final = {"html": "text/html", "csv": "text/csv", "gpx": "application/gpx+xml"}

#: A whole number of as many digits as every database takes; ids of loose files are negative.
_WHOLE: Final = re.compile(r"-?\d{1,18}", re.ASCII)

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What the fields of the page say."""

    fields: Mapping[str, str]

    @classmethod
    def of(cls, request: Request) -> Form:
        """The fields of an address; empty texts for those that it lacks."""
        names = (*_COURSE_FIELDS, *_PLAN_FIELDS)
        query = request.query_params
        return cls(fields={name: query.get(name, "").strip() for name in names})

    @property
    def has_course(self) -> bool:
        """Whether a course is named."""
        return any(self.fields[name] for name in _COURSE_FIELDS)

    @property
    def query(self) -> str:
        """The fields as a part of an address."""
        return urlencode({name: value for name, value in self.fields.items() if value})

    def value(self, name: str, read: Callable[[str, str], T]) -> T | None:
        """A field as ``read`` understands it; ``None`` if it is empty."""
        text = self.fields[name]
        return read(text, name.capitalize()) if text else None

    def wish(self) -> RaceWish:
        """What is wanted of the plan."""
        return RaceWish(
            goal_s=self.value("goal", seconds_of),
            stops=self.value("stops", stops_of) or (),
            start=self.value("start", clock_of),
            day=self.value("date", day_of),
        )


async def drop(request: Request) -> Response:
    """Keep the course of a file, and show its plan."""
    data = b""
    async for chunk in request.stream():
        data += chunk
        if len(data) > _MAX_BYTES:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return await run_in_threadpool(_dropped, request, data)


def _dropped(request: Request, data: bytes) -> Response:
    found = file_in(request.headers.get("content-type", ""), data)
    if found is None:
        return _page(request, Form.of(request), problem="Choose a file first.")
    name, content = found
    try:
        course = course_of_bytes(content, name, name)
    except UsageError as err:
        return _page(request, Form.of(request), problem=f"{err.message}.")
    key = _courses(request).keep(course)
    return RedirectResponse(f"/course?course={key}", HTTPStatus.SEE_OTHER)


def show(request: Request) -> Response:
    """The page; with a course, its plan."""
    form = Form.of(request)
    if not form.has_course:
        return _page(request, form)
    try:
        found = _planned(request, form)
    except UsageError as err:
        return _page(request, form, problem=f"{err.message}.")
    return _page(request, form, found)


def plan_file(request: Request) -> Response:
    """The plan as a file."""
    ending, form = request.path_params["ending"], Form.of(request)
    if f".{ending}" not in ENDINGS or not form.has_course:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    try:
        found = _planned(request, form)
        text = text_of(found, f".{ending}")
    except UsageError as err:
        return _page(request, form, problem=f"{err.message}.")
    name = quote(f"{found.plan.course.name[:60]}.{ending}", safe="")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return Response(text, media_type=_TYPES.get(ending, "application/json"), headers=headers)


def _planned(request: Request, form: Form) -> Planned:
    wish, pace = form.wish(), form.value("pace", pace_of)
    with database(request) as connection:
        activity = form.value("activity", _whole)
        course = (
            _course_of(request, form)
            if activity is None
            else course_of_activity(connection, activity)
        )
        known = _known_athletes(request).find(
            connection,
            str(config_of(request).database),
            athlete_id=form.value("athlete", _whole),
            sport=form.fields["sport"] or SPORTS[0],
            day=wish.day,
        )
    return planned(known, course, wish, pace)


def _course_of(request: Request, form: Form) -> RaceCourse:
    if key := form.fields["course"]:
        course = _courses(request).find(key)
        if course is None:
            raise UsageError("the course is not kept any more; drop its file again")
        return course
    distance, climb = form.value("distance", distance_of), form.value("climb", climb_of)
    check_length(distance, climb)
    assert distance is not None
    return even_course(distance, climb or 0.0)


def _whole(text: str, what: str) -> int:
    if not _WHOLE.fullmatch(text):
        raise UsageError(f"{what} {text!r} is no whole number")
    return int(text)


def _courses(request: Request) -> Courses:
    courses: Courses = request.app.state.courses
    return courses


def _known_athletes(request: Request) -> KnownAthletes:
    known: KnownAthletes = request.app.state.known_athletes
    return known


def _page(
    request: Request, form: Form, found: Planned | None = None, problem: str = ""
) -> Response:
    values: dict[str, Any] = {"plan": None, "sections": [], "athletes": []}
    if found is not None:
        with database(request) as connection:
            athletes = athletes_of(connection)
        values = {"plan": found.plan, "sections": sections(found), "athletes": athletes}
    status = HTTPStatus.BAD_REQUEST if problem else HTTPStatus.OK
    return page(
        request,
        "course.html",
        status,
        form=form,
        fields=form.fields,
        course_fields=_COURSE_FIELDS,
        sports=SPORTS,
        problem=problem[:1].upper() + problem[1:],
        **values,
    )
