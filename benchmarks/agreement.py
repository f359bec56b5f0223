"""Shows how far the figures computed from points are from those that Strava shows.

It reads real account exports and prints a table.

``python -m benchmarks.agreement EXPORT...``. Each export is imported into a database of its own,
which is thrown away. Strava's figures are the columns of its activities.csv; ours are the sums, or
means over moving time, of the kilometres of each activity; ``flat`` is the grade-adjusted distance,
by two curves of pace by grade. Errors are in per cent of Strava's
figure: the median, the one that nine of ten activities stay below, and the share of activities
within 1 %.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from db.engine import make_engine
from db.models import Activity, Split, Track
from db.points import read_points
from ingest.config import make_config
from ingest.reporting.progress import Progress
from ingest.run.pipeline import run
from ingest.transform.derived.course import course_of
from ingest.transform.derived.moving import RUNS
from ingest.transform.grade import PaceFactor, kay_factor, pieces_of, strava_factor

#: Metres of climb below which a climb counts as noise.
_LEAST_CLIMB_M = 20.0

#: Curves of pace by grade, one of which ``ingest.transform.grade`` uses.
_CURVES: Final[Mapping[str, PaceFactor]] = {
    "flat (Strava)": strava_factor,
    "flat (Kay)": kay_factor,
}


class Pair(NamedTuple):
    """One figure of one activity, by Strava and by us."""

    figure: str
    sport: str
    file_format: str
    told: float
    computed: float

    @property
    def error(self) -> float:
        """The difference from Strava's figure, in per cent of it."""
        return abs(self.computed - self.told) / self.told * 100


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "exports", metavar="EXPORT", nargs="+", type=Path, help="a ZIP or an unpacked folder"
    )
    options = parser.parse_args(arguments)
    pairs = [pair for export in options.exports for pair in _pairs_of(export)]
    print("figure         sport               format  activities  median %    90 %  within 1 %")
    for line in lines(pairs):
        print(line)


def lines(pairs: Iterable[Pair]) -> Iterator[str]:
    """One line per figure, sport and format."""
    groups = defaultdict[tuple[str, str, str], list[float]](list)
    for pair in pairs:
        groups[pair.figure, pair.sport, pair.file_format].append(pair.error)
    for (figure, sport, file_format), errors in sorted(groups.items()):
        errors.sort()
        worst = errors[min(len(errors) - 1, int(len(errors) * 0.9))]
        near = sum(error <= 1 for error in errors) / len(errors)
        yield (
            f"{figure:<15}{sport:<20}{file_format:<8}{len(errors):>10}{statistics.median(errors):>10.2f}{worst:>8.2f}{near:>12.0%}"
        )


def _pairs_of(export: Path) -> list[Pair]:
    with tempfile.TemporaryDirectory() as folder:
        database = f"sqlite:///{Path(folder, 'agreement.db').as_posix()}"
        drop = Path(folder, "Strava Export")
        drop.mkdir()
        (drop / export.name).symlink_to(export.resolve())
        run(make_config({}, playground=Path(folder), database=database), Progress())
        engine = make_engine(database)
        with engine.connect() as connection:
            found = list(pairs_in(connection))
        engine.dispose()
    return found


def pairs_in(connection: sa.Connection) -> Iterator[Pair]:
    """The figures of all activities whose points have a distance."""
    flat = _flat_distances(connection)
    for row in connection.execute(_query()).mappings():
        told = {
            "distance": row["distance_m"],
            "moving time": row["moving_time_s"],
            "climb": row["climb_m"] if (row["climb_m"] or 0.0) >= _LEAST_CLIMB_M else None,
            "heart rate": row["heartrate"],
            "cadence": row["cadence"],
            "power": row["power"],
            **dict.fromkeys(_CURVES, row["grade_adjusted_m"]),
        }
        for figure, value in told.items():
            ours = row.get(f"our {figure}", flat.get((figure, row["activity_id"])))
            if value and ours is not None:
                yield Pair(figure, row["sport_type"] or "unknown", row["file_format"], value, ours)


def _flat_distances(connection: sa.Connection) -> dict[tuple[str, int], float]:
    """The grade-adjusted distance of each run that has one of Strava's, by each curve."""
    tracks = connection.execute(
        sa.select(Track.activity_id, Track.point_count)
        .join(Activity, Activity.activity_id == Track.activity_id)
        .where(Activity.grade_adjusted_distance_m > 0, Activity.sport_type.in_(RUNS))
    ).all()
    found = {}
    for points in read_points(connection, tracks):
        course = course_of(points.known_columns(), "Run")
        if course is None or course.distance_m is None or "altitude_m" not in course.sensors:
            continue
        pieces = pieces_of(course.distance_m, course.sensors["altitude_m"])
        if pieces is not None:
            for name, factor in _CURVES.items():
                found[name, points.activity_id] = float(pieces.flat_m(factor)[-1])
    return found


def _query() -> sa.Select[Any]:
    def mean(column: sa.ColumnElement[float]) -> sa.ColumnElement[float]:
        known = sa.case((column.is_not(None), Split.moving_time_s), else_=0.0)
        return sa.func.sum(column * Split.moving_time_s) / sa.func.nullif(sa.func.sum(known), 0.0)

    return (
        sa.select(
            Activity.activity_id,
            Activity.sport_type,
            sa.case((Track.source == "api", "streams"), else_=Track.file_format).label(
                "file_format"
            ),
            Activity.distance_m,
            Activity.moving_time_s,
            Activity.total_elevation_gain_m.label("climb_m"),
            Activity.average_heartrate_bpm.label("heartrate"),
            Activity.average_cadence_rpm.label("cadence"),
            Activity.average_power_w.label("power"),
            Activity.grade_adjusted_distance_m.label("grade_adjusted_m"),
            sa.func.sum(Split.distance_m).label("our distance"),
            sa.func.sum(Split.moving_time_s).label("our moving time"),
            sa.func.sum(Split.total_elevation_gain_m).label("our climb"),
            mean(sa.inspect(Split).local_table.c.average_heartrate_bpm).label("our heart rate"),
            mean(sa.inspect(Split).local_table.c.average_cadence_rpm).label("our cadence"),
            mean(sa.inspect(Split).local_table.c.average_power_w).label("our power"),
        )
        .join(Track, Track.activity_id == Activity.activity_id)
        .join(Split, Split.activity_id == Activity.activity_id)
        .where(Split.source == "computed", Split.unit == "km")
        .group_by(Activity.activity_id, Track.activity_id)
    )


if __name__ == "__main__":
    main()
