"""Turns a plan into the facts that JSON and CSV hold, in seconds and metres."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from ingest.course.model.backtest import Backtest
from ingest.course.plan.plan import RacePlan, Row


def facts_of(plan: RacePlan) -> Mapping[str, Any]:
    """The object of ``--json``; docs/json.md tells what the keys mean."""
    low, high = plan.interval_s
    course = plan.course
    return {
        "course": {
            "name": course.name,
            "distance_m": round(course.length_m, 1),
            "climb_m": round(course.climb_m, 1),
            "descent_m": round(course.descent_m, 1),
            "flat_m": round(plan.flat_m, 1),
        },
        "total_s": round(plan.total_s, 1),
        "interval_s": [round(low, 1), round(high, 1)] if plan.is_predicted else None,
        "predicted_s": round(plan.predicted_s, 1) if plan.is_predicted else None,
        "goal_s": plan.wish.goal_s,
        "stops_s": plan.stops_s,
        "kilometres": kilometres(plan),
        "notes": [*course.notes, *plan.prediction.notes],
    }


def kilometres(plan: RacePlan) -> Sequence[Mapping[str, Any]]:
    """The kilometres; the last one may be shorter."""
    return [
        {"kilometre": number, **_kilometre(plan, row), **_place(plan.course.place_at(row.end_m))}
        for number, row in enumerate(plan.rows(), start=1)
    ]


def _kilometre(plan: RacePlan, row: Row) -> Mapping[str, Any]:
    part, arrival = row.part, plan.at(row.elapsed_s)
    return {
        "end_m": round(row.end_m, 1),
        "distance_m": round(part.distance_m, 1),
        "climb_m": round(part.climb_m, 1),
        "descent_m": round(part.descent_m, 1),
        "flat_m": round(part.flat_m, 1),
        "time_s": round(part.time_s, 1),
        "pace_s_per_km": round(part.pace_min_per_km * 60, 1),
        "stop_s": row.stop_s,
        "elapsed_s": round(row.elapsed_s, 1),
        "clock": None if arrival is None else f"{arrival:%H:%M:%S}",
    }


def _place(place: tuple[float, float] | None) -> Mapping[str, float | None]:
    latitude, longitude = (None, None) if place is None else (round(one, 6) for one in place)
    return {"latitude": latitude, "longitude": longitude}


def record_facts(record: Backtest) -> Mapping[str, Any]:
    """How well past races were predicted; errors are fractions."""
    return {
        "races": record.races,
        "median_error": _rounded(record.median_error),
        "p90_error": _rounded(record.p90_error),
        "coverage": None if record.coverage is None else round(record.coverage, 4),
    }


def backtest_facts(record: Backtest) -> Mapping[str, Any]:
    """The object of ``--backtest --json``."""
    rows = [
        {
            "activity_id": race.activity_id,
            "date": race.day.isoformat(),
            "distance_m": round(race.distance_m, 1),
            "climb_m": round(race.climb_m, 1),
            "time_s": round(race.time_s, 1),
            "predicted_s": {name: round(one, 1) for name, one in race.predicted_s.items()},
            "interval_s": [round(bound, 1) for bound in race.interval_s],
        }
        for race in record.rows
    ]
    return {**record_facts(record), "wins": dict(record.wins), "rows": rows}


def _rounded(errors: Mapping[str, float | None]) -> Mapping[str, float | None]:
    return {name: None if one is None else round(one, 4) for name, one in errors.items()}


def csv_text(plan: RacePlan) -> str:
    """The kilometres as CSV, with a header."""
    rows = kilometres(plan)
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
