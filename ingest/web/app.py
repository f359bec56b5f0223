"""Puts the pages together into one application."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates

from db.errors import DatabaseProblem, NoDatabase
from ingest.commands import oauth_redirect
from ingest.config import Config
from ingest.web import formats
from ingest.web.attempts import Attempts
from ingest.web.courses import Courses
from ingest.web.jobs import Jobs
from ingest.web.pages import activities, activity, connect, course, downloads, home, imports
from ingest.web.pages.reading import page
from ingest.web.security import HEALTH, Door, Guard
from ingest.web.uploads import Uploads

_STATIC: Final = Path(__file__).parent / "static"


def make_app(config: Config, door: Door, jobs: Jobs) -> Starlette:
    """The application; its pages find the configuration, runs and uploads in ``app.state``."""
    app = Starlette(
        routes=[
            Route(HEALTH, _healthy),
            Route("/", home.show),
            Route("/activities", activities.show),
            Route("/activities/{activity_id}", activity.show),
            Route("/activities/{activity_id}/original", activity.original),
            Route("/activities/{activity_id}/media/{place:int}", activity.medium),
            Route("/connect", connect.show),
            Route("/connect", connect.begin, methods=["POST"]),
            Route(oauth_redirect.PATH, connect.come_back),
            Route("/disconnect", connect.disconnect, methods=["POST"]),
            Route("/activities.csv", downloads.csv),
            Route("/activities.xlsx", downloads.xlsx),
            Route("/activities.gpx.zip", downloads.gpx),
            Route("/course", course.show),
            Route("/course", course.drop, methods=["POST"]),
            Route("/course/plan.{ending}", course.download),
            Route("/import", imports.show),
            Route("/import", imports.start, methods=["POST"]),
            Route("/import/cancel", imports.cancel, methods=["POST"]),
            Route("/import/state", imports.state),
            Route("/import/upload", imports.offer),
            Route("/import/upload", imports.upload, methods=["PUT"]),
            Mount("/static", StaticFiles(directory=_STATIC), name="static"),
        ],
        middleware=[Middleware(Guard, door=door, open_paths=(oauth_redirect.PATH,))],
        exception_handlers={
            HTTPStatus.NOT_FOUND: _not_found,
            NoDatabase: _no_database,
            DatabaseProblem: _database_problem,
        },
    )
    app.state.attempts, app.state.courses = Attempts(), Courses()
    app.state.config, app.state.jobs = config, jobs
    app.state.uploads = Uploads(config.drop)
    app.state.templates = Jinja2Templates(env=_environment())
    return app


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("ingest.web"), autoescape=True, undefined=StrictUndefined
    )
    environment.filters |= formats.FILTERS
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
