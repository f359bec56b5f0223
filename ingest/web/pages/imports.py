"""Imports exports: those that the browser sends, and those that lie on this machine."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

from db.errors import DatabaseProblem, NoDatabase
from ingest.errors import UsageError
from ingest.extract.candidates import given
from ingest.run.export.loose_due import loose_read_before
from ingest.web.found_exports import holds_files, offered
from ingest.web.jobs.job_words import job_json
from ingest.web.jobs.processes import Busy, Jobs, Order
from ingest.web.jobs.run_words import headline, sentences
from ingest.web.pages.reading import config_of, database, form_of, page
from ingest.web.queries import overview
from ingest.web.uploads import DiskFull, Refused, Uploads

#: Bytes of a refused piece that are still read: browsers show an answer only after they have sent
#: all. The script's pieces are smaller.
_DRAINED: Final = 64 << 20
#: Bytes of a file; far above any export.
_LARGEST: Final = 1 << 44


def show(request: Request, problem: str = "", status: HTTPStatus = HTTPStatus.OK) -> Response:
    """The page, with what was wrong with a form."""
    config, state = config_of(request), _jobs(request).state()
    drop = config.drop.absolute()
    return page(
        request,
        "import.html",
        status,
        job=state,
        headline="" if state is None else headline(state),
        sentences=[] if state is None else sentences(state),
        problem=problem,
        offers=offered(drop, loose_read_before(config.database)),
        holds_files=holds_files(drop),
        halves=_uploads(request).halves(),
        drop=drop,
        is_connected=config.token_file.exists(),
        **_runs(request),
    )


def _runs(request: Request) -> Mapping[str, Any]:
    """The runs so far, also of a database that only an import can bring up to date."""
    try:
        with database(request) as connection:
            return {"runs": overview.newest_runs(connection), "database_problem": ""}
    except NoDatabase:
        return {"runs": (), "database_problem": ""}
    except DatabaseProblem as err:
        return {"runs": (), "database_problem": str(err)}


async def start(request: Request) -> Response:
    """Start ``run`` with the options of the form, then show the page."""
    form = await form_of(request)
    return await run_in_threadpool(_started, request, form)


def _started(request: Request, form: Mapping[str, str]) -> Response:
    try:
        export = _chosen(request, form.get("export", ""))
        _jobs(request).start(
            Order(
                command=("run",),
                arguments=[*_options(form), "--", *map(str, export)],
                facts={"dry_run": "dry_run" in form},
            )
        )
    except Busy as err:
        return show(request, str(err), HTTPStatus.CONFLICT)
    except UsageError as err:
        return show(request, str(err), HTTPStatus.BAD_REQUEST)
    return RedirectResponse("/import", HTTPStatus.SEE_OTHER)


def _options(form: Mapping[str, str]) -> Iterator[str]:
    if "dry_run" in form:
        yield "--dry-run"
    if "skip_api" in form:
        yield "--skip-api"
    if timezone := form.get("timezone", "").strip():
        yield f"--timezone={timezone}"


def _chosen(request: Request, text: str) -> tuple[Path, ...]:
    """The export of a form, which must be one that the page offers; none for the drop folder."""
    if not text:
        return ()
    config = config_of(request)
    for offer in offered(config.drop, loose_read_before(config.database)):
        if str(offer.path) == text:
            return (offer.path,)
    raise Refused(_why_not(config.drop, Path(text)))


def _why_not(drop: Path, path: Path) -> str:
    """Why the page does not offer a file; nothing is told of those outside of the drop folder."""
    if path.parent == drop.absolute() and path.exists():
        for problem in given([path], drop).problems:
            return str(problem)
    return "this file is no longer there; choose another one"


def cancel(request: Request) -> Response:
    """Interrupt the run, as Ctrl-C does."""
    _jobs(request).interrupt()
    return RedirectResponse("/import", HTTPStatus.SEE_OTHER)


def state(request: Request) -> Response:
    """How far the run is, for the script."""
    return JSONResponse(job_json(_jobs(request)))


def offer(request: Request) -> Response:
    """How much of a file is there already, for the script."""
    try:
        have, digest = _uploads(request).there(*_file(request))
    except UsageError as err:
        return _refusal(err)
    return JSONResponse({"have": have, "digest": digest})


async def upload(request: Request) -> Response:
    """Take a piece of a file."""
    pieces = request.stream()
    try:
        name, size = _file(request)
        offset = _number(request, "offset")
        stored = await _uploads(request).take(name, size, offset, pieces)
    except UsageError as err:
        await _drain(pieces)
        return _refusal(err)
    except ClientDisconnect:  # what has arrived stays, to go on from
        return PlainTextResponse("", HTTPStatus.BAD_REQUEST)
    return JSONResponse(
        {"have": stored.size, "path": None if stored.path is None else str(stored.path.absolute())}
    )


async def _drain(pieces: AsyncIterator[bytes]) -> None:
    left = _DRAINED
    try:
        async for piece in pieces:
            left -= len(piece)
            if left < 0:
                return
    except ClientDisconnect:
        return


def _file(request: Request) -> tuple[str, int]:
    size = _number(request, "size")
    if not size:
        raise Refused("the file is empty; choose another one")
    return request.query_params.get("name", ""), size


def _number(request: Request, name: str) -> int:
    text = request.query_params.get(name, "")
    value = int(text) if text.isdecimal() and len(text) < 20 else -1
    if not 0 <= value < _LARGEST:
        raise Refused(f"{name} is no number of bytes")
    return value


def _refusal(err: UsageError) -> Response:
    is_full = isinstance(err, DiskFull)
    status = HTTPStatus.INSUFFICIENT_STORAGE if is_full else HTTPStatus.BAD_REQUEST
    return PlainTextResponse(str(err), status)


def _jobs(request: Request) -> Jobs:
    jobs: Jobs = request.app.state.imports
    return jobs


def _uploads(request: Request) -> Uploads:
    uploads: Uploads = request.app.state.uploads
    return uploads
