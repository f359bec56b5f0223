"""Removes an athlete, or what an export said, as if the database had never seen it."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import sqlalchemy as sa

from db.lock import RunLock
from db.models import Athlete
from ingest import __version__, clock
from ingest.commands.forget_access import (
    backed_up,
    count_activities,
    existing_only,
    opened_for_change,
)
from ingest.commands.forget_losses import lost_points
from ingest.commands.forget_result import Forgotten
from ingest.config import Config
from ingest.errors import AbortRun
from ingest.extract.api.tokens import TokenFile, Tokens
from ingest.extract.drop_folder import Export, Found, discover
from ingest.load import ledger, sync_state
from ingest.load.athlete_claims import UNKNOWN, gives_back, hand_back
from ingest.load.forget import Loss, is_left, loss_of, remove_athlete, remove_said
from ingest.load.forget_tracks import give_back
from ingest.load.forgotten import KnownExport, remember_forgotten, remembered_exports
from ingest.load.loose_losses import bereft_activities, to_read
from ingest.load.loose_recordings import has_loose, seen_files
from ingest.load.marts import refill_stale
from ingest.load.reconcile import reconcile
from ingest.reporting.progress import Progress
from ingest.reporting.report import Report
from ingest.run.export.loose_due import loose_read_before, lying_files
from ingest.run.pipeline import import_again

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """What forgetting exports takes."""

    gone: Sequence[KnownExport]
    #: The other exports that lie in the drop folder, and those that do not.
    there: Sequence[Export]
    missing: Sequence[KnownExport]
    loss: Loss
    #: Loose files that were read, and would be needed, too, as a sentence.
    lost_points: tuple[str, ...]

    @property
    def lost(self) -> tuple[str, ...]:
        """What would be lost, as sentences."""
        return (*self._lost_of_exports(), *self.lost_points)

    def _lost_of_exports(self) -> tuple[str, ...]:
        if not self.loss:
            return ()
        names = ", ".join(f"{each.name} of {each.exported_at:%Y-%m-%d}" for each in self.missing)
        parts = [f"not in the drop folder, and needed to read again what they said: {names}"]
        if self.loss.activities:
            parts.append(f"{self.loss.activities:,} activities that they may have told")
        if self.loss.files:
            parts.append(f"{self.loss.files:,} device files of activities that they hold")
        if self.loss.tables:
            parts.append(f"the tables {', '.join(self.loss.tables)}")
        return tuple(parts)


def forget_athlete(config: Config, athlete_id: int, *, dry_run: bool) -> Forgotten:
    """Remove all rows of an athlete, and the connection to Strava if it is theirs."""
    lying = _lying(config)
    if dry_run:
        with existing_only(config) as connection:
            return _athlete(connection, config, lying, athlete_id)
    with opened_for_change(config) as (engine, lock), lock.athletes(athlete_id):
        with engine.connect() as connection:
            result = _athlete(connection, config, lying, athlete_id)
        saved = backed_up(engine, config)
        # First, so that a run after this was killed does not fetch everything again.
        if result.was_connected:
            TokenFile(config.token_file).remove()
        with engine.begin() as connection:
            run_id = ledger.begin_run(connection, __version__, is_alone=False)
            remove_athlete(connection, athlete_id)
            ledger.end_run(connection, run_id, "done", {})
        refill_stale(engine)
    log.info("forgot athlete %d: %d activities", athlete_id, result.activities_before)
    return replace(result, activities_after=0, backup=saved, is_done=True)


def forget_export(
    config: Config, name: str, progress: Progress, *, dry_run: bool, accept_loss: bool
) -> Forgotten:
    """Remove what an export said, and import the athlete's other exports again.

    Raises:
        AbortRun: there is no such export, something would be lost, or another export could not be
            imported again.
    """
    lying = _lying(config)
    if dry_run:
        with existing_only(config) as connection:
            return _exports(connection, _plan(connection, lying, name))
    with opened_for_change(config) as (engine, lock):
        with engine.connect() as connection:
            athlete_id = _named(connection, name)[0].athlete_id
            # The loose files of an athlete may turn out to be nobody's again.
            owners = {athlete_id, UNKNOWN} if has_loose(connection, athlete_id) else {athlete_id}
        with lock.athletes(*owners):
            with engine.connect() as connection:
                plan = _plan(connection, lying, name)
                result = _exports(connection, plan)
            if plan.lost and not accept_loss:
                raise AbortRun(
                    f"{'; '.join(plan.lost)}. Nothing was changed: put these files into the "
                    "drop folder, or forget all the same with --accept-loss"
                )
            saved = backed_up(engine, config)
            report = _replace(engine, lock, config, progress, plan)
            if report.exports_failed:
                raise AbortRun(
                    f"{name} is forgotten, but of the other exports could not be imported again: "
                    f"{'; '.join(map(str, report.exports_failed))}. The next run tries it again"
                    + (f"; a backup of the database before is {saved}" if saved else "")
                )
            with engine.connect() as connection:
                after = count_activities(connection, athlete_id)
    log.info("forgot %s of athlete %d", ", ".join(result.exports), athlete_id)
    return replace(result, activities_after=after, backup=saved, is_done=True)


def _replace(
    engine: sa.Engine, lock: RunLock, config: Config, progress: Progress, plan: _Plan
) -> Report:
    """Remove what exports said, then import what is left of them; a run of its own in the ledger.

    If it is killed in between, the next run imports the rest, since the ledger lacks it; it may ask
    the API for points that it had asked for before.
    """
    athlete_id = plan.gone[0].athlete_id
    with engine.begin() as connection:
        run_id = ledger.begin_run(connection, __version__, is_alone=False)
        remember_forgotten(connection, plan.gone)
        names = _names(config, athlete_id)
        removed = remove_said(connection, athlete_id, plan.missing, run_id, clock.now(), names)
        if not (plan.there or plan.missing):
            _remove_if_unknown(connection, athlete_id, is_connected=bool(names))
    exports = tuple(export.path for export in plan.there)
    try:
        return import_again(engine, lock, replace(config, exports=exports), progress, run_id)
    finally:
        with engine.begin() as connection:
            give_back(connection, removed)


def _lying(config: Config) -> Found:
    """What lies in the drop folder."""
    return discover(config.drop, known_loose=loose_read_before(config.database))


def _remove_if_unknown(connection: sa.Connection, athlete_id: int, *, is_connected: bool) -> None:
    """Remove an athlete of whom nothing tells any more but loose files that may be anybody's."""
    if gives_back(connection, athlete_id) and not is_connected:
        hand_back(connection, athlete_id)
        home = sync_state.HOME_ZONE.get(connection)
        reconcile(connection, UNKNOWN, home, accept_vanished=False)
    if not is_left(connection, athlete_id):
        remove_athlete(connection, athlete_id, forgotten=True)


def _athlete(connection: sa.Connection, config: Config, lying: Found, athlete_id: int) -> Forgotten:
    """What forgetting an athlete takes."""
    known = sorted(connection.scalars(sa.select(Athlete.athlete_id)))
    if athlete_id not in known:
        held = ", ".join(map(str, known)) or "none"
        raise AbortRun(f"athlete {athlete_id} is not in the database; it holds: {held}")
    exports = [e for e in remembered_exports(connection) if e.athlete_id == athlete_id]
    every = remembered_exports(connection, with_forgotten=True)
    there = _there(lying.exports, [e for e in every if e.athlete_id == athlete_id])
    loose = [file for file in seen_files(connection) if file.athlete_id == athlete_id]
    return Forgotten(
        athlete_id=athlete_id,
        exports=tuple(e.name for e in exports),
        activities_before=count_activities(connection, athlete_id),
        still_there=tuple(e.name for e in there),
        files_still_there=tuple(sorted(file.name for file in lying_files(lying.loose, loose))),
        was_connected=_tokens(config, athlete_id) is not None,
    )


def _exports(connection: sa.Connection, plan: _Plan) -> Forgotten:
    """What forgetting exports takes."""
    athlete_id = plan.gone[0].athlete_id
    return Forgotten(
        athlete_id=athlete_id,
        exports=tuple(each.name for each in plan.gone),
        imported_again=tuple(each.name for each in plan.there),
        lost=plan.lost,
        activities_before=count_activities(connection, athlete_id),
    )


def _named(connection: sa.Connection, name: str) -> list[KnownExport]:
    """The exports of this name, and further copies of their contents."""
    every = remembered_exports(connection)
    wanted = {name, Path(name).name}
    named = [export for export in every if wanted & {export.name, export.full_name}]
    if not named:
        known = ", ".join(dict.fromkeys(export.name for export in every)) or "none"
        raise AbortRun(f"{name}: no export of this name was imported; known exports: {known}")
    if len({(each.athlete_id, each.content) for each in named}) > 1:
        names = ", ".join(f'"{each.full_name}"' for each in named)
        raise AbortRun(f"{name}: several exports had this name; choose one of {names}")
    same = {(each.athlete_id, each.content) for each in named if each.content}
    return [each for each in every if each in named or (each.athlete_id, each.content) in same]


def _plan(connection: sa.Connection, lying: Found, name: str) -> _Plan:
    gone = _named(connection, name)
    athlete_id = gone[0].athlete_id
    every = [e for e in remembered_exports(connection) if e.athlete_id == athlete_id]
    others = [export for export in every if export not in gone]
    there = _there(lying.exports, others)
    marks = {mark for each in there for mark in (each.fingerprint, each.content)}
    missing = [each for each in others if not each.marks & marks]
    newest = max((each.exported_at for each in others if each.marks & marks), default=None)
    wanted = to_read(
        connection, athlete_id, bereft=bereft_activities(connection, athlete_id, gone, newest)
    )
    return _Plan(
        gone=gone,
        there=there,
        missing=missing,
        loss=loss_of(connection, gone, missing),
        lost_points=lost_points(wanted, lying.loose),
    )


def _there(lying: Sequence[Export], exports: Sequence[KnownExport]) -> list[Export]:
    """Those that lie in the drop folder."""
    marks = {mark for export in exports for mark in export.marks}
    return [e for e in lying if marks & {e.fingerprint, e.content}]


def _tokens(config: Config, athlete_id: int) -> Tokens | None:
    """The connection to Strava, if it is the athlete's."""
    tokens = TokenFile(config.token_file).load() if config.token_file.exists() else None
    return tokens if tokens is not None and tokens.athlete_id == athlete_id else None


def _names(config: Config, athlete_id: int) -> Mapping[str, str | None]:
    """The names of the connected account, if it is the athlete's."""
    tokens = _tokens(config, athlete_id)
    if tokens is None:
        return {}
    return {"first_name": tokens.first_name, "last_name": tokens.last_name}
