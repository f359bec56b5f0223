"""Keeps one Delta table: replaces rows of some athletes in one commit, beside other writers.

Delta's log decides which of two writers at a time was first: the commit of the second fails if the
first one changed rows that it read or replaces. It then looks again at what the table has, and
writes only if that is not what it wanted to write.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import sleep
from typing import Any, Final

import pyarrow as pa
from deltalake import DeltaTable, WriterProperties, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError

from exporters.errors import ExportError, TargetExists
from exporters.quiet_stderr import quiet_stderr

#: Columns that a lake has beside those of the database.
DIGEST: Final = "rows_digest"
BUCKET: Final = "athlete_bucket"
YEAR: Final = "year"
#: Number of partitions that athletes are spread over by their ids.
BUCKETS: Final = 64
#: Characters of a library's message that are told; some quote the server's whole answer.
_LONGEST: Final = 400
#: How often a commit is tried that another writer comes before.
_TRIES: Final = 8
#: Rows of a group of Parquet. The library holds a group of each partition that it writes in memory.
#: Half of its own choice takes a hundred megabytes less, and 6 % more disk.
_GROUP_ROWS: Final = 2**19
_PROPERTIES: Final = WriterProperties(
    compression="ZSTD", compression_level=1, max_row_group_size=_GROUP_ROWS
)
#: Whose rows: of one athlete, or of all (a table that names no athlete).
ALL: Final = -1

#: The condition of all rows.
_EVERY: Final = f"{DIGEST} >= 0"

Reading = Callable[[], pa.RecordBatchReader]


@dataclass(frozen=True, slots=True, kw_only=True)
class LakeTable:
    """One open table."""

    table: DeltaTable
    place: str
    schema: pa.Schema

    @classmethod
    def open(
        cls,
        place: str,
        schema: pa.Schema,
        options: dict[str, str],
        partitions: Sequence[str],
        is_new: bool,
    ) -> LakeTable:
        """Open the table at a path or URL, or make it; ``is_new`` makes it anew and empty.

        Raises:
            TargetExists: something else is there.
            ExportError: its columns are others, or the place cannot be used.
        """
        with _problems(place):
            is_there = DeltaTable.is_deltatable(place, options)
            if not is_there:
                _refuse_other_files(place)
            if not is_there or is_new:
                _make(place, schema, options, partitions, "overwrite" if is_there else "error")
            table = DeltaTable(place, storage_options=options)
            _fit(table, place, schema)
            return cls(table=table, place=place, schema=schema)

    def digests(self) -> Mapping[int, int]:
        """The digest of each athlete's rows (or of ``ALL``); 0 where rows have several."""
        key = "athlete_id" if "athlete_id" in self.schema.names else None
        with _problems(self.place):
            of_files = self._of_files(key)
            found = self._of_rows(key) if of_files is None else of_files
        digests: dict[int, int] = {}
        for whose, digest in found:
            digests[whose] = digest if digests.get(whose, digest) == digest else 0
        return digests

    def files(self) -> set[str]:
        """The names of its Parquet files."""
        return set(self.table.file_uris())

    def replace(self, digests: Mapping[int, int], reading: Reading) -> None:
        """Put these rows in place of those of the athletes (or of ``ALL``) that have digests.

        ``reading`` gives the rows from their beginning each time.
        """
        # An overwrite without a condition is not checked against what another writer adds.
        predicate = _EVERY if ALL in digests else _of(digests, self.schema)

        def write() -> None:
            write_deltalake(
                self.table,
                reading(),
                mode="overwrite",
                predicate=predicate,
                writer_properties=_PROPERTIES,
            )

        def is_done() -> bool:
            found = self.digests()
            return all(found.get(whose) == digest for whose, digest in digests.items())

        self._commit(write, is_done)

    def remove(self, athletes: Sequence[int]) -> None:
        """Delete the rows of athletes."""
        self._commit(
            lambda: self.table.delete(_of(athletes, self.schema)),
            lambda: not set(athletes) & set(self.digests()),
        )

    def clean(self) -> None:
        """Delete files that no version of the last seven days has (Delta's own rule)."""
        with _problems(self.place):
            self.table.vacuum(dry_run=False)

    def _commit(self, write: Callable[[], object], is_done: Callable[[], bool]) -> None:
        with _problems(self.place):
            for attempt in range(_TRIES):
                try:
                    write()
                    return
                except CommitFailedError:
                    # By chance, so that two writers do not meet again each time.
                    sleep(random.uniform(0, 0.1 * 2**attempt))
                    self.table.update_incremental()
                    if is_done():
                        return
        raise ExportError(
            f"{self.place}: another export keeps writing the same athletes; wait until it has "
            "ended, then run again"
        )

    def _of_files(self, key: str | None) -> list[tuple[int, int]] | None:
        """What the statistics of files tell; ``None`` if a file has rows of several athletes."""
        actions = pa.table(self.table.get_add_actions(flatten=True))
        if not actions.num_rows:
            return []
        columns = [] if key else [[ALL] * actions.num_rows]
        for name in filter(None, (key, DIGEST)):
            if f"min.{name}" not in actions.column_names:
                return None
            least, most = actions[f"min.{name}"].to_pylist(), actions[f"max.{name}"].to_pylist()
            if least != most or None in least:
                return None
            columns.append(least)
        return list(zip(*columns, strict=True))

    def _of_rows(self, key: str | None) -> list[tuple[int, int]]:
        names = [DIGEST] if key is None else [key, DIGEST]
        rows = self.table.to_pyarrow_dataset().to_table(columns=names)
        found = rows.group_by(names).aggregate([]).select(names)
        columns = [found[name].to_pylist() for name in names]
        return list(zip(*([] if key else [[ALL] * found.num_rows]), *columns, strict=True))


def _of(athletes: Sequence[int] | Mapping[int, int], schema: pa.Schema) -> str:
    ids = ", ".join(map(str, sorted(athletes)))
    condition = f"athlete_id IN ({ids})"
    if BUCKET not in schema.names:
        return condition
    buckets = ", ".join(map(str, sorted({bucket(athlete) for athlete in athletes})))
    return f"{BUCKET} IN ({buckets}) AND {condition}"


def bucket(athlete_id: int) -> int:
    """The partition of an athlete."""
    return athlete_id % BUCKETS


def _make(
    place: str, schema: pa.Schema, options: dict[str, str], partitions: Sequence[str], mode: Any
) -> None:
    try:
        DeltaTable.create(
            place,
            schema=schema,
            mode=mode,
            partition_by=list(partitions),
            storage_options=options,
        )
    except DeltaError:
        if mode == "overwrite" or not DeltaTable.is_deltatable(place, options):
            raise  # else another writer has made it just now


def _fit(table: DeltaTable, place: str, schema: pa.Schema) -> None:
    """Add columns that the table lacks; their rows get other digests, and so are written again."""
    there = {field.name: field for field in table.schema().fields}
    wanted = pa.schema(schema).names
    if DIGEST not in there:
        raise TargetExists(
            f"{place} is a Delta table that strava-ingest did not write; choose another --out"
        )
    made = {field.name: field for field in _delta_schema(schema)}
    changed = [name for name in wanted if name in there and there[name].type != made[name].type]
    if changed or set(there) - set(wanted):
        names = ", ".join(changed or sorted(set(there) - set(wanted)))
        raise TargetExists(
            f"{place} exists already with other columns ({names}), of another version of "
            "strava-ingest; use --overwrite to write it anew, or choose another --out"
        )
    if missing := [made[name] for name in wanted if name not in there]:
        table.alter.add_columns(missing)


def _delta_schema(schema: pa.Schema) -> list[Any]:
    from deltalake import Schema

    return list(Schema.from_arrow(schema).fields)


def _refuse_other_files(place: str) -> None:
    if "://" in place or not Path(place).exists():
        return
    # The log alone is of another writer that makes the table right now.
    if any(entry.name != "_delta_log" for entry in Path(place).iterdir()):
        raise TargetExists(f"{place} exists already and is no Delta table; choose another --out")


@contextmanager
def _problems(place: str) -> Iterator[None]:
    try:
        with quiet_stderr():
            yield
    except (DeltaError, OSError) as err:
        reason = " ".join(str(err).split())[:_LONGEST] or type(err).__name__
        advice = "choose another --out"
        if "://" in place:
            advice = "check the bucket, and the AWS_ settings of the environment"
        raise ExportError(f"{place} cannot be written ({reason}); {advice}") from err
