"""Says in words what a plan and its record are, for the terminal and for pages alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from exporters.report.units import Units, duration, number, pace
from ingest.course.model.backtest import Backtest
from ingest.course.plan.plan import RacePlan

#: Races below which a record says little.
_FEW_RACES: Final = 5
#: Key of an error -> its words.
_NAMES: Final = {
    "model": "model",
    "mean_pace": "mean pace",
    "riegel_flat": "Riegel",
    "riegel_prior": "Riegel with climb",
    "naismith": "Naismith",
}


def clock_text(plan: RacePlan, elapsed_s: float) -> str:
    """The time of day then, with the days since the start if there are any."""
    at, begin = plan.at(elapsed_s), plan.at(0.0)
    if at is None or begin is None:
        return ""
    days = (at.date() - begin.date()).days
    return f"{at:%H:%M}" + (f" +{days} d" if days else "")


def header(plan: RacePlan, units: Units) -> Sequence[str]:
    """The heads of the table's columns."""
    distance, height = units.distance, units.height
    last = ("clock",) if plan.wish.start is not None else ()
    stop = ("stop",) if plan.wish.stops else ()
    columns = (distance, f"climb {height}", f"flat {distance}", f"min/{distance}")
    return (*columns, *stop, "time", *last)


def plan_table(plan: RacePlan, units: Units) -> Iterator[Sequence[str]]:
    """The rows of the table."""
    for row in plan.rows(units.metres):
        part = row.part
        end = row.end_m / units.metres
        cells = [
            number(end) if abs(end - round(end)) < 0.005 else number(end, 2),
            number(units.from_m(part.climb_m)),
            number(part.flat_m / units.metres, 2),
            pace(units.pace(part.distance_m, part.time_s)),
        ]
        if plan.wish.stops:
            cells.append(duration(row.stop_s) if row.stop_s else "")
        cells.append(duration(row.elapsed_s))
        if plan.wish.start is not None:
            cells.append(clock_text(plan, row.elapsed_s))
        yield cells


def aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """The lines of a table, each column as wide as its longest cell and aligned on the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))


def course_line(plan: RacePlan, units: Units) -> str:
    """Name, length and climb of the course."""
    course = plan.course
    return (
        f"{course.name}: {number(course.length_m / units.metres, 1)} {units.distance}, "
        f"{number(units.from_m(course.climb_m))} {units.height} up, "
        f"{number(units.from_m(course.descent_m))} {units.height} down; costs as much as "
        f"{number(plan.flat_m / units.metres, 1)} {units.distance} on flat ground"
    )


def total_line(plan: RacePlan) -> str:
    """The total, its interval, and what the goal means."""
    low, high = (duration(seconds) for seconds in plan.interval_s)
    stops = f", {duration(plan.stops_s)} of them stops" if plan.stops_s else ""
    between = f"four times of five between {low} and {high}"
    if plan.wish.goal_s is None:
        return f"{duration(plan.total_s)}{stops}; {between}"
    if not plan.is_predicted:
        return f"{duration(plan.total_s)}{stops}, with even effort"
    apart = plan.predicted_s - plan.total_s
    word = "faster" if apart >= 0 else "slower"
    return (
        f"{duration(plan.total_s)}{stops}, with even effort: {duration(abs(apart))} {word} than "
        f"predicted ({duration(plan.predicted_s)}; {between})"
    )


def record_line(record: Backtest) -> str:
    """By how much the model and others missed the races of the past."""
    if not record.races:
        return "There is no race yet to compare predictions with."
    races = "race" if record.races == 1 else f"{record.races:,} races"
    errors = ", ".join(
        f"{'this ' if name == 'model' else ''}{name_of(name)} {share * 100:.1f} %"
        for name, share in record.median_error.items()
        if share is not None
    )
    few = "" if record.races >= _FEW_RACES else "; so few races tell little"
    return f"Your last {races}: {errors} (median error){few}."


def name_of(model: str) -> str:
    """The words for a model or baseline."""
    return _NAMES.get(model, model.replace("_", " "))


def backtest_table(record: Backtest, units: Units) -> Iterator[Sequence[str]]:
    """A row for each race: its day, length and climb, its time, and by how much each missed it."""
    names = list(record.median_error)
    heads = ("day", units.distance, f"climb {units.height}", "time", *map(name_of, names))
    yield (*heads, "in interval")
    for race in record.rows:
        yield (
            race.day.isoformat(),
            number(race.distance_m / units.metres, 1),
            number(units.from_m(race.climb_m)),
            duration(race.time_s),
            *(f"{race.predicted_s[name] / race.time_s - 1:+.1%}" for name in names),
            "yes" if race.is_inside else "no",
        )


def backtest_lines(record: Backtest) -> Iterator[str]:
    """The errors of all races together."""
    yield record_line(record)
    if not record.races or record.coverage is None:
        return
    worst = ", ".join(
        f"{name_of(name)} {share * 100:.1f} %"
        for name, share in record.p90_error.items()
        if share is not None
    )
    yield f"Nine races of ten: {worst}, or less."
    yield f"The 80 % interval held {record.coverage:.0%} of the races."
    for name, wins in record.wins.items():
        yield f"Nearer than {name_of(name)}: {wins} of {record.races}."


def sentence(note: str) -> str:
    """A note as a sentence."""
    return f"{note[:1].upper()}{note[1:].rstrip('.')}."
