"""Says what is implausible about the altitudes of a course."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from ingest.transform.grade import Pieces
from ingest.transform.records import FloatArray

#: Metres by which a point sticks out on both sides to be a spike, and the way that it may take.
_SPIKE_M: Final = 25.0
_SPIKE_WAY_M: Final = 200.0
#: Grade above which a piece of 100 m is no path.
_TOO_STEEP: Final = 0.6
#: Metres of a step; maps have altitudes of 5, 10 or 20 m, devices of less than 1 m.
_STEP_M: Final = 4.0
#: Share of equal neighbours above which altitudes may be steps.
_LEVEL_SHARE: Final = 0.6
#: How much climb smoothing may take away before it is worth saying.
_NOISY: Final = 1.6
_NOISY_M: Final = 150.0
#: Metres of way without altitudes that are worth saying.
_GAP_M: Final = 500.0


def doubts(distance_m: FloatArray, altitude_m: FloatArray, pieces: Pieces) -> Iterator[str]:
    """Sentences about altitudes that are probably wrong; none if they look right."""
    known = np.isfinite(altitude_m)
    along, height = distance_m[known], altitude_m[known]
    spikes = _spikes(along, height)
    if spikes:
        places = "place" if spikes == 1 else "places"
        yield f"its altitudes jump up or down and back at {spikes:,} {places}; {_TOO_MUCH}"
    steep = float(pieces.length_m[np.abs(pieces.grade) > _TOO_STEEP].sum())
    if steep:
        yield f"{steep:,.0f} m of it are steeper than {_TOO_STEEP:.0%}; {_TOO_MUCH}"
    step = _step(height)
    if step:
        yield f"its altitudes are steps of about {step:,.0f} m, so grades are only roughly known"
    raw = float(np.maximum(np.diff(height), 0.0).sum())
    smooth = float(np.maximum(pieces.rise_m, 0.0).sum())
    if not spikes and raw > smooth * _NOISY and raw > smooth + _NOISY_M:
        yield (
            f"its altitudes add up to {raw:,.0f} m of climb, but to {smooth:,.0f} m once they are "
            "smoothed; the second figure counts"
        )
    gap = float(np.diff(np.concatenate(([distance_m[0]], along, [distance_m[-1]]))).max())
    if gap > _GAP_M and not known.all():
        yield f"it has no altitudes for up to {gap / 1000:,.1f} km; there it is taken as even"


_TOO_MUCH: Final = "its climb, and so the time, is probably too high"


def _spikes(along: FloatArray, height: FloatArray) -> int:
    """How many points stick out from both neighbours."""
    before, after = height[1:-1] - height[:-2], height[1:-1] - height[2:]
    out = np.minimum(np.abs(before), np.abs(after)) > _SPIKE_M
    return int((out & (before * after > 0) & (along[2:] - along[:-2] < _SPIKE_WAY_M)).sum())


def _step(height: FloatArray) -> float | None:
    """The usual change of an altitude that mostly does not change; ``None`` if it is fine."""
    changes = np.abs(np.diff(height))
    real = changes[changes > 0]
    if len(real) < 3 or len(real) > len(changes) * (1 - _LEVEL_SHARE):
        return None
    usual = float(np.median(real))
    return usual if usual >= _STEP_M else None
