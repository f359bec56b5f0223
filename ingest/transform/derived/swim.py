"""Computes distance and moving time of a pool swim from its lengths and the device's total."""

from __future__ import annotations

import numpy as np

from ingest.transform.pool_lengths import metres_at
from ingest.transform.records import FloatArray


def agree(swum: FloatArray, elapsed: FloatArray, distance: FloatArray) -> bool:
    """Whether the distance at the end of each length is that many lengths of the pool.

    They do not agree where drills added metres without a length.
    """
    if not len(swum) or not distance[-1] > 0:
        return False
    pool_m = distance[-1] / len(swum)
    # The record of the second in which the wall was reached may still show the metres before it.
    reached = np.interp(swum[:, 1] + 1.0, elapsed, distance)
    return bool((np.abs(reached - pool_m * np.arange(1, len(swum) + 1)) < pool_m).all())


def swim(
    swum: FloatArray, elapsed: FloatArray, distance: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Distance that grows evenly over each length, and moving time up to each point.

    Moving time leaves out the rests between lengths.
    """
    metres = metres_at(elapsed, swum, float(distance[-1]) / len(swum))
    lasting = np.append(0.0, np.cumsum(swum[:, 1] - swum[:, 0]))
    knots = np.column_stack((swum[:, 0], swum[:, 1])).ravel()
    moving: FloatArray = np.interp(
        elapsed, knots, np.column_stack((lasting[:-1], lasting[1:])).ravel()
    )
    return metres - metres[0], moving - moving[0]
