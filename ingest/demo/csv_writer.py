"""Writes the lines of activities.csv (103 columns, as since April 2026)."""

from __future__ import annotations

from typing import Final

import numpy as np

from ingest.demo.athlete import Plan
from ingest.demo.csv_text import Cell, csv_line, us_date
from ingest.demo.kinds import WEIGHT_KG
from ingest.demo.totals import (
    calories,
    grade_adjusted_m,
    relative_effort,
    session_totals,
    weighted_power,
)
from ingest.demo.track import DemoTrack
from ingest.demo.weather import weather_cells

HEADER: Final = (
    "Activity ID,Activity Date,Activity Name,Activity Type,Activity Description,Elapsed "
    "Time,Distance,Max Heart Rate,Relative Effort,Commute,Activity Private Note,Activity "
    "Gear,Filename,Athlete Weight,Bike Weight,Elapsed Time,Moving Time,Distance,Max Speed,Average "
    "Speed,Elevation Gain,Elevation Loss,Elevation Low,Elevation High,Max Grade,Average "
    "Grade,Average Positive Grade,Average Negative Grade,Max Cadence,Average Cadence,Max Heart "
    "Rate,Average Heart Rate,Max Watts,Average Watts,Calories,Max Temperature,Average "
    "Temperature,Relative Effort,Total Work,Number of Runs,Uphill Time,Downhill Time,Other "
    "Time,Perceived Exertion,Type,Start Time,Weighted Average Power,Power Count,Prefer Perceived "
    "Exertion,Perceived Relative Effort,Commute,Total Weight Lifted,From Upload,Grade Adjusted "
    "Distance,Weather Observation Time,Weather Condition,Weather Temperature,Apparent "
    "Temperature,Dewpoint,Humidity,Weather Pressure,Wind Speed,Wind Gust,Wind "
    "Bearing,Precipitation Intensity,Sunrise Time,Sunset Time,Moon Phase,Bike,Gear,Precipitation "
    "Probability,Precipitation Type,Cloud Cover,Weather Visibility,UV Index,Weather Ozone,Jump "
    "Count,Total Grit,Average Flow,Flagged,Average Elapsed Speed,Dirt Distance,Newly Explored "
    "Distance,Newly Explored Dirt Distance,Activity Count,Total Steps,Carbon Saved,Pool "
    "Length,Training Load,Intensity,Average Grade Adjusted Pace,Timer Time,Total "
    "Cycles,Recovery,With Pet,Competition,Long Run,For a Cause,With Kid,Downhill Distance,Total "
    "Sets,Total Reps,Media"
)
#: Column labels. Five occur twice: first the words of the web page, then the value.
_LABELS: Final = HEADER.split(",")
_COLUMNS: Final = [
    f"{label} 2" if label in _LABELS[:n] else label for n, label in enumerate(_LABELS)
]
_STEP_SPORTS: Final = ("Run", "Walk", "Hike")


def activity_line(plan: Plan, track: DemoTrack | None, filename: str | None) -> str:
    """One line; ``filename`` is what the column says, whatever the plan had in mind."""
    cells = _about(plan, filename) | (_by_hand(plan) if track is None else _measured(plan, track))
    if plan.has_weather:
        cells |= weather_cells(plan)
    unknown = cells.keys() - set(_COLUMNS)
    if unknown:
        raise KeyError(f"no such columns: {sorted(unknown)}")
    return csv_line([cells.get(column) for column in _COLUMNS])


def _about(plan: Plan, filename: str | None) -> dict[str, Cell]:
    """What the athlete says, and what follows from the kind of activity."""
    gear, commute = plan.gear, plan.kind.key == "commute"
    return {
        "Activity ID": plan.activity_id,
        "Activity Date": us_date(plan.start),
        "Activity Name": plan.name,
        "Activity Type": plan.kind.sport,
        "Activity Description": plan.description,
        "Commute": "true" if commute else "false",
        "Commute 2": float(commute),
        "Activity Private Note": plan.note,
        "Activity Gear": gear.label if gear else None,
        "Filename": filename,
        "Athlete Weight": WEIGHT_KG,
        "Bike Weight": 8.6 if gear and gear.is_bike else None,
        "Bike": float(gear.number) if gear and gear.is_bike else None,
        "Gear": float(gear.number) if gear and not gear.is_bike else None,
        "Perceived Exertion": float(1 + plan.noise % 9) if plan.noise % 7 == 0 else None,
        "Prefer Perceived Exertion": 0.0,
        "Flagged": 0.0,
        "Recovery": float(plan.name == "Recovery jog"),
        "With Pet": float("dog" in plan.name),
        "Competition": float(plan.kind.key == "race"),
        "Long Run": float(plan.kind.key == "long"),
        "For a Cause": 0.0,
        "With Kid": 0.0,
        "Media": "|".join(plan.media) or None,
    }


def _by_hand(plan: Plan) -> dict[str, Cell]:
    """Cells of an activity that no device recorded: a duration, and little else."""
    seconds, metres = plan.duration_s, 0.0
    if plan.kind.has_file:  # recorded in a format that the caller does not want
        seconds, metres = round(plan.distance_m / plan.speed_mps), plan.distance_m
    return {
        "Elapsed Time": seconds,
        "Elapsed Time 2": float(seconds),
        "Moving Time": float(seconds),
        "Distance": _shown(plan.kind.sport, metres),
        "Distance 2": metres,
        "Max Speed": 0.0,
        "Average Speed": round(metres / seconds, 3),
        "Elevation Gain": 0.0,
        "Calories": round(calories(60 + 130 * plan.kind.intensity, seconds)),
        "From Upload": 0.0,
    }


def _measured(plan: Plan, track: DemoTrack) -> dict[str, Cell]:
    total = session_totals(track)
    load = relative_effort(total.average_heartrate_bpm, total.timer_s)
    cells: dict[str, Cell] = {
        "Elapsed Time": total.elapsed_s,
        "Elapsed Time 2": float(total.elapsed_s),
        "Moving Time": float(total.timer_s),
        "Distance": _shown(plan.kind.sport, total.distance_m),
        "Distance 2": round(total.distance_m, 1),
        "Max Speed": round(total.max_speed_mps, 3),
        "Average Speed": round(total.average_speed_mps, 3),
        "Average Elapsed Speed": round(total.distance_m / max(total.elapsed_s, 1), 3),
        "Max Heart Rate": total.max_heartrate_bpm,
        "Max Heart Rate 2": total.max_heartrate_bpm,
        "Average Heart Rate": round(total.average_heartrate_bpm, 1),
        "Max Cadence": total.max_cadence_rpm,
        "Average Cadence": round(total.average_cadence_rpm, 1),
        "Calories": round(total.calories_kcal),
        "Relative Effort": load,
        "Relative Effort 2": float(load),
        "From Upload": 1.0,
        "Pool Length": track.pool_length_m,
    }
    if track.temperature_c is not None:
        cells["Average Temperature"] = round(float(track.temperature_c.mean()), 1)
    if plan.kind.sport in _STEP_SPORTS:
        cells["Total Steps"] = float(round(total.average_cadence_rpm * 2 * total.timer_s / 60))
    if track.lengths:
        cells["Total Cycles"] = float(sum(length.strokes for length in track.lengths))
    if plan.kind.key == "commute":
        cells["Carbon Saved"] = round(total.distance_m / 1000 * 0.19, 2)
    return cells | _heights(plan, track) | _work(plan, track)


def _heights(plan: Plan, track: DemoTrack) -> dict[str, Cell]:
    if track.altitude_m is None or track.grade is None:
        return {"Elevation Gain": 0.0}
    total, height = session_totals(track), track.altitude_m
    flat = grade_adjusted_m(track.distance_m, track.grade)
    cells: dict[str, Cell] = {
        "Elevation Gain": round(total.gain_m, 1),
        "Elevation Loss": round(total.loss_m, 1),
        "Elevation Low": round(float(height.min()), 1),
        "Elevation High": round(float(height.max()), 1),
        "Max Grade": round(100 * float(track.grade.max()), 1),
        "Average Grade": round(100 * float(height[-1] - height[0]) / max(total.distance_m, 1), 3),
    }
    if plan.kind.sport in _STEP_SPORTS:
        cells["Grade Adjusted Distance"] = round(flat, 1)
        cells["Average Grade Adjusted Pace"] = round(flat / max(total.timer_s, 1), 3)
    if plan.kind.hilliness > 1:
        cells["Dirt Distance"] = round(
            total.distance_m * (0.8 if plan.kind.sport in _STEP_SPORTS else 0.15), 1
        )
    return cells


def _work(plan: Plan, track: DemoTrack) -> dict[str, Cell]:
    """Power and what Strava computes of it."""
    if track.power_w is None:
        return {}
    total, weighted = session_totals(track), weighted_power(track.power_w)
    share = weighted / plan.ftp_w
    return {
        "Average Watts": round(float(np.mean(track.power_w)), 1),
        "Weighted Average Power": float(round(weighted)),
        "Power Count": float(track.count),
        "Total Work": float(round(float(track.power_w.sum()))),
        "Training Load": float(round(share**2 * total.timer_s / 36)),
        "Intensity": float(round(100 * share)),
    }


def _shown(sport: str, metres: float) -> str:
    """The first ``Distance``, which is for people: kilometres, but metres in the water."""
    if not metres:
        return "0"
    return f"{metres:,.0f}" if sport in ("Swim", "Rowing") else f"{metres / 1000:.2f}"
