"""Lists inputs that were not read whole, with what to do, and activities that vanished."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from ingest.commands.issue_facts import LISTED, grouped, open_issues, vanished
from ingest.web.pages.reading import config_of, database, page


def show(request: Request) -> Response:
    """The groups of ``issues``, of each the first inputs, or all of them with ``?all``."""
    with database(request) as connection:
        groups, gone = grouped(open_issues(connection)), vanished(connection)
    return page(
        request,
        "problems.html",
        groups=groups,
        gone=gone,
        count=sum(len(group.rows) for group in groups),
        limit=None if "all" in request.query_params else LISTED,
        command=config_of(request).invocation.command("issues"),
    )
