"""Gives workers their tasks, and tries those again that may go better another time.

One export is one task, and its failure costs no other one anything. Results are let go as soon as
they are here: dask runs finished tasks again whose results died with their worker.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ingest.errors import AbortRun
from ingest.fleet.outcome import TaskOrder, TaskOutcome
from ingest.fleet.task import import_export

if TYPE_CHECKING:
    from distributed import Client, Future


def imported(client: Client, orders: Sequence[TaskOrder], retries: int) -> Iterator[TaskOutcome]:
    """Import all, in any order; yields what became of each at last.

    Args:
        client: has the workers.
        orders: what to import.
        retries: how often an export is tried again after a failure that may pass.

    Raises:
        AbortRun: the scheduler is gone.
    """
    from distributed import as_completed

    of_key: dict[Any, TaskOrder] = {}
    tries = Counter[str]()

    def submit(order: TaskOrder) -> Future[Any]:
        tries[order.source.url] += 1
        future = client.submit(import_export, order, pure=False)
        of_key[future.key] = order
        return future

    running = as_completed([submit(order) for order in orders])
    for future in running:
        order = of_key.pop(future.key)
        outcome = _outcome_of(future, order)
        future.release()
        if outcome.is_passing and tries[order.source.url] <= retries:
            running.add(submit(order))
        else:
            yield outcome


def _outcome_of(future: Future[Any], order: TaskOrder) -> TaskOutcome:
    if future.status in ("cancelled", "lost"):
        raise AbortRun(
            "the scheduler of the workers is gone; what was imported until now is kept. To go on, "
            "run the same command again"
        )
    err = future.exception()
    if err is None:
        result = future.result()
        assert isinstance(result, TaskOutcome)
        return result
    return TaskOutcome(
        name=order.source.name, status="failed", error=_words_of(err), is_passing=not _is_fatal(err)
    )


def _is_fatal(err: BaseException) -> bool:
    """Whether so many workers have died of an export that no other one may."""
    from distributed import KilledWorker

    return isinstance(err, KilledWorker)


def _words_of(err: BaseException) -> str:
    if _is_fatal(err):
        return "the workers that imported it died (killed, or out of memory)"
    return f"unexpected error: {err!r}"
