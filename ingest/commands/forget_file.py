"""Removes what a loose device file brought, as if the database had never seen it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import sqlalchemy as sa

from ingest import __version__, clock
from ingest.commands.forget_access import (
    backed_up,
    count_activities,
    existing_only,
    opened_for_change,
)
from ingest.commands.forget_losses import listed, lost_points
from ingest.commands.forget_result import Forgotten
from ingest.config import Config
from ingest.errors import AbortRun, storable
from ingest.extract.drop_folder import discover
from ingest.extract.file_place import file_place_of
from ingest.extract.loose_files import LooseSource
from ingest.load import ledger
from ingest.load.forget_loose import copies_of, provisional_ids_of, remove_loose
from ingest.load.loose_losses import to_read
from ingest.load.loose_recordings import SeenFile, seen_files
from ingest.reporting.progress import Progress
from ingest.run.export.loose_due import loose_read_before
from ingest.run.pipeline import import_again

log = logging.getLogger(__name__)


def forget_loose_file(
    config: Config, name: str, progress: Progress, *, dry_run: bool, accept_loss: bool
) -> Forgotten:
    """Remove what a loose file and its copies brought, and read again what takes its place.

    Raises:
        AbortRun: there is no such file, several have this name, or points would be lost.
    """
    lying = discover(config.drop, known_loose=loose_read_before(config.database)).loose
    if dry_run:
        with existing_only(config) as connection:
            return _forgotten(connection, _named_files(connection, config, name), lying)
    with opened_for_change(config) as (engine, lock):
        with engine.connect() as connection:
            athlete_id = _named_files(connection, config, name)[0].athlete_id
        with lock.athletes(athlete_id):
            with engine.connect() as connection:
                files = _named_files(connection, config, name)
                result = _forgotten(connection, files, lying)
            if result.lost and not accept_loss:
                raise AbortRun(
                    f"{result.lost[0]}. Nothing was changed: put these files into the drop folder, "
                    "or forget all the same with --accept-loss"
                )
            saved = backed_up(engine, config)
            with engine.begin() as connection:
                run_id = ledger.begin_run(connection, __version__, is_alone=False)
                remove_loose(connection, files, run_id, clock.now())
            import_again(engine, lock, replace(config, exports=()), progress, run_id)
            with engine.connect() as connection:
                after = count_activities(connection, athlete_id)
    log.info("forgot %s of athlete %d", ", ".join(result.files), athlete_id)
    return replace(result, activities_after=after, backup=saved, is_done=True)


def _forgotten(
    connection: sa.Connection, files: Sequence[SeenFile], lying: Sequence[LooseSource]
) -> Forgotten:
    """What forgetting files takes."""
    athlete_id = files[0].athlete_id
    wanted = to_read(connection, athlete_id, gone=provisional_ids_of(connection, files))
    return Forgotten(
        athlete_id=athlete_id,
        files=tuple(file.name for file in files),
        lost=lost_points(wanted, lying),
        activities_before=count_activities(connection, athlete_id),
    )


def _named_files(connection: sa.Connection, config: Config, name: str) -> list[SeenFile]:
    """The file of this name, and its copies."""
    every = [file for file in seen_files(connection) if not file.is_forgotten]
    found = _matching(every, config, name)
    if not found:
        known = listed([file.name for file in every]) or "none"
        raise AbortRun(f"{name}: no device file of this name was imported; known files: {known}")
    if len({(file.athlete_id, file.content_hash or file.name) for file in found}) > 1:
        names = listed([f'"{file.name}"' for file in found])
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
