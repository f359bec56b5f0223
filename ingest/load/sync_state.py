"""Keeps what a run must remember for the next ones: every key of ``sync_state``, with its type."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Final, Generic, TypeVar

import sqlalchemy as sa

from db.local_day import MOST_DAYS
from db.models import SyncState
from db.upsert import upsert

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class StateKey(Generic[T]):
    """A value that is remembered by name, or by name and athlete (or API app)."""

    name: str
    dump: Callable[[T], str]
    load: Callable[[str], T]

    def get(self, connection: sa.Connection, of: int | None = None) -> T | None:
        """The value, ``None`` where there is none."""
        query = sa.select(SyncState.value).where(SyncState.name == self._name(of))
        text = connection.scalar(query)
        return None if text is None else self.load(text)

    def set(self, connection: sa.Connection, value: T | None, of: int | None = None) -> None:
        """Remember a value; ``None`` forgets it."""
        if value is None:
            connection.execute(sa.delete(SyncState).where(SyncState.name == self._name(of)))
        else:
            upsert(connection, SyncState, [{"name": self._name(of), "value": self.dump(value)}])

    def owners(self, connection: sa.Connection) -> list[int]:
        """Whose values there are."""
        names = connection.scalars(
            sa.select(SyncState.name).where(SyncState.name.like(f"{self.name}:%"))
        )
        return sorted(int(name.removeprefix(f"{self.name}:")) for name in names)

    def _name(self, of: int | None) -> str:
        return self.name if of is None else f"{self.name}:{of}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepProgress:
    """How far a sweep came that lists the oldest activities first."""

    begun_at: datetime
    #: Epoch seconds of the newest start that it has listed.
    after: int
    sees_all: bool

    def dump(self) -> str:
        """The text that is kept."""
        return json.dumps(asdict(self) | {"begun_at": self.begun_at.isoformat()})

    @staticmethod
    def load(text: str) -> SweepProgress:
        """What ``dump`` gave."""
        body: dict[str, Any] = json.loads(text)
        return SweepProgress(**body | {"begun_at": datetime.fromisoformat(body["begun_at"])})


def _dump_dates(dates: list[datetime]) -> str:
    return json.dumps(sorted(date.isoformat() for date in dates))


def _load_dates(text: str) -> list[datetime]:
    return sorted(map(datetime.fromisoformat, json.loads(text)))


def _dump_days(days: frozenset[date]) -> str:
    return json.dumps(sorted(day.isoformat() for day in days))


def _load_days(text: str) -> frozenset[date]:
    return frozenset(map(date.fromisoformat, json.loads(text)))


def _load_texts(text: str) -> dict[str, str]:
    """Texts by name; nothing where another program has written something else there."""
    try:
        body = json.loads(text)
    except ValueError:
        return {}
    return {name: str(value) for name, value in body.items()} if isinstance(body, dict) else {}


#: Size and time of each ZIP without an end that the last run saw, by name.
ENDLESS_ZIPS: Final = StateKey("endless_zips", json.dumps, _load_texts)
#: Digest of the models' comments that the data dictionary was filled with.
DICTIONARY: Final = StateKey("dictionary", str, str)
#: A random text that tells this database from others, for workers on other machines.
DATABASE_ID: Final = StateKey("database_id", str, str)
#: The home zone that the last run went by.
HOME_ZONE: Final = StateKey("home_timezone", str, str)
#: The language of an athlete's newest export.
LANGUAGE: Final = StateKey("language", str, str)
#: JSON of the requests that an API app has left, by its client id.
API_BUDGET: Final = StateKey("api_budget", str, str)
#: When an athlete's zones were asked for last.
ZONES_AT: Final = StateKey("zones_at", datetime.isoformat, datetime.fromisoformat)
#: When the last complete sweep of an athlete's activities began.
SWEPT_AT: Final = StateKey("swept_at", datetime.isoformat, datetime.fromisoformat)
#: The sweep that Strava's limits cut off.
SWEEP_BEGUN: Final = StateKey("sweep_begun", SweepProgress.dump, SweepProgress.load)
#: When the complete sweeps began that saw private activities, too; oldest first.
_SWEEPS: Final = StateKey("sweeps", _dump_dates, _load_dates)
#: Mark of a migration: all marts are to be filled from nothing.
_STALE_MARTS: Final = StateKey("marts:stale", str, str)
#: Local days on which an athlete's activities are newer than the marts.
_STALE_DAYS: Final = StateKey("marts:stale", _dump_days, _load_days)
#: Mark of an athlete whose data changed so that all of it must be reconciled.
_UNSETTLED: Final = StateKey("unsettled", str, str)
_SET: Final = "yes"
#: Stands for all days of an athlete.
EVERY_DAY: Final = frozenset([date.min])


def sweeps(connection: sa.Connection, athlete_id: int) -> list[datetime]:
    """When the complete sweeps of the API began that saw private activities, too; oldest first."""
    return _SWEEPS.get(connection, athlete_id) or []


def add_sweep(connection: sa.Connection, athlete_id: int, begun_at: datetime) -> None:
    """Remember a complete sweep."""
    every = {*sweeps(connection, athlete_id), begun_at}
    _SWEEPS.set(connection, sorted(every), athlete_id)


def forget_lists(connection: sa.Connection, athlete_id: int) -> None:
    """Forget the complete lists, which told what vanished, and when zones were asked for.

    The time of the last list is no API data, and stays.
    """
    for key in (_SWEEPS, SWEEP_BEGUN, ZONES_AT):
        key.set(connection, None, athlete_id)


def forget_states(connection: sa.Connection, athlete_id: int) -> None:
    """Forget everything that is remembered of an athlete, but for the mark of stale marts."""
    for key in (_SWEEPS, SWEEP_BEGUN, SWEPT_AT, ZONES_AT, LANGUAGE, _UNSETTLED):
        key.set(connection, None, athlete_id)


def mark_stale(connection: sa.Connection, athlete_id: int, days: Collection[date] = ()) -> None:
    """Mark an athlete's marts as stale, in the transaction that makes them so.

    ``days`` are the local days on which activities changed, or ``EVERY_DAY``. Without any, only
    what belongs to no day has changed, such as gear.

    It is written even where it says nothing new: then it waits for a run that has just taken the
    marks and refills, and is left for the next one. So it comes before rows are deleted that such
    a run may refer to.
    """
    marked = _STALE_DAYS.get(connection, athlete_id)
    every = frozenset(days) | (marked or frozenset())
    if every >= EVERY_DAY or len(every) > MOST_DAYS:
        every = EVERY_DAY
    _STALE_DAYS.set(connection, every, athlete_id)


def wait_for_refill(connection: sa.Connection, athlete_id: int) -> None:
    """Wait for another run that refills this athlete's marts, as ``mark_stale`` does."""
    mark = sa.select(SyncState.value).where(SyncState.name == f"{_STALE_DAYS.name}:{athlete_id}")
    connection.execute(mark.with_for_update())


def take_stale(
    connection: sa.Connection, but: Collection[int] = ()
) -> tuple[bool, dict[int, frozenset[date] | None]]:
    """Clear the marks of stale marts ``but`` those of some athletes; what they said.

    That is what ``are_all_stale`` and ``stale_marts`` would have said. It is one statement, so that
    what another run marks meanwhile is either returned or stays.
    """
    marks = sa.or_(
        SyncState.name == _STALE_MARTS.name, SyncState.name.like(f"{_STALE_DAYS.name}:%")
    )
    others = SyncState.name.not_in([f"{_STALE_DAYS.name}:{athlete_id}" for athlete_id in but])
    taken = sa.delete(SyncState).where(marks, others).returning(SyncState.name, SyncState.value)
    found = {
        name.removeprefix(_STALE_MARTS.name): value for name, value in connection.execute(taken)
    }
    is_all = found.pop("", None) is not None
    return is_all, {
        int(name[1:]): _days(_load_days(value or "[]")) for name, value in found.items()
    }


def are_all_stale(connection: sa.Connection) -> bool:
    """Whether a migration wants the marts filled from nothing."""
    return _STALE_MARTS.get(connection) is not None


def stale_marts(connection: sa.Connection) -> dict[int, frozenset[date] | None]:
    """The athletes whose marts are stale, and on which days; ``None`` for every day."""
    marked = {i: _STALE_DAYS.get(connection, i) for i in _STALE_DAYS.owners(connection)}
    return {i: _days(days) for i, days in marked.items()}


def _days(marked: frozenset[date] | None) -> frozenset[date] | None:
    return None if marked == EVERY_DAY else marked


def mark_unsettled(connection: sa.Connection, athlete_id: int) -> None:
    """Mark that an athlete's data changed so that ``reconcile`` has to look at all of it."""
    _UNSETTLED.set(connection, _SET, athlete_id)


def mark_settled(connection: sa.Connection, athlete_id: int) -> None:
    """Clear the mark set by ``mark_unsettled``."""
    _UNSETTLED.set(connection, None, athlete_id)


def unsettled(connection: sa.Connection) -> list[int]:
    """The athletes whose mark of ``mark_unsettled`` is set."""
    return _UNSETTLED.owners(connection)
