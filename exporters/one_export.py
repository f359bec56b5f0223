"""Runs one exporter on what is selected of a database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from db.opening import copied, snapshot
from db.progress import ProgressView
from exporters.config import Config
from exporters.errors import ExportError, UsageError
from exporters.files import prepare, scratch_folder
from exporters.job import Job, Outcome
from exporters.object_storage import SCHEME
from exporters.registry import Exporter
from exporters.selection import Selection, unknown


def export(
    exporter: Exporter,
    config: Config,
    out: Path | str,
    view: ProgressView,
    options: dict[str, Any],
) -> Outcome:
    """Run an exporter on the activities that the options select.

    Raises:
        Advised: it cannot go on.
    """
    selection = Selection(
        since=_day(options.pop("since", None)),
        until=_day(options.pop("until", None)),
        sports=options.pop("sports", None) or None,
        ids=options.pop("ids", None),
    )
    with (
        view as progress,
        _database_errors(),
        _opened(config, options.pop("copy_first")) as connection,
    ):
        job = Job(
            connection=connection,
            out=Path(out),
            url=_url(exporter, out),
            config=config,
            selection=selection,
            overwrite=options.pop("overwrite"),
            progress=progress,
        )
        notes = tuple(unknown(connection, selection))
        if exporter.of_activities and not job.activities:
            return replace(_nothing(selection), notes=(*notes, *_nothing(selection).notes))
        outcome = exporter.run(job, **options)
        return replace(outcome, notes=(*notes, *outcome.notes))


def _url(exporter: Exporter, out: Path | str) -> str:
    """The URL to write to; empty for a path.

    Raises:
        UsageError: the exporter cannot write there.
    """
    if isinstance(out, Path):
        return ""
    if not exporter.takes_url:
        raise UsageError(f"--out {out}: only parquet and delta write to a URL; give a path")
    if not out.startswith(SCHEME) or not out.removeprefix(SCHEME).strip("/"):
        raise UsageError(f"--out {out}: of URLs only {SCHEME}bucket/folder can be written to")
    return out.rstrip("/")


@contextmanager
def _database_errors() -> Iterator[None]:
    try:
        yield
    except DBAPIError as err:
        raise ExportError(str(err)) from err


@contextmanager
def _opened(config: Config, copy_first: bool) -> Iterator[sa.Connection]:
    if not copy_first:
        with snapshot(config.database) as connection:
            yield connection
        return
    prepare(config.exports)  # also removes the copy of an export that was killed
    with (
        scratch_folder(config.exports / "database") as folder,
        copied(config.database, folder) as connection,
    ):
        yield connection


def _day(value: Any) -> Any:
    return None if value is None else value.date()


def _nothing(selection: Selection) -> Outcome:
    if selection:
        note = f"no activity matches ({selection}), so nothing was written"
        return Outcome(files=0, notes=(note,))
    note = "the database holds no activity, so nothing was written; import an export first"
    return Outcome(files=0, notes=(note,), commands=("run",))
