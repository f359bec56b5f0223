"""Removes what a loose device file brought, as if the database had never seen it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from ingest import __version__, clock
from ingest.commands.forget_access import (
    backed_up,
    count_activities,
    existing_only,
    opened_for_change,
)
from ingest.commands.forget_result import Forgotten
from ingest.config import Config
from ingest.errors import AbortRun, storable
from ingest.extract.drop_folder import discover
from ingest.extract.file_place import file_place_of
from ingest.extract.loose_files import LooseSource
from ingest.load import ledger
from ingest.load.forget_loose import copies_of, remove_loose
from ingest.load.loose_recordings import SeenFile, seen_files
from ingest.reporting.progress import Progress
from ingest.run.export.loose_due import lying_files
from ingest.run.pipeline import import_again

log = logging.getLogger(__name__)

#: Names that a message lists.
_LISTED: Final = 10


def forget_loose_file(
    config: Config, name: str, progress: Progress, *, dry_run: bool, accept_loss: bool
) -> Forgotten:
    """Remove what a loose file and its copies brought, and read again what takes its place.

    Raises:
        AbortRun: there is no such file, several have this name, or points would be lost.
    """
    if dry_run:
        with existing_only(config) as connection:
            return _forgotten(connection, _named_files(connection, config, name))
    with opened_for_change(config) as (engine, lock):
        with engine.connect() as connection:
            athlete_id = _named_files(connection, config, name)[0].athlete_id
        with lock.athletes(athlete_id):
            with engine.connect() as connection:
                files = _named_files(connection, config, name)
                result = _forgotten(connection, files)
                lost = _lost(connection, files, discover(config.drop).loose)
                connection.rollback()
            if lost and not accept_loss:
                raise AbortRun(
                    f"{lost[0]}. Nothing was changed: put these files into the drop folder, or "
                    "forget all the same with --accept-loss"
                )
            saved = backed_up(engine, config)
            with engine.begin() as connection:
                run_id = ledger.begin_run(connection, __version__, is_alone=False)
                remove_loose(connection, files, run_id, clock.now())
            import_again(engine, lock, replace(config, exports=()), progress, run_id)
            with engine.connect() as connection:
                after = count_activities(connection, athlete_id)
    log.info("forgot %s of athlete %d", ", ".join(result.files), athlete_id)
    return replace(result, activities_after=after, lost=lost, backup=saved, is_done=True)


def _forgotten(connection: sa.Connection, files: Sequence[SeenFile]) -> Forgotten:
    """What forgetting files takes."""
    athlete_id = files[0].athlete_id
    return Forgotten(
        athlete_id=athlete_id,
        files=tuple(file.name for file in files),
        activities_before=count_activities(connection, athlete_id),
    )


def _lost(
    connection: sa.Connection, files: Sequence[SeenFile], sources: Sequence[LooseSource]
) -> tuple[str, ...]:
    """What would be lost, as a sentence: files that are not there to be read again.

    It tries the removal in the caller's transaction, which must then be rolled back.
    """
    run_id = ledger.begin_run(connection, __version__, is_alone=False)
    wanted = remove_loose(connection, files, run_id, clock.now())
    there = {file.content_hash for file in lying_files(sources, wanted)}
    missing = [file.name for file in wanted if file.content_hash not in there]
    if not missing:
        return ()
    return (
        "not in the drop folder, and needed for the points of activities that they recorded, too: "
        f"{_list(missing)}",
    )


def _named_files(connection: sa.Connection, config: Config, name: str) -> list[SeenFile]:
    """The file of this name, and its copies."""
    every = [file for file in seen_files(connection) if not file.is_forgotten]
    found = _matching(every, config, name)
    if not found:
        known = _list([file.name for file in every]) or "none"
        raise AbortRun(f"{name}: no device file of this name was imported; known files: {known}")
    if len({(file.athlete_id, file.content_hash or file.name) for file in found}) > 1:
        names = _list([f'"{file.name}"' for file in found])
        raise AbortRun(f"{name}: several files have this name; choose one of {names}")
    return sorted(copies_of(connection, found[0]), key=lambda file: file.name)


def _matching(every: Sequence[SeenFile], config: Config, name: str) -> list[SeenFile]:
    """The files that a name may mean: as the ledger names them, else by their path in the drop
    folder, else by their own name.
    """
    wanted = storable(name)
    below = storable(file_place_of(Path(name), config.drop).name)
    for of_file in (
        lambda file: file.name == wanted,
        lambda file: _path(file) in (wanted, below),
        lambda file: _path(file).rpartition("/")[2] == wanted,
    ):
        if found := [file for file in every if of_file(file)]:
            return found
    return []


def _path(file: SeenFile) -> str:
    return file.name.removeprefix(f"{file.origin}: ")


def _list(names: Sequence[str]) -> str:
    more = len(names) - _LISTED
    return ", ".join(names[:_LISTED]) + (f" and {more:,} more" if more > 0 else "")
