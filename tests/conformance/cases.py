"""Fills the databases that every exporter must cope with, by a function for each named case.

A new case is a function here and its name in ``CASES``. What an exporter cannot do for a case, and
how it says so, stands in ``REFUSED``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa

from db.bulk import write_points
from db.engine import make_engine
from db.marts import MARTS, refresh
from db.models import (
    Activity,
    Athlete,
    Base,
    DataDictionary,
    Date,
    Gear,
    ImportFile,
    ImportRun,
    Lap,
    Media,
    Track,
    TrackPoint,
)
from ingest.config import make_config
from ingest.reporting.progress import Progress
from ingest.run.pipeline import run
from tests.builders import export_zip, fit_activity, gpx_activity, photo, tcx_activity

START = datetime(2024, 5, 1, 6, 0, tzinfo=UTC)
EXPORT = "export_1.zip"
#: Formats of the photos of an export.
PHOTOS = ("JPEG", "PNG", "WEBP")
#: Texts that hurt what does not quote: CSV, XML, HTML, a spreadsheet, a path, a terminal.
PAINFUL = (
    'He said "go", and; went',
    "two\r\nlines\nand\ttab",
    "<b>&amp; ]]> </script><!-- -->",
    '=HYPERLINK("http://example.org")',
    "../..\\CON:*?|",
    "\x01\x1b[31m\x7f\x85\u2028\ufffe",
    "\u202eright to left \u05d0 \U0001f3c3\u200d\u2640\ufe0f e\u0301",
    "x" * 40_000,
    "",
    " ",
    "'",
)


class Rows:
    """Adds rows to the empty database of one case; ``folder`` is its playground."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.folder = url, folder

    @cached_property
    def connection(self) -> sa.Connection:
        """One transaction for all rows."""
        return make_engine(self.url).connect()

    def add(self, model: Any, **columns: Any) -> None:
        """One row."""
        self.connection.execute(sa.insert(model), columns)

    def athlete(self, number: int = 1, **columns: Any) -> None:
        """An athlete."""
        self.add(
            Athlete, **{"athlete_id": number, "first_name": "Jo", "last_name": "Doe", **columns}
        )

    def activity(self, number: int, **columns: Any) -> None:
        """A run, a day after the one before it, of athlete 1."""
        start = columns.pop("start", START + timedelta(days=number % 1000))
        row = {
            "activity_id": number,
            "athlete_id": 1,
            "name": "Morning Run",
            "sport_type": "Run",
            "start_time_utc": start,
            "start_time_local": start and start.replace(tzinfo=None),
            "timezone_source": "api",
            "distance_m": 3000.0,
            "moving_time_s": 900.0,
            "elapsed_time_s": 960.0,
            "has_track": False,
        }
        self.add(Activity, **{**row, **columns})

    def track(
        self, number: int, points: Mapping[str, Sequence[float | None]], **columns: Any
    ) -> None:
        """The points of an activity, one column after the other, a second apart if not told."""
        count = max(map(len, points.values()), default=0)
        given = {"elapsed_s": range(count), **points}
        arrays = {name: np.array(values, np.float64) for name, values in given.items()}
        row = {
            "activity_id": number,
            "source": "file",
            "file_format": "fit",
            "start_time_utc": START + timedelta(days=number % 1000),
            "point_count": count,
            "is_partial": False,
            "is_time_naive": False,
            "is_distance_computed": False,
        }
        self.add(Track, **{**row, **columns})
        write_points(self.connection, [(number, arrays)])
        self.connection.execute(
            sa.update(Activity).where(Activity.activity_id == number).values(has_track=count > 0)
        )

    def finish(self) -> None:
        """Fill the marts, as every run does, and commit."""
        refresh(self.connection)
        self.connection.commit()
        self.connection.close()
        self.connection.engine.dispose()


def line(count: int = 5, **columns: Sequence[float | None]) -> dict[str, Sequence[float | None]]:
    """Points that go north along a meridian."""
    return {
        "latitude": [47.0 + i * 1e-4 for i in range(count)],
        "longitude": [8.0] * count,
        **columns,
    }


def empty(rows: Rows) -> None:
    """Nobody has imported anything yet."""


def athlete_without_activities(rows: Rows) -> None:
    """A profile, and nothing else."""
    rows.athlete()


def imported(rows: Rows) -> None:
    """An account export with a FIT, a GPX and a TCX file, an entry by hand, and photos."""
    drop = rows.folder / "Strava Export"
    drop.mkdir()
    files = {
        "activities/1.fit": fit_activity(60),
        "activities/2.gpx": gpx_activity(60, start=START + timedelta(days=1)),
        "activities/3.tcx": tcx_activity(60, start=START + timedelta(days=2)),
    }
    photos = {f"media/{n}.{kind.lower()}": photo(kind) for n, kind in enumerate(PHOTOS)}
    dates = [f"May {day}, 2024, 6:00:00 AM" for day in range(1, 5)]
    activities = [
        {"filename": name, "activity_date": date}
        for name, date in zip([*files, ""], dates, strict=True)
    ]
    activities[0]["media"] = "|".join(photos)
    captions = [["Media Filename", "Media Caption"], ["media/1.png", PAINFUL[0]]]
    export_zip(drop / EXPORT, activities, {**files, **photos}, {"media.csv": captions})
    config = make_config({}, playground=rows.folder, database=rows.url, skip_api=True, jobs=0)
    run(config, Progress())


def export_is_gone(rows: Rows) -> None:
    """A device file and a photo were of an export that has been deleted."""
    rows.athlete()
    rows.activity(1)
    rows.track(1, line(), file_name="activities/1.fit")
    rows.add(Media, athlete_id=1, filename="media/1.jpg", activity_id=1, source="export")
    rows.add(ImportRun, run_id=1, started_at=START, status="done", version="1")
    for kind, name, ids in (("export", EXPORT, None), ("activity", "activities/1.fit", "1")):
        rows.add(
            ImportFile,
            run_id=1,
            athlete_id=1,
            file_kind=kind,
            name=name,
            origin=EXPORT,
            exported_at=START,
            activity_ids=ids,
            status="read",
        )


def no_points(rows: Rows) -> None:
    """Entries by hand, one with a track that has no points."""
    rows.athlete()
    rows.activity(1)
    rows.activity(2)
    rows.track(2, {})


def one_point(rows: Rows) -> None:
    """A single point, and a point that was recorded twice."""
    rows.athlete()
    rows.activity(1)
    rows.track(1, line(1))
    rows.activity(2)
    rows.track(2, {"elapsed_s": [0, 0], "latitude": [47, 47], "longitude": [8, 8]})


def no_altitude(rows: Rows) -> None:
    """Positions alone, and positions whose altitude is known only here and there."""
    rows.athlete()
    rows.activity(1)
    rows.track(1, line())
    rows.activity(2)
    rows.track(2, line(altitude_m=[400.0, None, 401.5, None, None]))


def antimeridian(rows: Rows) -> None:
    """Routes over the date line in both directions and along it, and over a pole."""
    routes = {
        1: ([10.0, 10.0, 10.0], [179.9, -179.9, -179.8]),
        2: ([10.0, 10.0, 10.0, 10.0], [-179.9, 179.9, -179.9, 179.9]),
        3: ([10.0, 11.0, 12.0], [180.0, -180.0, 180.0]),
        4: ([89.9, 90.0, 89.9], [0.0, 0.0, 180.0]),
        5: ([10.0, 10.0], [179.999999999, -179.999999999]),
    }
    rows.athlete()
    for number, (latitude, longitude) in routes.items():
        rows.activity(number)
        rows.track(number, {"latitude": latitude, "longitude": longitude})


def treadmill(rows: Rows) -> None:
    """Heart rate and distance, and never a position; once none but for one point."""
    rows.athlete()
    sensors = {"distance_m": [0.0, 3.0, 6.0], "heartrate_bpm": [120.0, 121.0, 122.0]}
    rows.activity(1, is_trainer=True)
    rows.track(1, sensors)
    rows.activity(2)
    rows.track(2, {**sensors, "latitude": [None, 47.0, None], "longitude": [None, 8.0, None]})


def gaps(rows: Rows) -> None:
    """Columns with holes: times, positions, everything of a point."""
    rows.athlete()
    rows.activity(1)
    rows.track(
        1,
        {
            "elapsed_s": [0, None, 1.25, 3600, None],
            "latitude": [47.0, 47.1, None, 47.3, None],
            "longitude": [8.0, 8.1, None, 8.3, None],
            "heartrate_bpm": [None, 300.0, 0.0, 120.5, None],
            "power_w": [-1.0, 70_000.0, None, 0.0, None],
        },
    )
    rows.activity(2)
    rows.track(2, {"elapsed_s": [None] * 3, **line(3)})


def points_lack_an_index(rows: Rows) -> None:
    """A point that another program has deleted."""
    rows.athlete()
    rows.activity(1)
    rows.track(1, line())
    rows.connection.execute(sa.delete(TrackPoint).where(TrackPoint.point_index == 2))


def no_start(rows: Rows) -> None:
    """Nobody knows when; once the points do, and once the activity alone."""
    rows.athlete()
    rows.activity(1, start=None)
    rows.activity(2, start=None)
    rows.track(2, line(), start_time_utc=None)
    rows.activity(3, start=None)
    rows.track(3, line())
    rows.activity(4)
    rows.track(4, line(), start_time_utc=None)


def far_times(rows: Rows) -> None:
    """Clocks before 1970 and 1900, beyond 2038, and at the end of the calendar."""
    rows.athlete()
    moments = [(1969, 12, 31), (1899, 12, 31), (1000, 1, 1), (2106, 2, 7), (9999, 12, 31)]
    for number, moment in enumerate(moments, 1):
        start = datetime(*moment, 23, 59, 58, tzinfo=UTC)
        rows.activity(number, start=start)
        if moment != (9999, 12, 31):  # points would go on in the year 10000
            rows.track(number, line(), start_time_utc=start)


def two_athletes(rows: Rows) -> None:
    """Two people in one database, who did the same at the same time; ids as large as they get."""
    for number in (1, 2**53 - 1):
        rows.athlete(number)
        rows.add(
            Gear,
            gear_id=number % 1000,
            athlete_id=number,
            name="Shoes",
            name_key="shoes",
            source="export",
        )
        rows.activity(number + 1, athlete_id=number, start=START, gear_id=number % 1000)
        rows.track(number + 1, line())


def loose_files(rows: Rows) -> None:
    """Files that Strava has never seen have negative ids."""
    rows.athlete()
    for number in (-1, -(2**53) + 1):
        rows.activity(number)
        rows.track(number, line())


def painful_texts(rows: Rows) -> None:
    """Other people's words, wherever there are some."""
    rows.athlete(first_name=PAINFUL[0], last_name=PAINFUL[2], city=PAINFUL[6])
    for number, words in enumerate(PAINFUL, 1):
        rows.add(
            Gear, gear_id=number, athlete_id=1, name=words, name_key=str(number), source="export"
        )
        rows.activity(
            number,
            name=words,
            description=words,
            sport_type=words,
            gear_id=number,
            device_name=words,
        )
        rows.track(number, line(), file_title=words, device_product=words)
        rows.add(
            Lap, activity_id=number, lap_index=0, name=words, source="file", start_time_utc=START
        )


def vanished(rows: Rows) -> None:
    """An activity that was deleted on Strava, and a private one."""
    rows.athlete()
    rows.activity(1, vanished_at=START)
    rows.track(1, line())
    rows.activity(2, is_private=True)


def nothing_known(rows: Rows) -> None:
    """A row of every table, and NULL wherever that is allowed."""
    _one_row_each(rows, lambda column: None if column.nullable else _value(column))


def everything_known(rows: Rows) -> None:
    """A row of every table, and a value in every column."""
    _one_row_each(rows, _value)


def odd_numbers(rows: Rows) -> None:
    """The same, with zero, infinite, tiny, huge and negative numbers."""
    numbers = iter([0.0, -0.0, math.inf, -math.inf, 1e-300, 1e300, -1.5] * 200)
    _one_row_each(
        rows, lambda column: next(numbers) if isinstance(column.type, sa.Float) else _value(column)
    )


def _one_row_each(rows: Rows, value: Callable[[sa.Column[Any]], Any]) -> None:
    """A row of each table that is not made from others, new tables included."""
    made = {*(mart.table for mart in MARTS), DataDictionary.__table__, Date.__table__}
    for table in Base.metadata.sorted_tables:
        if table not in made:
            row = {column.name: value(column) for column in table.columns}
            rows.connection.execute(sa.insert(table), row)
    # What counts the points of the row above must say so.
    rows.connection.execute(sa.update(Track).values(point_count=1))


def _value(column: sa.Column[Any]) -> Any:
    """A value that a column takes; 1 or 0 for keys, so that they meet."""
    kind = column.type
    if isinstance(kind, sa.Boolean):
        return True
    if isinstance(kind, sa.Integer):
        return 0 if column.name.endswith("_index") else 1
    if isinstance(kind, sa.Float):
        return 1.0
    if isinstance(kind, sa.Date):
        return date(2024, 5, 1)
    if column.name.endswith(("_utc", "_at")):
        return START
    return START.replace(tzinfo=None) if isinstance(kind, sa.DateTime) else "word"


CASES: dict[str, Callable[[Rows], None]] = {
    case.__name__: case
    for case in (
        empty,
        athlete_without_activities,
        imported,
        export_is_gone,
        no_points,
        one_point,
        no_altitude,
        antimeridian,
        treadmill,
        gaps,
        points_lack_an_index,
        no_start,
        far_times,
        two_athletes,
        loose_files,
        painful_texts,
        vanished,
        nothing_known,
        everything_known,
        odd_numbers,
    )
}

#: Case and exporter -> what is said of that which cannot be exported; all others export everything.
REFUSED: Mapping[tuple[str, str], str] = {
    ("export_is_gone", "originals"): "the export is not in",
    ("export_is_gone", "media"): "the export is not in",
    ("points_lack_an_index", "sqlite"): "point_index has gaps",
}
