"""Makes the demo athlete, and leads there and back."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from db.errors import DatabaseProblem
from db.opening import snapshot
from ingest.commands import ledger_facts
from ingest.config import Config
from ingest.errors import UsageError
from ingest.web.jobs.job_words import job_json
from ingest.web.jobs.processes import Busy, Jobs, Order
from ingest.web.jobs.run_words import sentences
from ingest.web.jobs.state import State
from ingest.web.pages.reading import page
from ingest.web.shown import demo_config, is_demo, own_config, show_demo, show_own

_PATH: Final = "/demo"


class OwnOnly:
    """Keeps pages about one's own data away from a browser that looks at the demo athlete."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer in place of such a page, with the way back."""
        request = Request(scope)
        answer = page(request, "own_only.html", HTTPStatus.CONFLICT) if is_demo(request) else None
        await (answer or self._app)(scope, receive, send)


def begin(request: Request) -> Response:
    """Show the demo athlete; make it first, by the command ``demo``, if it is not whole."""
    if _is_whole(own_config(request)):
        return show_demo(request, _to("/"))
    try:
        _jobs(request).start(Order(command=("demo",), facts={"dry_run": False}))
    except Busy:
        pass  # another window has begun it
    except UsageError as err:
        return _page(request, None, str(err), HTTPStatus.BAD_REQUEST)
    return show_demo(request, _to(_PATH))


def show(request: Request) -> Response:
    """How far the demo is, and what went wrong; nothing more when it is there."""
    job = _jobs(request).state()
    if job is None or not (job.is_running or _has_failed(job)):
        return _to("/")
    return _page(request, job)


def cancel(request: Request) -> Response:
    """Interrupt it, as Ctrl-C does, and stay with one's own data."""
    _jobs(request).interrupt()
    return show_own(request, _to(_PATH))


def state(request: Request) -> Response:
    """How far it is, for the script."""
    return JSONResponse(job_json(_jobs(request)))


def leave(request: Request) -> Response:
    """Show one's own data again."""
    return show_own(request, _to("/"))


def _page(
    request: Request, job: State | None, problem: str = "", status: HTTPStatus = HTTPStatus.OK
) -> Response:
    is_running = job is not None and job.is_running
    return page(
        request,
        "demo.html",
        status,
        job=job,
        headline="The demo athlete is being made" if is_running else "The demo did not finish",
        sentences=[] if job is None else sentences(job),
        problem=problem,
    )


def _has_failed(job: State) -> bool:
    return job.result is None or job.result["status"] == "failed"


def _is_whole(config: Config) -> bool:
    """Whether the demo athlete's database is there, of this version, and imported to its end."""
    try:
        with snapshot(demo_config(config).database) as connection:
            last = ledger_facts.runs(connection)["last_run"]
    except DatabaseProblem:
        return False
    return last is not None and last["status"] == "done"


def _to(address: str) -> Response:
    return RedirectResponse(address, HTTPStatus.SEE_OTHER)


def _jobs(request: Request) -> Jobs:
    demos: Jobs = request.app.state.demos
    return demos
