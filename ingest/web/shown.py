"""Decides which database a browser is shown: one's own, or that of the demo athlete.

The choice is a cookie of the browser, so that other browsers go on seeing their own data. Whatever
writes takes no notice of it.
"""

from __future__ import annotations

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from db.environment import demo_database
from ingest.config import Config
from ingest.web.access.security import Door
from ingest.web.jobs.processes import Jobs


def is_demo(request: Request) -> bool:
    """Whether the browser looks at the demo athlete, who is there."""
    wants_demo = _cookie(request) in request.cookies
    return (
        wants_demo
        and demo_database(own_config(request).playground).exists()
        and not _is_made(request)
    )


def own_config(request: Request) -> Config:
    """The configuration that the page was started with."""
    config: Config = request.app.state.config
    return config


def shown_config(request: Request) -> Config:
    """The same, with the database that the browser is shown."""
    config = own_config(request)
    return demo_config(config) if is_demo(request) else config


def demo_config(config: Config) -> Config:
    """The configuration with the database of the demo athlete."""
    database = str(demo_database(config.playground))
    return replace(
        config, database=database, invocation=replace(config.invocation, database=database)
    )


def show_demo(request: Request, answer: Response) -> Response:
    """Have the browser look at the demo athlete from this answer on."""
    answer.set_cookie(_cookie(request), "1", httponly=True, samesite="strict", path="/")
    return answer


def show_own(request: Request, answer: Response) -> Response:
    """Have the browser look at one's own data from this answer on."""
    answer.delete_cookie(_cookie(request), httponly=True, samesite="strict", path="/")
    return answer


def _cookie(request: Request) -> str:
    door: Door = request.app.state.door
    return f"{door.cookie_name}_demo"


def _is_made(request: Request) -> bool:
    demos: Jobs = request.app.state.demos
    return demos.is_running()
