"""Shows what a BI tool needs: addresses, ready dashboards, and what each column means."""

from __future__ import annotations

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from db.url import is_sqlite, parsed
from ingest.web.addresses import ROLE, addresses
from ingest.web.bi_files import bi_files, purpose
from ingest.web.pages.reading import config_of, database, page
from ingest.web.queries import dictionary


def show(request: Request) -> Response:
    """The page; with ``?q=`` the dictionary has only what matches."""
    config, text = config_of(request), request.query_params.get("q", "").strip()
    with database(request) as connection:
        tables = dictionary.described(connection, text)
        shown = addresses(connection, config.database)
    is_file = is_sqlite(parsed(config.database))
    files = bi_files()
    return page(
        request,
        "data.html",
        addresses=shown,
        is_file=is_file,
        role=ROLE,
        grant=config.invocation.command(f"grant-readonly {ROLE}"),
        grafana=f"grafana-dashboard-{'sqlite' if is_file else 'postgresql'}.json",
        questions=[(n, purpose(path)) for n, path in files.items() if path.suffix == ".sql"],
        tables=tables,
        text=text,
    )


def file(request: Request) -> Response:
    """One of the files that BI tools load."""
    name = request.path_params["name"]
    path = bi_files().get(name)
    if path is None:
        heading, text = "There is no such file", "The page BI tools lists all there are."
        return page(request, "problem.html", HTTPStatus.NOT_FOUND, heading=heading, text=text)
    return FileResponse(path, filename=name)
