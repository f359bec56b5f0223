"""Makes course files: a hill of 3 km, north along a meridian, 150 m up and down again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from xml.sax.saxutils import escape

import numpy as np

from ingest.transform.positions import EARTH_RADIUS_M
from tests.builders import GPX_HEAD, TCX_HEAD, Fit, fit_time, semicircles, tcx_point

LENGTH_M = 3000.0
TOP_M = 150.0
POINTS = 301
_DEGREE_M = EARTH_RADIUS_M * np.pi / 180


def hill() -> Iterator[tuple[float, float, float]]:
    """Latitude, longitude and altitude of its points, 10 m apart."""
    for at in np.linspace(0.0, LENGTH_M, POINTS).tolist():
        height = 400.0 + TOP_M * (1 - abs(at / LENGTH_M * 2 - 1))
        yield 47.0 + at / _DEGREE_M, 8.0, height


def gpx_route(name: str = "Hill", *, with_heights: bool = True) -> bytes:
    """A GPX route."""
    points = _gpx("rtept", with_heights)
    return f"{GPX_HEAD}<rte><name>{escape(name)}</name>{points}</rte></gpx>".encode()


def gpx_track(*, with_heights: bool = True) -> bytes:
    """A GPX track of a planner, whose points have no times."""
    points = _gpx("trkpt", with_heights)
    return (
        f"{GPX_HEAD}<metadata><name>Hill</name></metadata><trk><trkseg>{points}</trkseg></trk></gpx>"
    ).encode()


def _gpx(tag: str, with_heights: bool) -> str:
    return "".join(
        f'<{tag} lat="{lat:.7f}" lon="{lon:.7f}">'
        f"{f'<ele>{height:.1f}</ele>' if with_heights else ''}</{tag}>"
        for lat, lon, height in hill()
    )


def tcx_course() -> bytes:
    """A TCX course."""
    points = "".join(
        tcx_point(None, f"<AltitudeMeters>{height:.1f}</AltitudeMeters>", place=(lat, lon))
        for lat, lon, height in hill()
    )
    course = f"<Course><Name>Hill</Name><Track>{points}</Track></Course>"
    return f"{TCX_HEAD}<Courses>{course}</Courses></TrainingCenterDatabase>".encode()


def fit_course() -> bytes:
    """A FIT course, whose points have no times."""
    began = fit_time(datetime(2024, 5, 1, tzinfo=UTC))
    fit = Fit().define(0, 0, (0, "enum"), (4, "uint32")).add(0, 6, began)
    fit.define(1, 31, (5, "string", 16)).add(1, b"Hill")
    fit.define(2, 20, (0, "sint32"), (1, "sint32"), (2, "uint16"))
    for lat, lon, height in hill():
        fit.add(2, semicircles(lat), semicircles(lon), round((height + 500) * 5))
    return fit.build()
