"""Makes the queued requests, each in one transaction, and stores details and streams."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import sqlalchemy as sa

from db.models import Activity
from ingest.errors import ForeignAnswer, NotFound, RequestFailed
from ingest.load import fetch_queue as queue
from ingest.load import ledger, observations
from ingest.load.derived import zones_of
from ingest.load.details import write_detail
from ingest.load.fetch_queue import Work
from ingest.load.gear import GearBook
from ingest.load.gear_ids import describe
from ingest.load.tracks import file_tracks, note_compared
from ingest.load.writer import ActivityWrite, Batch, Writer
from ingest.reporting.progress import Progress
from ingest.reporting.report import Report
from ingest.run.api.listing import Ask, Now
from ingest.transform.activity_track import ActivityTrack
from ingest.transform.api_json.activity import activity_id, api_observation, owner_id, shown_columns
from ingest.transform.api_json.detail import detail
from ingest.transform.api_json.streams import KEYS, recording
from ingest.transform.api_json.values import mapping
from ingest.transform.derived import Told, derive
from ingest.transform.merge import with_known_start
from ingest.transform.records import Observation

#: Number of activities failing in a row after which Strava itself is down: stop.
_PATIENCE: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """Works off one athlete's queue."""

    engine: sa.Engine
    ask: Ask
    #: By Strava's clock.
    now: Now
    athlete_id: int
    run_id: int
    progress: Progress
    #: Only activities of these sports, in lower case; of all where it is empty.
    sports: Collection[str] = ()
    #: At most so many activities.
    limit: int | None = None
    #: Activities that Strava does not have any more, or does not show.
    _gone: set[int] = field(default_factory=set)

    def run(self) -> Iterator[Report]:
        """Make the requests that wait, until they are done or one of the limits is reached; yields
        what each request brought.

        Raises:
            Enough, RateLimited, NotAuthorized, StravaUnavailable: what is left stays in the queue.
        """
        with self.engine.connect() as connection:
            works = list(self._chosen(queue.waiting(connection, self.athlete_id)))
        if works:
            self.progress.requests(len(works))
        failed: list[int] = []
        for work in works:
            points = self._do(work)
            self.progress.request_done()
            yield Report(points_written=points or 0)
            if points is not None:
                failed.clear()
            elif work.activity_id not in failed:  # both of one activity fail for one reason
                failed.append(work.activity_id)
            if len(failed) == _PATIENCE:
                yield Report(
                    notes=[
                        f"requests for {_PATIENCE} activities in a row failed, so no more were "
                        "made; the next run goes on"
                    ]
                )
                return

    def _chosen(self, works: Collection[Work]) -> Iterator[Work]:
        chosen: set[int] = set()
        for work in works:
            if self.sports and (work.sport_type or "").casefold() not in self.sports:
                continue
            if (
                self.limit is not None
                and work.activity_id not in chosen
                and len(chosen) >= self.limit
            ):
                continue
            chosen.add(work.activity_id)
            yield work

    def _do(self, work: Work) -> int | None:
        """The points that a request brought; ``None`` where it failed and stays in the queue."""
        points = 0
        try:
            answer = None if self._is_needless(work) else self._request(work)
            with self.engine.begin() as connection:
                if answer is not None:
                    points = self._write(connection, work, answer)
                queue.done(connection, work)
        except NotFound:  # manual or indoor ones have no streams; what is deleted has nothing
            if work.item == "detail":
                self._gone.add(work.activity_id)
            with self.engine.begin() as connection:
                if work.item == "streams":
                    note_compared(connection, work.activity_id, self.now())
                queue.done(connection, work)
        except RequestFailed as err:
            with self.engine.begin() as connection:
                is_foreign = isinstance(err, ForeignAnswer)
                queue.failed(connection, work, err.reason, self.now(), self.run_id, tell=is_foreign)
            return None
        return points

    def _is_needless(self, work: Work) -> bool:
        """Whether there is nothing to ask for, or streams cannot be richer than the device file
        that came in the meantime.
        """
        if work.activity_id in self._gone:
            return True
        if work.item != "streams" or not work.has_file:
            return False
        with self.engine.connect() as connection:
            file = file_tracks(connection, [work.activity_id]).get(work.activity_id)
            known = observations.stored(connection, [work.activity_id]).get(work.activity_id, ())
        shown = {name for seen in known for name in shown_columns(seen.raw or {})}
        return file is not None and not (file.worth.is_partial or file.worth.lacks(shown))

    def _request(self, work: Work) -> Observation | Any:
        """The detail as an observation, or the streams as they came."""
        path = f"/activities/{work.activity_id}"
        if work.item == "streams":
            path = f"{path}/streams"
            streams = self.ask(path, keys=",".join(KEYS), key_by_type="true")
            told = mapping(streams)
            self._refuse_foreign(path, told, activity_id(told), expected=None)
            return streams
        told = mapping(self.ask(path, include_all_efforts="true"))
        seen = api_observation(told, self.athlete_id, self.now(), "api_detail")
        found = None if seen is None else seen.activity_id
        self._refuse_foreign(path, told, found, expected=work.activity_id)
        return seen

    def _refuse_foreign(
        self, path: str, told: Mapping[str, Any], found: int | None, expected: int | None
    ) -> None:
        """Refuse an answer that names another athlete or activity; streams name neither."""
        if found != expected:
            raise ForeignAnswer(
                path,
                f"refused: the answer is about {f'activity {found}' if found else 'no activity'}",
            )
        owner = owner_id(told)
        if owner is not None and owner != self.athlete_id:
            raise ForeignAnswer(
                path,
                f"refused: the answer belongs to athlete {owner}, not to {self.athlete_id}",
            )

    def _write(self, connection: sa.Connection, work: Work, answer: Observation | Any) -> int:
        """Store an answer; how many points it brought."""
        gear, batch = GearBook(connection, self.athlete_id), Batch()
        write = (
            self._detail(connection, answer, gear)
            if isinstance(answer, Observation)
            else self._streams(connection, work, answer)
        )
        if write is not None:
            batch.add(write)
            Writer(
                athlete_id=self.athlete_id, origin=ledger.API, run_id=self.run_id, gear=gear
            ).write(connection, batch)
        return batch.points

    def _detail(
        self, connection: sa.Connection, shown: Observation, gear: GearBook
    ) -> ActivityWrite:
        assert shown.raw is not None
        activity_id, rows = shown.activity_id, detail(shown.raw)
        if rows.gear is not None:
            describe(connection, self.athlete_id, rows.gear)
            gear.read(connection)
        write_detail(connection, self.athlete_id, activity_id, rows)
        known = observations.stored(connection, [activity_id]).get(activity_id, ())
        seen = with_known_start(shown, known)
        return ActivityWrite(activity_id=activity_id, observations=(seen,))

    def _streams(self, connection: sa.Connection, work: Work, answer: Any) -> ActivityWrite | None:
        start = connection.scalar(
            sa.select(Activity.start_time_utc).where(Activity.activity_id == work.activity_id)
        )
        found = recording(answer, start)
        if found is None:
            note_compared(connection, work.activity_id, self.now())
            return None
        zones = zones_of(connection, self.athlete_id)
        told = Told(file_format=found.format, figures=found.figures)
        derived = derive(
            found.points, sport_type=work.sport_type, zones=zones, start_time_utc=start, told=told
        )
        track = ActivityTrack(
            activity_id=work.activity_id,
            recording=found,
            source="api",
            fetched_at=self.now(),
            derived=derived,
        )
        return ActivityWrite(activity_id=work.activity_id, track=track)
