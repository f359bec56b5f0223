"""Stores observations of activities as JSON, and compares two of them."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from db.batches import chunks
from db.models import ActivityObservation
from db.upsert import upsert
from ingest.transform.records import FILES, Observation, Source

#: Relative difference up to which numbers are equal. Exports up to August 2025 hold 32-bit floats,
#: later ones rounded numbers: those of the same activity differ in the 7th digit.
REL_TOL: Final = 1e-6


class Exported(NamedTuple):
    """An observation of the export, without its payload."""

    athlete_id: int
    observed_at: datetime
    digest: str | None


def same(old: Observation, new: Observation) -> bool:
    """Whether two observations of one activity are equal, apart from Strava's own rounding."""
    return (
        _equal(old.fields, new.fields)
        and old.extra.keys() == new.extra.keys()
        and _equal(old.extra, new.extra)
    )


def _equal(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    return old.keys() == new.keys() and all(
        is_close(value, new[name]) for name, value in old.items()
    )


def is_close(old: Any, new: Any) -> bool:
    """Whether two values are equal, apart from Strava's own rounding."""
    if old == new:
        return True
    if isinstance(old, (int, float)) and isinstance(new, (int, float)):
        return math.isclose(old, new, rel_tol=REL_TOL, abs_tol=1e-9)
    return False


def encode(observation: Observation) -> str:
    """The payload as JSON."""
    body: dict[str, Any] = {"fields": dict(observation.fields)}
    if observation.extra:
        body["extra"] = dict(observation.extra)
    if observation.raw is None:
        return json.dumps(body, ensure_ascii=False, separators=(",", ":"), default=_plain)
    # The API's texts may hold characters that PostgreSQL stores only in escaped form.
    return json.dumps(body | {"raw": dict(observation.raw)}, separators=(",", ":"), default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"an observation cannot hold {value!r}")


def decode(row: Any) -> Observation:
    """The observation of a row of ``activity_observations``."""
    body = json.loads(row.payload)
    fields = {
        name: datetime.fromisoformat(value)
        if value is not None and name.endswith("_utc")
        else value
        for name, value in body["fields"].items()
    }
    return Observation(
        activity_id=row.activity_id,
        athlete_id=row.athlete_id,
        source=row.source,
        observed_at=row.observed_at,
        fields=fields,
        extra=body.get("extra", {}),
        digest=row.digest,
        raw=body.get("raw"),
    )


def stored(connection: sa.Connection, ids: Sequence[int]) -> dict[int, list[Observation]]:
    """The stored observations of these activities, by id."""
    found: dict[int, list[Observation]] = defaultdict(list)
    for some in chunks(ids):
        query = sa.select(ActivityObservation.__table__).where(
            ActivityObservation.activity_id.in_(some)
        )
        for row in connection.execute(query):
            found[row.activity_id].append(decode(row))
    return found


def store(connection: sa.Connection, observations: Iterable[Observation]) -> None:
    """Insert observations, or replace the older ones of the same source."""
    rows = [
        {
            "activity_id": seen.activity_id,
            "source": seen.source,
            "athlete_id": seen.athlete_id,
            "observed_at": seen.observed_at,
            "digest": seen.digest,
            "payload": encode(seen),
        }
        for seen in observations
    ]
    upsert(connection, ActivityObservation, rows)


def confirm(
    connection: sa.Connection,
    ids: Sequence[int],
    observed_at: datetime,
    digests: Mapping[int, str],
    source: Source = "export",
) -> None:
    """Update stored observations that a newer list repeats without changes.

    They get the date of that list, and a new hash where its words differ.
    """
    table = ActivityObservation.__table__
    exported = table.c.source == source
    for some in chunks(ids):
        connection.execute(
            sa.update(ActivityObservation)
            .where(table.c.activity_id.in_(some), exported, table.c.observed_at < observed_at)
            .values(observed_at=observed_at)
        )
    if digests:
        one = sa.update(ActivityObservation).where(
            table.c.activity_id == sa.bindparam("id"), exported
        )
        rows = [{"id": activity_id, "new": digest} for activity_id, digest in digests.items()]
        connection.execute(one.values(digest=sa.bindparam("new")), rows)


def overtakes(
    connection: sa.Connection, ids: Sequence[int], observed_at: datetime, source: Source = "export"
) -> list[int]:
    """Activities that another source observed between the old date and the new one of ``confirm``.

    They must be merged again, since ``confirm`` makes this source's observation the later one.
    """
    mine, other = (
        ActivityObservation.__table__.alias("mine"),
        ActivityObservation.__table__.alias("other"),
    )
    found: list[int] = []
    for some in chunks(ids):
        query = (
            sa.select(mine.c.activity_id)
            .join(other, other.c.activity_id == mine.c.activity_id)
            .where(
                mine.c.activity_id.in_(some),
                mine.c.source == source,
                other.c.source.not_in((source, *FILES)),
                other.c.observed_at >= mine.c.observed_at,
                other.c.observed_at <= observed_at,
            )
        )
        found += connection.scalars(query)
    return sorted(set(found))


def exported(connection: sa.Connection, first: int, last: int) -> dict[int, Exported]:
    """The export's observations of a range of activities, by id, without payloads."""
    columns = (getattr(ActivityObservation, name) for name in Exported._fields)
    in_range = ActivityObservation.activity_id.between(first, last)
    query = sa.select(ActivityObservation.activity_id, *columns).where(
        in_range, ActivityObservation.source == "export"
    )
    return {row.activity_id: Exported(*row[1:]) for row in connection.execute(query)}
