"""Puts the pages together into one application."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Final

from jinja2 import ChoiceLoader, Environment, PackageLoader, PrefixLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates

from db.errors import DatabaseProblem, NoDatabase
from exporters.report.page import TEMPLATES as REPORT_TEMPLATES
from ingest.commands import oauth_redirect
from ingest.config import Config
from ingest.web import formats
from ingest.web.access.security import HEALTH, LOGIN, Door, Guard
from ingest.web.attempts import Attempts
from ingest.web.courses import Courses
from ingest.web.jobs import job_words
from ingest.web.jobs.processes import Jobs
from ingest.web.known_athletes import KnownAthletes
from ingest.web.pages import (
    activities,
    activity,
    connect,
    course,
    data,
    demo,
    downloads,
    files,
    home,
    imports,
    login,
    problems,
    report,
)
from ingest.web.pages.reading import page
from ingest.web.uploads import Uploads

_STATIC: Final = Path(__file__).parent / "static"
#: For pages that a browser which looks at the demo athlete does not see.
_OWN: Final = [Middleware(demo.OwnOnly)]


def make_app(
    config: Config, door: Door, import_jobs: Jobs, export_jobs: Jobs, demo_jobs: Jobs
) -> Starlette:
    """The application; its pages find the configuration, jobs and uploads in ``app.state``."""
    app = Starlette(
        routes=[
            *_login_routes(door),
            Route(HEALTH, _healthy),
            Route("/", home.show),
            Route("/activities", activities.show),
            Route("/activities/{activity_id}", activity.show),
            Route("/activities/{activity_id}/original", activity.original),
            Route("/activities/{activity_id}/media/{place:int}", activity.medium),
            Route("/connect", connect.show, middleware=_OWN),
            Route("/connect", connect.begin, methods=["POST"], middleware=_OWN),
            Route(oauth_redirect.PATH, connect.come_back),
            Route("/disconnect", connect.disconnect, methods=["POST"]),
            Route("/activities.csv", downloads.csv),
            Route("/activities.xlsx", downloads.xlsx),
            Route("/activities.gpx.zip", downloads.gpx),
            Route("/course", course.show),
            Route("/course", course.drop, methods=["POST"]),
            Route("/course/plan.{ending}", course.plan_file),
            Route("/data", data.show),
            Route("/data/files/{name}", data.file),
            Route("/demo", demo.show),
            Route("/demo", demo.begin, methods=["POST"]),
            Route("/demo/cancel", demo.cancel, methods=["POST"]),
            Route("/demo/leave", demo.leave, methods=["POST"]),
            Route("/demo/state", demo.state),
            Route("/files", files.show, middleware=_OWN),
            Route("/files", files.start, methods=["POST"], middleware=_OWN),
            Route("/files/cancel", files.cancel, methods=["POST"]),
            Route("/files/state", files.state),
            Route("/files/download", files.download),
            Route("/problems", problems.show),
            Route("/report", report.show),
            Route("/report/style.css", report.style),
            Route("/report/tooltip.js", report.script),
            Route("/import", imports.show, middleware=_OWN),
            Route("/import", imports.start, methods=["POST"], middleware=_OWN),
            Route("/import/cancel", imports.cancel, methods=["POST"]),
            Route("/import/state", imports.state),
            Route("/import/upload", imports.offer),
            Route("/import/upload", imports.upload, methods=["PUT"]),
            Mount("/static", StaticFiles(directory=_STATIC), name="static"),
        ],
        middleware=[Middleware(Guard, door=door, open_paths=_open_paths(door))],
        exception_handlers={
            HTTPStatus.NOT_FOUND: _not_found,
            NoDatabase: _no_database,
            DatabaseProblem: _database_problem,
        },
    )
    app.state.door = door
    app.state.attempts, app.state.courses = Attempts(), Courses()
    app.state.known_athletes = KnownAthletes()
    app.state.config = config
    app.state.imports, app.state.exports = import_jobs, export_jobs
    app.state.demos = demo_jobs
    app.state.uploads = Uploads(config.drop)
    app.state.templates = Jinja2Templates(env=_environment())
    return app


def _login_routes(door: Door) -> Sequence[Route]:
    if door.password is None:
        return ()
    return (
        Route(LOGIN, login.show),
        Route(LOGIN, login.begin, methods=["POST"]),
        Route("/logout", login.log_out, methods=["POST"]),
    )


def _open_paths(door: Door) -> Sequence[str]:
    """Paths that need no cookie: the way back from Strava, and how the password is asked for."""
    of_login = () if door.password is None else (LOGIN, "/static/style.css")
    return (oauth_redirect.PATH, *of_login)


def _environment() -> Environment:
    sections = PrefixLoader({"report": REPORT_TEMPLATES})
    loader = ChoiceLoader([PackageLoader("ingest.web"), sections])
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
    environment.filters |= {**formats.FILTERS, "figures": job_words.progress_figures}
    environment.globals["zip"] = zip
    return environment


def _healthy(_: Request) -> Response:
    return PlainTextResponse("ok\n")


def _not_found(request: Request, _: Exception) -> Response:
    heading, text = "There is no such page", "The address may have a typing error."
    return page(request, "problem.html", HTTPStatus.NOT_FOUND, heading=heading, text=text)


def _no_database(request: Request, _: Exception) -> Response:
    return home.empty(request)


def _database_problem(request: Request, err: Exception) -> Response:
    return page(request, "problem.html", HTTPStatus.INTERNAL_SERVER_ERROR, text=str(err))
