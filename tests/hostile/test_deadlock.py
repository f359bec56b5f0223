"""Another program and a run wait for each other on PostgreSQL: one sentence, nothing half-written,
the next run goes on.
"""

from __future__ import annotations

import threading
import time

import psycopg
import pytest
import sqlalchemy as sa

from db.models import Activity
from ingest import errors
from ingest.load.writer import Batch, Writer
from tests.builders import gpx_activity
from tests.ingest.playground import Playground


def test_a_deadlock_ends_the_run_in_one_line_and_the_next_one_goes_on(
    on_server: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [{"activity_id": i, "filename": f"activities/{i}.gpx"} for i in (1, 2)]
    on_server.add(
        "export_77.zip", rows, files={f"activities/{i}.gpx": gpx_activity() for i in (1, 2)}
    )
    on_server.run(skip_export=True)
    real = Writer.write
    holding = psycopg.connect(on_server.database)
    holding.execute("LOCK TABLE gear IN SHARE MODE")
    waiting = threading.Thread(
        target=holding.execute, args=("LOCK TABLE activities IN ACCESS EXCLUSIVE MODE",)
    )

    def write(self: Writer, connection: sa.Connection, batch: Batch) -> None:
        # The server ends whoever has waited a second; the other program waits longer.
        real(self, connection, batch)
        waiting.start()
        time.sleep(0.3)
        connection.exec_driver_sql("LOCK TABLE gear IN ACCESS EXCLUSIVE MODE")

    holding.execute("SET LOCAL deadlock_timeout = '60s'")
    monkeypatch.setattr(Writer, "write", write)
    with pytest.raises(errors.DatabaseError, match=r"deadlock detected; .*run again") as caught:
        on_server.run()
    monkeypatch.undo()
    monkeypatch.setattr("ingest.extract.copy_check.APART_S", 0)
    waiting.join()
    holding.rollback()
    holding.close()
    assert "\n" not in str(caught.value)
    assert on_server.rows(Activity.activity_id) == []
    on_server.run()
    assert on_server.rows(Activity.activity_id) == [(1,), (2,)]
    on_server.engine.dispose()
