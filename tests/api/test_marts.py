"""After any mix of newer exports, runs that ask the API, purges, forgotten exports and edits, the
marts are those that are made from nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.marts import MARTS, refresh
from db.models import Activity, Base, Date
from ingest.commands.forget import forget_export
from ingest.errors import Interrupted
from ingest.load.forgotten import remembered_exports
from ingest.reporting.progress import Progress
from ingest.run import pipeline
from tests.api.connected import Connected
from tests.builders import export_zip, gpx_activity
from tests.strava import Account, Clock

Connect = Callable[..., Connected]
NOW = datetime(2026, 11, 1, 9, tzinfo=UTC)
WEEK = timedelta(days=7, minutes=1)
MODELS: Sequence[type[Base]] = (Date, *(mart.model for mart in MARTS))
#: Activities that only exports have, beside those of the account.
_NUMBERS = st.integers(1, 6)
_ROW = st.fixed_dictionaries(
    {
        "activity_name": st.sampled_from(["Morning Run", "Renamed"]),
        "activity_type": st.sampled_from(["Run", "Ride"]),
        "activity_date": st.sampled_from(
            ["Dec 31, 2024, 11:30:00 PM", "Jan 1, 2025, 6:00:00 AM", "Oct 30, 2026, 6:00:00 AM"]
        ),
        "activity_gear": st.sampled_from(["", "Old Shoes", "New Shoes"]),
        "distance": st.sampled_from(["", "5.00", "21.10"]),
        "relative_effort": st.sampled_from(["", "12"]),
        "filename": st.sampled_from(["", "activities/1.gpx"]),
    }
)
_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("export"), st.dictionaries(_NUMBERS, _ROW, min_size=1, max_size=5)),
        st.tuples(
            st.just("api"),
            st.sampled_from(["new", "late", "rename", "delete", "gear", "distance", "gear_name"]),
        ),
        st.tuples(st.just("purge"), st.sampled_from([None, 10])),
        st.tuples(st.just("forget"), st.sampled_from([0, -1])),
        st.tuples(st.just("home"), st.sampled_from(["Pacific/Auckland", "America/Lima"])),
        st.tuples(st.just("cut"), st.none()),
    ),
    min_size=2,
    max_size=5,
)


class Steps:
    """What happens to an athlete's data, step by step; the same steps do the same."""

    def __init__(self, playground: Connected, monkeypatch: pytest.MonkeyPatch) -> None:
        self.playground, self.monkeypatch = playground, monkeypatch
        self.account, self.clock = playground.strava.account, playground.strava.clock
        self.exported = 0

    def export(self, rows: Mapping[int, Mapping[str, str]]) -> None:
        """A newer export, in which some activities are the account's."""
        self.exported += 1
        shared = sorted(self.account.activities)[:2]
        numbered = [
            {"activity_id": shared[number - 5] if 5 <= number < 5 + len(shared) else number, **row}
            for number, row in rows.items()
        ]
        profile = [["Athlete ID", "First Name"], [self.account.athlete_id, f"Ann {len(rows) % 2}"]]
        export_zip(
            self.playground.drop / f"export_{self.exported}.zip",
            numbered,
            files={"activities/1.gpx": gpx_activity(40)},
            tables={
                "profile.csv": profile,
                "shoes.csv": [["Shoe Name", "Shoe Brand"], ["Old Shoes", f"b{self.exported}"]],
            },
            when=NOW - timedelta(days=90 - self.exported),
        )
        self.playground.run(skip_api=True)

    def api(self, what: str) -> None:
        """Something happens at Strava, and the next sweep finds it."""
        one = self.account.newest_first()[-1].id
        gear = sorted(self.account.gear)[0]
        if what == "new":
            self.account.new(self.clock.now() - timedelta(hours=3))
        elif what == "late":
            self.account.late_upload()
        elif what == "rename":
            self.account.rename(one, f"Renamed {self.clock.now()}")
        elif what == "delete" and len(self.account.activities) > 2:
            self.account.delete(one)
        elif what == "gear":
            self.account.set_gear(one, gear)
        elif what == "distance":
            self.account.edit(one, distance=4321.0)
        elif what == "gear_name":
            self.account.edit_gear(gear, name=f"Gear {self.clock.now()}")
        self.clock.advance(WEEK.total_seconds())
        self.playground.run()

    def purge(self, days: int | None) -> None:
        self.playground.purge(None if days is None else timedelta(days=days))

    def forget(self, which: int) -> None:
        """The oldest or the newest export is forgotten; without any, a run finds nothing."""
        with self.playground.connection() as connection:
            known = remembered_exports(connection)
        if not known:
            self.playground.run(skip_api=True)
            return
        forget_export(
            self.playground.config(),
            known[which].name,
            Progress(),
            dry_run=False,
            accept_loss=False,
        )

    def home(self, name: str) -> None:
        self.playground.run(skip_api=True, timezone=name)

    def cut(self, _: None) -> None:
        """A run that ends before it refills anything."""

        def interrupt(_: sa.Engine) -> None:
            raise KeyboardInterrupt

        with self.monkeypatch.context() as context:
            context.setattr(pipeline, "refill_stale", interrupt)
            self.account.new(self.clock.now() - timedelta(hours=30))
            with pytest.raises(Interrupted):
                self.playground.run()


def marts(connection: sa.Connection) -> dict[str, list[Any]]:
    return {
        model.__tablename__: sorted(
            map(tuple, connection.execute(sa.select(model.__table__))), key=repr
        )
        for model in MODELS
    }


def empty(playground: Connected) -> None:
    """Back to a database and a drop folder without anything."""
    with playground.connection() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            if sa.inspect(connection).has_table(table.name):
                connection.execute(sa.delete(table))
    for file in playground.drop.iterdir():
        file.unlink()


@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=_STEPS)
def test_marts_refilled_after_any_steps_are_those_made_from_nothing(
    connect: Connect, database_url: str, monkeypatch: pytest.MonkeyPatch, steps: list[Any]
) -> None:
    account = Account.synthetic(4, seed=7, until=NOW - timedelta(days=1))
    playground = connect(account, database_url, clock=Clock(NOW))
    empty(playground)
    story = Steps(playground, monkeypatch)
    for name, value in [*steps, ("api", "new")]:
        getattr(story, name)(value)
        if name == "cut":
            continue
        with playground.connection() as connection:
            refilled = marts(connection)
            refresh(connection)
            assert refilled == marts(connection), (name, value)
            connection.rollback()
    assert playground.rows(Activity.activity_id)
