"""Runs exporters, and gives what they have written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import (
    FileResponse,
    JSONResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)

from exporters.config import Config as ExportConfig
from exporters.extras import missing
from exporters.registry import EXPORTERS
from ingest.config import Config
from ingest.errors import UsageError
from ingest.web.jobs.export_forms import FormField, arguments, fields
from ingest.web.jobs.export_results import Written, place_of, written
from ingest.web.jobs.export_words import headline, sentences
from ingest.web.jobs.job_words import job_json
from ingest.web.jobs.processes import Busy, Jobs, Order
from ingest.web.jobs.state import State
from ingest.web.pages.reading import config_of, form_of, page
from ingest.web.zip_stream import zipped

_PATH: Final = "/files"
#: Files of one export that are listed; all others are in its ZIP.
_LISTED: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """An exporter as the page shows it."""

    name: str
    help: str
    fields: Sequence[FormField]
    #: How to install what it lacks; empty if it can run.
    install: str
    #: The same in a terminal.
    command: str
    files: Sequence[Written]

    @property
    def size(self) -> int:
        """Bytes of its files."""
        return sum(file.size for file in self.files)

    @property
    def newest_at(self) -> datetime:
        """When the newest of its files was written."""
        return max(file.written_at for file in self.files)

    @property
    def listed(self) -> Sequence[Written]:
        """The files to list one by one."""
        return self.files[:_LISTED]


def show(
    request: Request,
    problem: str = "",
    status: HTTPStatus = HTTPStatus.OK,
    form: Mapping[str, str] | None = None,
) -> Response:
    """The page, with what was wrong with a form."""
    config, state = config_of(request), _jobs(request).state()
    offers = {name: _offer(config, name) for name in EXPORTERS}
    # An exporter that is no longer there can only be of a page of another version.
    job = state if state is not None and state.facts["exporter"] in offers else None
    of_job = () if job is None else offers[job.facts["exporter"]].fields
    return page(
        request,
        "files.html",
        status,
        job=job,
        headline="" if job is None else headline(job),
        sentences=[] if job is None else sentences(job, of_job),
        problem=problem,
        offers=offers.values(),
        form=form or _failed_form(job),
        exports=_exports(config).absolute(),
    )


def _failed_form(job: State | None) -> Mapping[str, str]:
    """The form of an export that has failed, to be mended and sent again."""
    if job is None or job.is_running or (job.result is not None and not job.result["error"]):
        return {}
    form: Mapping[str, str] = job.facts["form"]
    return form


def _offer(config: Config, name: str) -> Offer:
    exporter = EXPORTERS[name]
    lacking = missing(exporter.extra)
    return Offer(
        name=name,
        help=exporter.help,
        fields=fields(exporter),
        command=config.invocation.command(f"export {name}"),
        install=config.invocation.sentence(lacking) if lacking else "",
        files=written(place_of(_exports(config), name)),
    )


async def start(request: Request) -> Response:
    """Start the exporter of the form with its options, then show the page."""
    form = await form_of(request)
    return await run_in_threadpool(_started, request, form)


def _started(request: Request, form: Mapping[str, str]) -> Response:
    name = form.get("exporter", "")
    try:
        if name not in EXPORTERS:
            raise UsageError("there is no such export; choose one of the list")
        options = list(arguments(fields(EXPORTERS[name]), form))
        # A copy, since a run would give up waiting for an export that reads for long.
        order = Order(
            command=("export", name),
            arguments=("--copy-first", *options),
            facts={"exporter": name, "form": dict(form)},
        )
        _jobs(request).start(order)
    except Busy as err:
        return show(request, str(err), HTTPStatus.CONFLICT, form)
    except UsageError as err:
        return show(request, str(err), HTTPStatus.BAD_REQUEST, form)
    return RedirectResponse(_PATH, HTTPStatus.SEE_OTHER)


def cancel(request: Request) -> Response:
    """Interrupt the export, as Ctrl-C does."""
    _jobs(request).interrupt()
    return RedirectResponse(_PATH, HTTPStatus.SEE_OTHER)


def state(request: Request) -> Response:
    """How far the export is, for the script."""
    return JSONResponse(job_json(_jobs(request)))


def download(request: Request) -> Response:
    """What an exporter has written: the file that is named, the only one, or all as a ZIP.

    With ``newest``, only what the newest export has written. A name is only compared with those of
    the files that are there, and never makes a path.
    """
    query = request.query_params
    name, wanted = query.get("exporter", ""), query.get("file", "")
    place = place_of(_exports(config_of(request)), name) if name in EXPORTERS else None
    found = [] if place is None else written(place)
    if wanted:
        found = [file for file in found if file.name == wanted]
    if "newest" in query:
        job = _jobs(request).state()
        found = [file for file in found if job and file.written_at >= job.started_at]
    if not found:
        return _nothing(request)
    if len(found) == 1:
        return FileResponse(found[0].path, filename=Path(found[0].name).name)
    return StreamingResponse(
        zipped((file.name, file.path) for file in found),
        media_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{name}.zip"'},
    )


def _nothing(request: Request) -> Response:
    return page(
        request,
        "problem.html",
        HTTPStatus.NOT_FOUND,
        heading="There is no such file",
        text="No export has written it, or it has been moved away. Write it again on the page "
        "Files.",
    )


def _exports(config: Config) -> Path:
    return ExportConfig(playground=config.playground, database=config.database).exports


def _jobs(request: Request) -> Jobs:
    jobs: Jobs = request.app.state.exports
    return jobs
