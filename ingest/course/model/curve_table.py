"""Writes the curve of a prediction into ``pace_model``, where BI tools can chart it.

It is not refilled with the marts, since it takes the points of years of runs.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import sqlalchemy as sa

from db.bulk import insert_rows
from db.models import GradePace
from ingest.config import Config
from ingest.course.model.grade_curve import SUPPORTED
from ingest.course.model.pace_model import PaceModel
from ingest.errors import AbortRun
from ingest.run.database import database_errors, open_database
from ingest.transform.grade import strava_factor

_PLACES: Final = 4


def keep_curve(config: Config, athlete_id: int, model: PaceModel) -> bool:
    """Replace the athlete's curve of the sport; returns whether it could be written.

    It cannot while a run writes, or in a database that may only be read. A prediction is none the
    worse for it.
    """
    try:
        with (
            database_errors(),
            open_database(config) as (engine, lock),
            lock.athletes(athlete_id),
            engine.begin() as connection,
        ):
            write_curve(connection, athlete_id, model)
    except AbortRun:
        return False
    return True


def write_curve(connection: sa.Connection, athlete_id: int, model: PaceModel) -> None:
    """Replace the athlete's curve of the sport."""
    own = sa.delete(GradePace).where(GradePace.athlete_id == athlete_id)
    connection.execute(own.where(GradePace.sport_type == model.sport))
    columns = (
        100.0 * SUPPORTED,
        model.curve.factor(SUPPORTED),
        strava_factor(SUPPORTED),
        model.curve.support_m / 1000.0,
    )
    rows = [
        {
            "athlete_id": athlete_id,
            "sport_type": model.sport,
            "grade_pct": round(grade),
            "factor": round(factor, _PLACES),
            "prior_factor": round(prior, _PLACES),
            "support_km": round(support, _PLACES),
            "as_of": model.as_of,
        }
        for grade, factor, prior, support in np.column_stack(columns).tolist()
    ]
    insert_rows(connection, GradePace, rows)
